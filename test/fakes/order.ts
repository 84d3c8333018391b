// The order in which DynamoDB keeps text keys: by their UTF-8 bytes.

export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The first `limit` of what is in order after `after`, and the last one's name when there are more. */
export function pageAfter<Item>(
  items: Iterable<Item>,
  nameOf: (item: Item) => string,
  after: string | null,
  limit: number,
): { readonly items: readonly Item[]; readonly next: string | null } {
  const rest = [...items]
    .sort((a, b) => byBytes(nameOf(a), nameOf(b)))
    .filter((item) => after === null || byBytes(nameOf(item), after) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return { items: page, next: rest.length > limit && last !== undefined ? nameOf(last) : null };
}
