// A client has handed everything up to a position to its app: the user's cursor moves there, and never back.
import type { TopicPosition } from '../domain/log.ts';
import type { LogStore } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';
import type { StandingPorts } from './standing-cursors.ts';
import { standingCursors } from './standing-cursors.ts';

/** Whose cursor it is. */
export interface Person {
  readonly tenant: string;
  readonly user: string;
}

export async function acknowledge(
  ports: StandingPorts,
  { tenant, user }: Person,
  position: TopicPosition,
): Promise<void> {
  const { topic, epoch, seq } = position;
  await mustExist(ports, tenant, position, 'seq');
  const move = async (): Promise<'advanced' | 'unchanged' | 'elsewhere'> =>
    ports.cursors.acknowledge(tenant, { topic, user }, { epoch, seq }, ports.clock.nowMs());
  if ((await move()) !== 'elsewhere') return;
  // The log is in this epoch, so it is the cursor that has not come there yet.
  await standingCursors(ports, tenant, user, [topic]);
  await move();
}

/**
 * A cursor beyond the end of its log would hide what is published next, so no client can move it there. Another epoch
 * is a client's memory of a log that no longer is; it learns the new one from `reset`.
 *
 * @param field the field of the frame that holds the position's `seq`.
 */
export async function mustExist(
  ports: { readonly logs: LogStore },
  tenant: string,
  position: TopicPosition,
  field: string,
): Promise<void> {
  const head = await ports.logs.head(tenant, position.topic, position.seq);
  if (position.epoch !== head.epoch) {
    throw new Failure('invalid_field', {
      message: 'this epoch of the topic is over',
      field: 'epoch',
      remedy:
        'Ask for what you lack from your position (resume, or GET /api/inbox), and go on from the one that reset brings.',
    });
  }
  if (position.seq > head.seq) {
    throw new Failure('invalid_field', {
      message: `${field} ${String(position.seq)} is beyond the end of the log, which is ${String(head.seq)}`,
      field,
      remedy: 'Send the seq of a notification that arrived.',
    });
  }
}
