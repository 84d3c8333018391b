// What every maker of ids must do.
import { expect, it } from 'vitest';
import type { Ids } from '../../shared/ports.ts';

export function idsContract(make: () => Ids): void {
  it('makes ids of 26 characters that sort by time', () => {
    const ids = make();
    const times = [0, 1, 999, Date.UTC(2026, 10, 21), Date.UTC(2026, 10, 21) + 1, Date.UTC(2090, 0, 1)];
    const made = times.map((nowMs) => ids.broadcastId(nowMs));
    expect([...made].sort()).toEqual(made);
    for (const id of made) expect(id).toMatch(/^[0-9A-Z]{26}$/);
  });

  it('makes different ids in one moment', () => {
    const ids = make();
    const made = Array.from({ length: 1_000 }, () => ids.broadcastId(1));
    expect(new Set(made).size).toBe(1_000);
  });
}
