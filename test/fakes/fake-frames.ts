// Frames counted in memory, each of them.
import type { FrameMeter } from '../../shared/ports.ts';
import { frameLimits } from '../../shared/protocol/limits.ts';
import { fakeRates } from './fake-guards.ts';

export function fakeFrames(): FrameMeter {
  const rates = fakeRates();
  return { count: async (connectionId, nowMs) => rates.count(connectionId, frameLimits.windowMs, nowMs) };
}
