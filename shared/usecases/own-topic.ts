// A client may only name topics that its own token gave it.
import type { Topic } from '../domain/topic.ts';
import { Failure } from '../protocol/failures.ts';

export function ownTopic(topics: readonly Topic[], named: string): Topic {
  const own = topics.find((candidate) => candidate === named);
  if (own !== undefined) return own;
  throw new Failure('forbidden', {
    message: 'you do not follow that topic',
    field: 'topic',
    remedy: `Use one of ${topics.join(', ')}.`,
  });
}
