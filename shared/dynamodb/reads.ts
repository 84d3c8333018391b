// Single reads, and the run of them that one number can stand for.

/** How far everything is read without a gap, and which single reads that number covers. */
export function foldReads(
  readSeq: number,
  readSeqs: ReadonlySet<number>,
): { readonly readSeq: number; readonly covered: ReadonlySet<number> } {
  let reached = readSeq;
  while (readSeqs.has(reached + 1)) reached += 1;
  return { readSeq: reached, covered: new Set([...readSeqs].filter((seq) => seq <= reached)) };
}
