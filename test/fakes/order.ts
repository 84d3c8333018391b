// The order in which DynamoDB keeps text keys, and a map that keeps its entries in it.

const beyondAscii = /[^ -~]/;

/** By their UTF-8 bytes; for plain ASCII that is the order that JavaScript has, and finds much faster. */
export function byBytes(a: string, b: string): number {
  if (beyondAscii.test(a) || beyondAscii.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A map whose entries are read in order of their keys, a page at a time. */
export interface OrderedMap<Value> {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
  readonly delete: (key: string) => void;
  /** Up to `limit` entries after one key, and up to and including another; `next` is the last key when there are more. */
  readonly page: (
    after: string | null,
    through: string | null,
    limit: number,
  ) => { readonly items: readonly Value[]; readonly next: string | null };
}

export function orderedMap<Value>(): OrderedMap<Value> {
  const values = new Map<string, Value>();
  const keys: string[] = [];
  return {
    get: (key) => values.get(key),
    set: (key, value) => {
      if (!values.has(key)) keys.splice(countBefore(keys, key), 0, key);
      values.set(key, value);
    },
    delete: (key) => {
      if (values.delete(key)) keys.splice(countBefore(keys, key), 1);
    },
    page: (after, through, limit) => {
      const from = after === null ? 0 : countBefore(keys, after) + (values.has(after) ? 1 : 0);
      const to = through === null ? keys.length : countBefore(keys, through) + (values.has(through) ? 1 : 0);
      const found = keys.slice(from, Math.min(to, from + limit));
      const items = found.map((key) => values.get(key)).filter((value) => value !== undefined);
      return { items, next: to - from > limit ? (found.at(-1) ?? null) : null };
    },
  };
}

/** How many of the sorted keys come before this one: where it is, or where it would be. */
function countBefore(keys: readonly string[], key: string): number {
  let from = 0;
  let to = keys.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (byBytes(keys[middle] ?? '', key) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
