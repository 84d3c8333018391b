// What every meter of frames must do; one alone misses none.
import { expect, it } from 'vitest';
import type { FrameMeter } from '../../shared/ports.ts';
import { frameLimits } from '../../shared/protocol/limits.ts';
import { unique } from '../builders/unique.ts';

const nowMs = Date.UTC(2026, 10, 21, 9);

export function frameMeterContract(make: () => FrameMeter): void {
  it('counts the frames of a connection, also beyond those that are let through', async () => {
    const frames = make();
    const connectionId = unique('connection');
    const counts: number[] = [];
    for (let sent = 0; sent <= frameLimits.framesMax; sent += 1) counts.push(await frames.count(connectionId, nowMs));
    expect(counts).toEqual(Array.from({ length: frameLimits.framesMax + 1 }, (_, index) => index + 1));
  });

  it('begins again in the next window, and keeps connections apart', async () => {
    const frames = make();
    const [one, other] = [unique('connection'), unique('connection')];
    for (let sent = 0; sent < 9; sent += 1) await frames.count(one, nowMs);
    expect(await frames.count(other, nowMs)).toBe(1);
    expect(await frames.count(one, nowMs + frameLimits.windowMs - 1)).toBe(10);
    expect(await frames.count(one, nowMs + frameLimits.windowMs)).toBe(1);
  });

  it('counts every one of many at once', async () => {
    const frames = make();
    const connectionId = unique('connection');
    const counts = await Promise.all(Array.from({ length: 20 }, async () => frames.count(connectionId, nowMs)));
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
}
