// A gateway that takes every frame, or answers as it was told for a connection.
import type { ConnectionGateway, PostOutcome } from '../../shared/ports.ts';

export interface FakeGateway extends ConnectionGateway {
  /** How the next posts to a connection are answered, one after the other; the last answer stays. */
  readonly answer: (connectionId: string, ...outcomes: readonly PostOutcome[]) => void;
  /** The frames that reached a connection, parsed. */
  readonly frames: (connectionId: string) => readonly unknown[];
  /** Every post, whatever became of it. */
  readonly posts: readonly { readonly connectionId: string; readonly frame: string; readonly outcome: PostOutcome }[];
  readonly closed: readonly string[];
}

export function fakeGateway(): FakeGateway {
  const answers = new Map<string, PostOutcome[]>();
  const posts: { readonly connectionId: string; readonly frame: string; readonly outcome: PostOutcome }[] = [];
  const closed: string[] = [];
  return {
    post: async (connectionId, frame) => {
      const planned = answers.get(connectionId) ?? [];
      const outcome = (planned.length > 1 ? planned.shift() : planned[0]) ?? 'posted';
      posts.push({ connectionId, frame, outcome });
      return Promise.resolve(outcome);
    },
    close: async (connectionId) => {
      closed.push(connectionId);
      answers.set(connectionId, ['gone']);
      return Promise.resolve();
    },
    answer: (connectionId, ...outcomes) => {
      answers.set(connectionId, [...outcomes]);
    },
    frames: (connectionId) =>
      posts
        .filter((post) => post.connectionId === connectionId && post.outcome === 'posted')
        .map(({ frame }): unknown => JSON.parse(frame)),
    posts,
    closed,
  };
}
