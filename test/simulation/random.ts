// A seeded source of chance: the same seed gives the same run.

export interface Random {
  /** A number from 0 up to, but not including, 1. */
  readonly next: () => number;
  /** True in this share of all cases; `chance(0)` is never true. */
  chance(share: number): boolean;
  /** A whole number between the two, both included. */
  int(from: number, to: number): number;
  /** One of the items, each as likely as the others. */
  pick<Item>(items: readonly Item[]): Item;
  /** How long until something happens that happens on average once in `mean`; a whole number. */
  exponential(mean: number): number;
  /** A source of its own, so that what one part of a run draws does not shift what another one gets. */
  fork(name: string): Random;
}

/** mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    chance: (share) => next() < share,
    int,
    pick: (items) => {
      const [picked] = items.slice(int(0, items.length - 1));
      if (picked === undefined) throw new Error('there is nothing to pick from');
      return picked;
    },
    exponential: (mean) => Math.round(-mean * Math.log(1 - next())),
    fork: (name) => randomFrom(hashOf(name, seed)),
  };
}

/** FNV-1a over the name, from the seed on. */
function hashOf(name: string, seed: number): number {
  let hash = (0x811c9dc5 ^ Math.imul(seed + 1, 0x9e3779b1)) >>> 0;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
