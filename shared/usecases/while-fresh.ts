// An ephemeral broadcast is tried again only while it is fresh.
import type { Broadcast } from '../domain/broadcast.ts';
import { isTooLate } from '../domain/broadcast.ts';
import type { Clock } from '../ports.ts';
import type { GoOn } from './fan-out-ports.ts';

/** Says no near the deadline, and for an ephemeral broadcast when its five seconds are over. */
export function whileFresh(ports: { readonly clock: Clock }, broadcast: Broadcast, goOn: GoOn): GoOn {
  return () => goOn() && !isTooLate(broadcast, ports.clock.nowMs());
}
