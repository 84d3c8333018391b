// Which topics a client may name: those that its own token gave it, and no other.
import { expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import { ownTopic } from '../../shared/usecases/own-topic.ts';

const topics: readonly Topic[] = ['user:a', 'all', 'role:admin'];

it.each(topics)('%s is one’s own', (topic) => {
  expect(ownTopic(topics, topic)).toBe(topic);
});

it.each(['user:b', 'user:a ', 'USER:A', 'role:', 'role:guest', 'ALL', '', 'user:a,all'])('%j is not', (topic) => {
  expect(() => ownTopic(topics, topic)).toThrow(
    expect.objectContaining({
      code: 'forbidden',
      detail: {
        message: 'you do not follow that topic',
        field: 'topic',
        remedy: 'Use one of user:a, all, role:admin.',
      },
    }),
  );
});
