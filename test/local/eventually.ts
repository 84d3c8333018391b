// Waits until something holds, with the patience that a busy machine needs.
import { expect } from 'vitest';

/** As `expect.poll`: the assertion that follows is awaited until it holds. */
export function eventually<T>(probe: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> {
  return expect.poll(probe, { timeout: 20_000, interval: 10 });
}
