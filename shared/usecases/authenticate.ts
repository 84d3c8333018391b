// A client says who it is: the first time it becomes known and is greeted, later it stays longer with a newer token.
import type { AnonymousConnection, Connection, Identity, KnownConnection } from '../domain/connection.ts';
import { isExpired, knownConnection, refreshedConnection, withPresence } from '../domain/connection.ts';
import { refreshedFrame } from '../domain/frames.ts';
import { isTeam } from '../domain/team.ts';
import { topicsOf } from '../domain/topic.ts';
import type { TokenVerifier } from '../ports.ts';
import type { DialectName } from '../protocol/dialect-names.ts';
import { Failure } from '../protocol/failures.ts';
import { beginAttending, isAttended } from './attend.ts';
import type { GoOn } from './fan-out-ports.ts';
import { verifyToken } from './identify.ts';
import type { GreetPorts } from './open-connection.ts';
import { acknowledgedPosition, greet } from './open-connection.ts';
import { postFrame } from './post-frame.ts';
import { joinTopics, standingCursors } from './standing-cursors.ts';

export interface AuthenticatePorts extends GreetPorts {
  readonly tokens: TokenVerifier;
  /** Tenants whose members may know of each other; `*` is every tenant. */
  readonly teams: readonly string[];
}

/** How a client says who it is: in which dialect, and with which token; null for the one that came with the address. */
export interface Authentication {
  readonly dialect: DialectName;
  readonly token: string | null;
  readonly replyTo: string | undefined;
}

export async function authenticate(
  ports: AuthenticatePorts,
  connection: Connection,
  said: Authentication,
  goOn: GoOn,
): Promise<void> {
  if (connection.state === 'known') {
    await refresh(ports, connection, said, goOn);
    return;
  }
  const identity = await identityOf(ports, connection, said.token);
  await joinTopics(ports, identity.tenant, identity.user, topicsOf(identity));
  const known = withPresence(
    knownConnection({ ...connection, dialect: said.dialect }, identity),
    isTeam(ports.teams, identity.tenant),
  );
  if ((await ports.connections.identify(known)) === 'identified') await greet(ports, known, goOn, said.replyTo);
}

async function identityOf(
  ports: AuthenticatePorts,
  { identity }: AnonymousConnection,
  token: string | null,
): Promise<Identity> {
  if (token !== null) return verifyToken(ports.tokens, token, ports.clock.nowMs());
  if (identity !== null) {
    if (!isExpired({ expiresAtMs: identity.tokenExpiresAtMs }, ports.clock.nowMs())) return identity;
    throw new Failure('token_expired', {
      message: 'the token has expired',
      field: 'query token',
      remedy: 'Get a new token from your identity provider and connect again.',
    });
  }
  throw new Failure('unauthenticated', {
    message: 'no token was sent',
    field: 'token',
    remedy: 'Send a token: in auth, or in the address.',
  });
}

/** The same user, for longer: whoever wants to be somebody else opens another connection. */
async function refresh(
  ports: AuthenticatePorts,
  connection: KnownConnection,
  { token, replyTo }: Authentication,
  goOn: GoOn,
): Promise<void> {
  // It is in already: a client that says so twice is told nothing twice.
  if (token === null) return;
  const { tenant, user, roles, tokenExpiresAtMs } = await verifyToken(ports.tokens, token, ports.clock.nowMs());
  if (tenant !== connection.tenant || user !== connection.user) {
    throw new Failure('forbidden', {
      message: 'the token is of another user',
      field: 'token',
      remedy: 'Open a new connection for another user.',
    });
  }
  const refreshed = refreshedConnection(connection, { tenant, user, roles, tokenExpiresAtMs });
  await joinTopics(ports, tenant, user, refreshed.topics);
  if ((await ports.connections.replace(refreshed, connection)) === 'closed') return;
  if (!isAttended(connection)) await beginAttending(ports, refreshed);
  const standings = await standingCursors(ports, tenant, user, refreshed.topics);
  const frame = refreshedFrame(refreshed, standings.map(acknowledgedPosition), ports.clock.nowMs(), replyTo);
  await postFrame(ports, refreshed, frame, goOn);
}
