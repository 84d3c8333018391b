// One frame of a client: read in the dialect of its connection, checked, and obeyed; what is refused is said so.
import type { Connection, KnownConnection } from '../domain/connection.ts';
import { isExpired } from '../domain/connection.ts';
import { errorFrame, pongFrame } from '../domain/frames.ts';
import type { ClientFrame, DialectFrame } from '../protocol/client-frames.ts';
import { Failure } from '../protocol/failures.ts';
import { frameLimits } from '../protocol/limits.ts';
import type { FrameMeter, Spoken } from '../ports.ts';
import type { AuthenticatePorts } from './authenticate.ts';
import { authenticate } from './authenticate.ts';
import { endConnection } from './end-connection.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { ObeyPorts } from './obey-frame.ts';
import { obeyFrame } from './obey-frame.ts';
import { postFrame } from './post-frame.ts';

export interface HandleFramePorts extends ObeyPorts, AuthenticatePorts {
  readonly meter: FrameMeter;
}

/** A frame as the gateway passes it on. */
export interface ReceivedFrame {
  readonly connectionId: string;
  readonly text: string;
  /** When it came to the gateway; later frames of one socket may be handled earlier. */
  readonly atMs: number;
}

/** Refusals go back bound to their frame; the socket stays open unless its client goes on and on. */
export async function handleFrame(ports: HandleFramePorts, received: ReceivedFrame, goOn: GoOn): Promise<void> {
  const { connectionId, text } = received;
  const connection = await ports.connections.get(connectionId);
  // The connection was closed on our side, or never stored: a socket that is open still must not seem to work.
  if (connection === null) {
    await ports.gateway.close(connectionId);
    return;
  }
  const spoken = ports.dialects.read(connection.dialect, text);
  const { dialect, replyTo, frame } = spoken;
  try {
    const count = await ports.meter.count(connectionId, received.atMs);
    if (count > frameLimits.framesBeforeClosing) {
      await endConnection(ports, { ...connection, dialect }, flooded(count), replyTo);
      return;
    }
    if (count > frameLimits.framesMax) throw flooded(count);
    if (frame instanceof Failure) throw frame;
    if (connection.state === 'known' && connection.dialect !== dialect) throw otherDialect();
    await obey(ports, connection, { ...spoken, frame }, received, goOn);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await postFrame(ports, { ...connection, dialect }, errorFrame(error, replyTo), goOn);
  }
}

type Understood = Spoken & { readonly frame: ClientFrame | DialectFrame };

async function obey(
  ports: HandleFramePorts,
  connection: Connection,
  { dialect, replyTo, frame }: Understood,
  { atMs }: ReceivedFrame,
  goOn: GoOn,
): Promise<void> {
  switch (frame.type) {
    case 'authenticate':
    case 'enter':
      if (connection.state === 'anonymous') mustBeLive(connection, ports.clock.nowMs());
      await authenticate(
        ports,
        connection,
        { dialect, token: frame.type === 'authenticate' ? frame.token : null, replyTo },
        goOn,
      );
      return;
    case 'goodbye':
      await endConnection(ports, connection, null);
      return;
    case 'nothing':
      return;
    case 'ping':
    case 'alive':
    case 'acknowledge':
    case 'read':
    case 'resume':
    case 'join':
    case 'leave':
    case 'send':
    case 'typing':
    case 'presence':
    case 'subscribe':
    case 'unsubscribe':
      mustBeLive(connection, ports.clock.nowMs());
      if (connection.state === 'known') {
        await refuseFlood(ports, connection, frame.type, atMs);
        await obeyFrame(ports, connection, frame, { atMs, replyTo }, goOn);
      } else if (frame.type === 'ping')
        await postFrame(ports, { ...connection, dialect }, pongFrame(ports.clock.nowMs(), [], [], replyTo), goOn);
      else if (frame.type !== 'alive') throw notKnown();
  }
}

/** What others hear, or what is stored, is limited for all connections of a user together. */
async function refuseFlood(
  { meter }: HandleFramePorts,
  { tenant, user }: KnownConnection,
  type: string,
  atMs: number,
): Promise<void> {
  if (!['join', 'send', 'typing', 'presence'].includes(type)) return;
  const count = await meter.count(`user ${JSON.stringify([tenant, user])}`, atMs);
  if (count > frameLimits.framesMax) throw flooded(count);
}

/** Not even a ping is answered on an expired connection: nothing is posted to it any more, and its client must learn that. */
function mustBeLive(connection: Connection, nowMs: number): void {
  if (!isExpired(connection, nowMs)) return;
  if (connection.state === 'known') {
    throw new Failure('token_expired', {
      message: "this connection's token has expired",
      remedy: 'Send an authenticate frame with a new token, or connect again with one.',
    });
  }
  throw new Failure('unauthenticated', {
    message: 'the time to authenticate is over',
    remedy: 'Connect again and send the authenticate frame at once.',
  });
}

/** Only the first frame of a socket chooses its dialect: an answer in another one would not be understood. */
function otherDialect(): Failure {
  return new Failure('bad_request', {
    message: 'this connection began in another dialect',
    field: 'type',
    remedy: 'Go on as the connection began, or open a new one.',
  });
}

function notKnown(): Failure {
  return new Failure('unauthenticated', {
    message: 'this connection has not authenticated',
    field: 'type',
    remedy: 'Send {"type":"authenticate","token":"…"} first.',
  });
}

function flooded(count: number): Failure {
  const { windowMs, framesMax, framesBeforeClosing } = frameLimits;
  const seconds = String(windowMs / 1_000);
  return new Failure('rate_limited', {
    message: `about ${String(count)} frames came within ${seconds} seconds, at most ${String(framesMax)} are taken`,
    remedy: `Send less: after ${String(framesBeforeClosing)} frames in ${seconds} seconds the socket is closed.`,
    retryAfterSeconds: windowMs / 1_000,
  });
}
