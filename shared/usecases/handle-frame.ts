// One frame of a client: checks that its connection may send it, and does what it says.
import type { Connection, KnownConnection } from '../domain/connection.ts';
import { isExpired, knownConnection, renewedLease } from '../domain/connection.ts';
import { errorFrame, pongFrame } from '../domain/frames.ts';
import { topicsOf } from '../domain/topic.ts';
import type { TokenVerifier } from '../ports.ts';
import type { ClientFrame, TopicPosition } from '../protocol/client-frames.ts';
import { clientFrame } from '../protocol/client-frames.ts';
import { Failure } from '../protocol/failures.ts';
import { parseJson } from '../protocol/json.ts';
import { connectionLimits, requestLimits } from '../protocol/limits.ts';
import type { ServerFrame } from '../protocol/server-frames.ts';
import { validate } from '../protocol/validation.ts';
import { acknowledge } from './acknowledge.ts';
import type { GoOn } from './fan-out-ports.ts';
import { countUnread } from './count-unread.ts';
import { verifyToken } from './identify.ts';
import type { MarkReadPorts } from './mark-read.ts';
import { markRead } from './mark-read.ts';
import { greet } from './open-connection.ts';
import { ownTopic } from './own-topic.ts';
import { sendMissed } from './send-missed.ts';
import { joinTopics, standingCursors } from './standing-cursors.ts';

export interface HandleFramePorts extends MarkReadPorts {
  readonly tokens: TokenVerifier;
}

/** Refusals go back as an `error` frame with the frame's own id in `replyTo`; the socket stays open. */
export async function handleFrame(
  ports: HandleFramePorts,
  connectionId: string,
  text: string,
  goOn: GoOn,
): Promise<void> {
  let replyTo: string | undefined;
  try {
    const value = parseJson(text, 'frame', requestLimits.jsonDepthMax);
    replyTo = frameId(value);
    const frame = validate(clientFrame, value, 'frame');
    const connection = await ports.connections.get(connectionId);
    // The connection was closed on our side, or never stored: a socket that is open still must not seem to work.
    if (connection === null) {
      await ports.gateway.close(connectionId);
      return;
    }
    await obey(ports, connection, frame, goOn);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await reply(ports, connectionId, errorFrame(error, replyTo));
  }
}

async function obey(ports: HandleFramePorts, connection: Connection, frame: ClientFrame, goOn: GoOn): Promise<void> {
  mustBeLive(connection, ports.clock.nowMs());
  if (frame.type === 'authenticate') {
    await authenticate(ports, connection, frame.token, frame.id, goOn);
    return;
  }
  if (frame.type === 'ping' && connection.state === 'anonymous') {
    await reply(ports, connection.connectionId, pongFrame(ports.clock.nowMs(), [], [], frame.id));
    return;
  }
  const known = mustBeKnown(connection);
  await obeyKnown(ports, known, frame, goOn);
}

async function obeyKnown(
  ports: HandleFramePorts,
  known: KnownConnection,
  frame: Exclude<ClientFrame, { readonly type: 'authenticate' }>,
  goOn: GoOn,
): Promise<void> {
  switch (frame.type) {
    case 'ping':
      await answerPing(ports, known, frame.id);
      await renewLease(ports, known);
      return;
    case 'acknowledge':
      await acknowledge(ports, known, {
        topic: ownTopic(known.topics, frame.topic),
        epoch: frame.epoch,
        seq: frame.seq,
      });
      return;
    case 'read':
      await markRead(
        ports,
        known,
        {
          topic: ownTopic(known.topics, frame.topic),
          epoch: frame.epoch,
          upToSeq: frame.upToSeq ?? 0,
          seqs: frame.seqs ?? [],
        },
        { connectionId: known.connectionId, replyTo: frame.id },
        goOn,
      );
      return;
    case 'resume':
      await resume(ports, known, frame.positions, frame.id, goOn);
  }
}

/** Says where every topic ends, so that a client whose last frame was lost notices, and what is unread. */
async function answerPing(
  ports: HandleFramePorts,
  connection: KnownConnection,
  replyTo: string | undefined,
): Promise<void> {
  const { tenant, user, topics } = connection;
  const standings = await standingCursors(ports, tenant, user, topics);
  const heads = standings.map(({ cursor: { topic }, head: { epoch, seq } }) => ({ topic, epoch, seq }));
  const unread = await Promise.all(standings.map(async (standing) => countUnread(ports, standing)));
  await reply(ports, connection.connectionId, pongFrame(ports.clock.nowMs(), heads, unread, replyTo));
}

/** Only a ping is a sign of life: other frames come as often as notifications do, and would cost writes for each. */
async function renewLease(ports: HandleFramePorts, connection: KnownConnection): Promise<void> {
  const leaseUntilMs = renewedLease(connection, ports.clock.nowMs());
  if (leaseUntilMs !== null) await ports.connections.renew(connection, leaseUntilMs);
}

async function resume(
  ports: HandleFramePorts,
  connection: KnownConnection,
  positions: readonly TopicPosition[],
  replyTo: string | undefined,
  goOn: GoOn,
): Promise<void> {
  // Of two positions in one topic the last one counts.
  const from = new Map(positions.map(({ topic, ...place }) => [ownTopic(connection.topics, topic), place]));
  const standings = await standingCursors(ports, connection.tenant, connection.user, [...from.keys()]);
  const lacking = standings.map((standing) => {
    const { topic } = standing.cursor;
    return { standing, from: { topic, ...(from.get(topic) ?? standing.head) } };
  });
  await sendMissed(ports, connection, lacking, goOn, replyTo);
}

async function authenticate(
  ports: HandleFramePorts,
  connection: Connection,
  token: string,
  replyTo: string | undefined,
  goOn: GoOn,
): Promise<void> {
  if (connection.state === 'known') {
    throw new Failure('bad_request', {
      message: 'this connection has authenticated already',
      field: 'type',
      remedy: 'Open a new connection to use another token.',
    });
  }
  const identity = await verifyToken(ports.tokens, token, ports.clock.nowMs());
  await joinTopics(ports, identity.tenant, identity.user, topicsOf(identity));
  const known = knownConnection(connection.connectionId, connection.connectedAtMs, identity);
  if ((await ports.connections.identify(known)) === 'identified') await greet(ports, known, goOn, replyTo);
}

/** Not even a ping is answered on an expired connection: nothing is posted to it any more, and its client must learn that. */
function mustBeLive(connection: Connection, nowMs: number): void {
  if (!isExpired(connection, nowMs)) return;
  if (connection.state === 'known') {
    throw new Failure('token_expired', {
      message: "this connection's token has expired",
      remedy: 'Connect again with a new token.',
    });
  }
  throw new Failure('unauthenticated', {
    message: 'the time to authenticate is over',
    remedy: 'Connect again and send the authenticate frame at once.',
  });
}

function mustBeKnown(connection: Connection): KnownConnection {
  if (connection.state === 'known') return connection;
  throw new Failure('unauthenticated', {
    message: 'this connection has not authenticated',
    field: 'type',
    remedy: 'Send {"type":"authenticate","token":"…"} first.',
  });
}

/** The id of a frame that may be wrong in every other way, so that its refusal can still be told apart. */
function frameId(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
  return typeof value.id === 'string' && value.id.length <= connectionLimits.frameIdCharactersMax
    ? value.id
    : undefined;
}

async function reply(ports: HandleFramePorts, connectionId: string, frame: ServerFrame): Promise<void> {
  await ports.gateway.post(connectionId, JSON.stringify(frame));
}
