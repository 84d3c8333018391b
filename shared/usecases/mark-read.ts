// A person has read notifications: marked on the user's cursor, for all devices.
import type { KnownConnection } from '../domain/connection.ts';
import type { Topic } from '../domain/topic.ts';
import { Failure } from '../protocol/failures.ts';
import type { AcknowledgePorts } from './acknowledge.ts';
import { mustExist } from './acknowledge.ts';

export interface ReadRequest {
  readonly topic: Topic;
  readonly epoch: string;
  readonly upToSeq: number;
  readonly seqs: readonly number[];
}

export async function markRead(ports: AcknowledgePorts, connection: KnownConnection, read: ReadRequest): Promise<void> {
  const { topic, epoch, upToSeq, seqs } = read;
  if (upToSeq === 0 && seqs.length === 0) {
    throw new Failure('missing_field', {
      message: 'the frame names nothing that was read',
      field: 'upToSeq',
      remedy: 'Send upToSeq, or seqs with at least one number.',
    });
  }
  const furthest = Math.max(upToSeq, ...seqs);
  const field = furthest === upToSeq ? 'upToSeq' : 'seqs';
  await mustExist(ports, connection.tenant, { topic, epoch, seq: furthest }, field);
  await ports.cursors.markRead(connection.tenant, { topic, user: connection.user }, epoch, { upToSeq, seqs });
}
