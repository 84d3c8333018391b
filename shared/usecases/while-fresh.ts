// A broadcast is tried again only while it is worth sending.
import type { Broadcast } from '../domain/broadcast.ts';
import { whyTooLate } from '../domain/broadcast.ts';
import type { Clock } from '../ports.ts';
import type { GoOn } from './fan-out-ports.ts';

/** Says no near the deadline, when the broadcast has expired, and for an ephemeral one when its five seconds are over. */
export function whileFresh(ports: { readonly clock: Clock }, broadcast: Broadcast, goOn: GoOn): GoOn {
  return () => goOn() && whyTooLate(broadcast, ports.clock.nowMs()) === null;
}
