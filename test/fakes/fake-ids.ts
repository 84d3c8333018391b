// Ids that count up.
import type { Ids } from '../../shared/ports.ts';

/** As long as a ULID, and in the same order as their times; those of one moment in the order of their making. */
export function fakeIds(): Ids {
  let made = 0;
  return {
    broadcastId: (nowMs) => {
      made += 1;
      return String(nowMs).padStart(13, '0') + String(made).padStart(13, '0');
    },
  };
}
