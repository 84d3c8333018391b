// A client names the events that it wants, or wants no longer.
import type { KnownConnection } from '../domain/connection.ts';
import { selectedFrame } from '../domain/frames.ts';
import { Failure } from '../protocol/failures.ts';
import { nameLimits, requestLimits } from '../protocol/limits.ts';
import type { EventSelection } from '../ports.ts';
import type { GoOn } from './fan-out-ports.ts';
import { postFrame } from './post-frame.ts';
import type { SendMissedPorts } from './send-missed.ts';
import { sendUnpushed } from './send-unpushed.ts';
import { standingCursors } from './standing-cursors.ts';

/** With its first selection a client gets what was missed of those events; what it did not select then is passed over. */
export async function selectEvents(
  ports: SendMissedPorts,
  connection: KnownConnection,
  change: EventSelection,
  replyTo: string | undefined,
  goOn: GoOn,
): Promise<void> {
  refuseExcess(connection, change);
  const events = await ports.connections.selectEvents(connection, change);
  await postFrame(ports, connection, selectedFrame(events, ports.clock.nowMs(), replyTo), goOn);
  if (connection.events !== undefined || events.length === 0) return;
  const { tenant, user, topics } = connection;
  const standings = await standingCursors(ports, tenant, user, topics);
  await sendUnpushed(ports, { ...connection, events }, standings, goOn);
}

function refuseExcess({ events = [] }: KnownConnection, { add }: EventSelection): void {
  const tooLong = add.find((event) => event.length === 0 || event.length > nameLimits.eventCharactersMax);
  if (tooLong !== undefined) {
    throw new Failure('invalid_field', {
      message: `an event has ${String(tooLong.length)} characters; it must have 1 to ${String(nameLimits.eventCharactersMax)}`,
      field: 'events',
      remedy: 'Send names of events, such as lead_update.',
    });
  }
  if (new Set([...events, ...add]).size <= requestLimits.selectedEventsMax) return;
  throw new Failure('invalid_field', {
    message: `these are more than ${String(requestLimits.selectedEventsMax)} events`,
    field: 'events',
    remedy: 'Select fewer events.',
  });
}
