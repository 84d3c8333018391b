// Frames counted for each connection: the first few by this instance alone, so that only a busy connection costs a write.
import type { FrameMeter, RateCounter } from '../ports.ts';
import { frameLimits } from '../protocol/limits.ts';

/**
 * An instance of a function counts the first `uncountedMax` frames of a connection and window in its memory, and returns
 * that count; each further one it counts with `rates`, and returns what those of all instances come to, and its own first
 * ones. The first ones of other instances are not in it: the count is short by `uncountedMax` for each of them.
 */
export function frameMeter(rates: RateCounter): FrameMeter {
  const { windowMs, uncountedMax } = frameLimits;
  const counts = new Map<string, number>();
  let windowStartMs = 0;
  return {
    count: async (connectionId, nowMs) => {
      const startMs = nowMs - (nowMs % windowMs);
      // What other windows held is of no use any more, so this never holds more than the connections of one window.
      if (startMs !== windowStartMs) counts.clear();
      windowStartMs = startMs;
      const own = (counts.get(connectionId) ?? 0) + 1;
      if (own > uncountedMax) return uncountedMax + (await rates.count(`frames/${connectionId}`, windowMs, nowMs));
      counts.set(connectionId, own);
      return own;
    },
  };
}
