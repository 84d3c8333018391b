// $connect: decides whether a socket may open.
import type { APIGatewayProxyWebsocketEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { dialectNames } from '../../shared/protocol/dialect-names.ts';
import { dialectParameter } from '../../shared/protocol/doors.ts';
import { Failure, failureStatus } from '../../shared/protocol/failures.ts';
import type { ConnectRequest } from '../../shared/usecases/connect.ts';
import { connect } from '../../shared/usecases/connect.ts';
import { connectPorts } from '../ports.ts';

const ports = connectPorts();

/** `$connect` is the only WebSocket event with headers and a query string. */
interface ConnectEvent extends APIGatewayProxyWebsocketEventV2 {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Query;
}

type Query = Readonly<Record<string, string | undefined>>;

/** Throws what is a bug: the gateway then refuses the socket with 502, and the log holds the reason. */
export async function handler(event: ConnectEvent): Promise<APIGatewayProxyStructuredResultV2> {
  const { connectionId, connectedAt } = event.requestContext;
  try {
    await connect(ports, {
      connectionId,
      connectedAtMs: connectedAt,
      ...askedFor(event.queryStringParameters ?? {}),
      origin: headerOf(event, 'origin'),
    });
    return { statusCode: 200 };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    ports.telemetry.info('connect_refused', { connectionId, code: error.code, reason: error.detail.message });
    return { statusCode: failureStatus[error.code], body: JSON.stringify({ error: error.code }) };
  }
}

/** The front door says which dialect; a Socket.IO client that came past it can be told by what it says of its protocol. */
function askedFor(query: Query): Pick<ConnectRequest, 'dialect' | 'token' | 'guestId' | 'engine'> {
  const named = dialectNames.find((name) => name === query[dialectParameter]);
  const engine = { version: query['EIO'], transport: query['transport'] };
  const dialect = named ?? (engine.version === undefined ? 'bellhop' : 'socketio');
  return { dialect, token: query['token'], guestId: query['guestId'], engine };
}

/** The gateway keeps the case in which the client sent a header's name. */
function headerOf(event: ConnectEvent, name: string): string | undefined {
  return Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
}
