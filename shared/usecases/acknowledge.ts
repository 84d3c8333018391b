// A client has handed everything up to a position to its app: the user's cursor moves there, and never back.
import type { KnownConnection } from '../domain/connection.ts';
import type { TopicPosition } from '../domain/frames.ts';
import type { CursorStore, LogStore } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';

export interface AcknowledgePorts {
  readonly cursors: CursorStore;
  readonly logs: LogStore;
}

export async function acknowledge(
  ports: AcknowledgePorts,
  connection: KnownConnection,
  position: TopicPosition,
): Promise<void> {
  const { topic, epoch, seq } = position;
  await mustExist(ports, connection.tenant, position, 'seq');
  await ports.cursors.acknowledge(connection.tenant, { topic, user: connection.user }, { epoch, seq });
}

/**
 * A cursor beyond the end of its log would hide what is published next, so no client can move it there. Another epoch
 * is a client's memory of a log that no longer is; it learns the new one from `connected` and `resumed`.
 *
 * @param field the field of the frame that holds the position's `seq`.
 */
export async function mustExist(
  ports: AcknowledgePorts,
  tenant: string,
  position: TopicPosition,
  field: string,
): Promise<void> {
  const head = await ports.logs.head(tenant, position.topic, position.seq);
  if (position.epoch !== head.epoch) {
    throw new Failure('invalid_field', {
      message: 'this epoch of the topic is over',
      field: 'epoch',
      remedy: 'Send resume, and go on from the positions that resumed brings.',
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
