// Turns a token into an identity, and an identity into a member of its topics.
import type { Identity } from '../domain/connection.ts';
import type { Cursor } from '../domain/log.ts';
import type { Topic } from '../domain/topic.ts';
import { isWide, topicsOf } from '../domain/topic.ts';
import type { CursorStore, LogStore, TokenVerifier } from '../ports.ts';
import { Failure } from '../protocol/failures.ts';

const tokenField = 'token';

/** The identity behind a token; throws `token_expired` or `token_invalid`, with nothing of the token in the text. */
export async function verifyToken(tokens: TokenVerifier, token: string, nowMs: number): Promise<Identity> {
  const result = await tokens.verify(token, nowMs);
  switch (result.verdict) {
    case 'valid':
      return result.identity;
    case 'expired':
      throw new Failure('token_expired', {
        message: 'the token has expired',
        field: tokenField,
        remedy: 'Get a new token from your identity provider and connect again.',
      });
    case 'invalid':
      throw new Failure('token_invalid', {
        message: `the token is not valid: ${result.reason}`,
        field: tokenField,
        remedy: 'Send a current token of the configured issuer and audience.',
      });
  }
}

/**
 * Makes the user a member of each topic, and returns where the user's clients have come in it. A newcomer gets
 * everything in the log of the user's own topic, and of a wide topic what comes from now on. The place of a newcomer
 * is taken before any subscription is made, so that what is published in between is found in the log.
 */
export async function joinTopics(
  ports: { readonly cursors: CursorStore; readonly logs: LogStore },
  identity: Pick<Identity, 'tenant' | 'user'>,
): Promise<readonly Cursor[]> {
  const { tenant, user } = identity;
  const topics = topicsOf(user);
  const standing = await ports.cursors.get(
    tenant,
    topics.map((topic) => ({ topic, user })),
  );
  return Promise.all(topics.map(async (topic, index) => standing[index] ?? (await join(ports, tenant, user, topic))));
}

async function join(
  ports: { readonly cursors: CursorStore; readonly logs: LogStore },
  tenant: string,
  user: string,
  topic: Topic,
): Promise<Cursor> {
  // Any place at or before the end will do: at worst a newcomer gets what was published a moment before.
  const head = await ports.logs.head(tenant, topic, 0);
  const joinedSeq = isWide(topic) ? head.seq : 0;
  return ports.cursors.join({
    tenant,
    topic,
    user,
    epoch: head.epoch,
    joinedSeq,
    deliveredSeq: joinedSeq,
    readSeq: joinedSeq,
    readSeqs: [],
  });
}
