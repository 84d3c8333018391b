// Builds cursors.
import type { Cursor } from '../../shared/domain/log.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { unique } from './unique.ts';

/** The cursor of a newcomer in the topic of their own, unless something else is given. */
export function aCursor(given: Partial<Cursor> = {}): Cursor {
  const user = given.user ?? unique('user');
  return {
    tenant: unique('tenant'),
    topic: userTopic(user),
    user,
    epoch: 'epoch-1',
    joinedSeq: 0,
    deliveredSeq: 0,
    readSeq: 0,
    readSeqs: [],
    ...given,
  };
}
