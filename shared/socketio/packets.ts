// Socket.IO 5 packets: what stands behind the `4` of an Engine.IO message, read strictly, and the frames that answer it.
import { messagePacket } from './engine-packets.ts';
import { Failure } from '../protocol/failures.ts';
import { parseJson } from '../protocol/json.ts';
import { requestLimits, socketIoLimits } from '../protocol/limits.ts';

export interface EventPacket {
  readonly kind: 'event';
  readonly namespace: string;
  /** With an id the sender waits for an ack that carries the same one. */
  readonly id: number | undefined;
  readonly event: string;
  readonly args: readonly unknown[];
}

export interface AckPacket {
  readonly kind: 'ack';
  readonly namespace: string;
  readonly id: number;
  readonly args: readonly unknown[];
}

/**
 * One packet, as a client may send it. Of the last two kinds only the head is read, for a server takes neither:
 * `connect_error` is the server's to send; `binary` announces attachments that cannot arrive, because the gateway closes a
 * connection at the first binary frame, and because attachments sent as base64 text come in any order.
 * Source: https://github.com/socketio/socket.io-protocol (revision 5).
 */
export type SocketIoPacket =
  | {
      readonly kind: 'connect';
      readonly namespace: string;
      readonly auth: Readonly<Record<string, unknown>> | undefined;
    }
  | { readonly kind: 'disconnect'; readonly namespace: string }
  | EventPacket
  | AckPacket
  | { readonly kind: 'connect_error'; readonly namespace: string }
  | { readonly kind: 'binary'; readonly namespace: string };

/** Names that mean something to the client library itself; a client that is sent one drops the connection. */
const reservedEvents = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
]);

export function isReservedEvent(event: string): boolean {
  return reservedEvents.has(event);
}

/** The packet in an Engine.IO message, without the `4`; a `Failure` with field and remedy for what is malformed. */
export function decodePacket(text: string): SocketIoPacket {
  const type = text.charAt(0);
  const rest = text.slice(1);
  switch (type) {
    case '0':
      return connect(readHead(rest));
    case '1':
      return disconnect(readHead(rest));
    case '2':
      return event(readHead(rest));
    case '3':
      return ack(readHead(rest));
    case '4':
      return { kind: 'connect_error', namespace: readHead(rest).namespace };
    case '5':
    case '6':
      return { kind: 'binary', namespace: readHead(afterAttachments(rest)).namespace };
    default:
      throw new Failure('bad_request', {
        message: type === '' ? 'the packet is empty' : `the packet is of the unknown type ${JSON.stringify(type)}`,
        field: 'packet',
        remedy: 'Send Socket.IO packets of protocol revision 5, as socket.io-client 3 and 4 do.',
      });
  }
}

interface Head {
  readonly namespace: string;
  readonly id: number | undefined;
  readonly payload: string;
}

/** The namespace up to a comma, left out when it is `/`; then the ack id, if any; then JSON, if any. */
function readHead(text: string): Head {
  const [head = '', namespace = '/', digits = ''] = /^(?:(\/[^,]*),?)?(\d*)/.exec(text) ?? [];
  checkNamespace(namespace);
  return { namespace, id: digits === '' ? undefined : readId(digits), payload: text.slice(head.length) };
}

function checkNamespace(namespace: string): void {
  const { namespaceCharactersMax } = socketIoLimits;
  if (namespace.length > namespaceCharactersMax) {
    throw new Failure('invalid_field', {
      message: `the namespace has ${String(namespace.length)} characters, at most ${String(namespaceCharactersMax)} allowed`,
      field: 'namespace',
      remedy: `Send at most ${String(namespaceCharactersMax)} characters, and a comma behind them.`,
    });
  }
  if (!namespace.isWellFormed()) {
    throw new Failure('invalid_field', {
      message: 'the namespace holds half a surrogate pair, which UTF-8 cannot carry',
      field: 'namespace',
      remedy: 'Send well-formed Unicode; do not cut text in the middle of a character.',
    });
  }
}

/** An id goes back to the client in the ack, so one that a number cannot hold exactly is refused. */
function readId(digits: string): number {
  const id = Number(digits);
  if (id <= socketIoLimits.ackIdMax) return id;
  throw new Failure('invalid_field', {
    message: `the ack id has ${String(digits.length)} digits and is too large`,
    field: 'id',
    remedy: `Send at most ${String(socketIoLimits.ackIdMax)}; clients count their ids from 0.`,
  });
}

function connect(head: Head): SocketIoPacket {
  refuseId(head, 'connect');
  const { namespace, payload } = head;
  return { kind: 'connect', namespace, auth: payload === '' ? undefined : readAuth(payload) };
}

function disconnect(head: Head): SocketIoPacket {
  refuseId(head, 'disconnect');
  if (head.payload === '') return { kind: 'disconnect', namespace: head.namespace };
  throw new Failure('invalid_field', {
    message: 'a disconnect packet carries nothing but a namespace',
    field: 'packet',
    remedy: 'Send nothing behind the namespace and its comma.',
  });
}

function event({ namespace, id, payload }: Head): SocketIoPacket {
  const [name, ...args] = readList(payload, 'an event', 'the name of the event and its arguments');
  if (typeof name !== 'string') {
    throw new Failure(name === undefined ? 'missing_field' : 'invalid_field', {
      message: name === undefined ? 'the event has no name' : 'the name of the event is not a text',
      field: 'event',
      remedy: 'Send the name of the event as a text, first in the list.',
    });
  }
  refuseReserved(name);
  return { kind: 'event', namespace, id, event: name, args };
}

function ack({ namespace, id, payload }: Head): SocketIoPacket {
  if (id === undefined) {
    throw new Failure('missing_field', {
      message: 'the ack has no id',
      field: 'id',
      remedy: 'Send the id of the event that is acknowledged, before the list of arguments.',
    });
  }
  return { kind: 'ack', namespace, id, args: readList(payload, 'an ack', 'its arguments') };
}

function afterAttachments(text: string): string {
  const [count] = /^\d+-/.exec(text) ?? [];
  if (count !== undefined) return text.slice(count.length);
  throw new Failure('bad_request', {
    message: 'the binary packet does not say how many attachments it has',
    field: 'packet',
    remedy: 'Send no binary data: put it into the event as base64 text, or send a link to it.',
  });
}

function refuseId({ id }: Head, kind: string): void {
  if (id === undefined) return;
  throw new Failure('invalid_field', {
    message: `a ${kind} packet has no ack id, this one has ${String(id)}`,
    field: 'id',
    remedy: 'Leave the number out that stands behind the namespace.',
  });
}

function refuseReserved(name: string): void {
  if (!isReservedEvent(name)) return;
  throw new Failure('invalid_field', {
    message: `the event name ${name} is reserved by Socket.IO`,
    field: 'event',
    remedy: `Use another name than ${[...reservedEvents].join(', ')}.`,
  });
}

function readAuth(payload: string): Readonly<Record<string, unknown>> {
  // The first character decides, also against spaces before it, which the official parser takes for an ack id.
  const value = payload.startsWith('{') ? parseJson(payload, 'auth', requestLimits.jsonDepthMax) : null;
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  throw new Failure('invalid_field', {
    message: 'the auth of the connect packet is not an object',
    field: 'auth',
    remedy: 'Send auth as an object, such as {"token":"..."}, or leave it out.',
  });
}

function readList(payload: string, what: string, entries: string): readonly unknown[] {
  const value = payload.startsWith('[') ? parseJson(payload, 'packet', requestLimits.jsonDepthMax) : null;
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new Failure(payload === '' ? 'missing_field' : 'invalid_field', {
    message: payload === '' ? `${what} without a list` : `${what} whose payload is not a list`,
    field: 'packet',
    remedy: `Send ${entries} as one JSON list, directly behind the head of the packet.`,
  });
}

/** Admits a client to a namespace. A second one makes the client connect again under the new id: send it once. */
export function connectPacket(namespace: string, session: { readonly sid: string; readonly pid?: string }): string {
  return frame('0', namespace, undefined, session);
}

/** Keeps a client out of a namespace; it does not try again by itself. */
export function connectErrorPacket(
  namespace: string,
  error: { readonly message: string; readonly data?: unknown },
): string {
  return frame('4', namespace, undefined, error);
}

/**
 * An event for a client. With an id the client answers with an ack that carries it. A reserved name is refused with
 * `Failure`: it would cost the client its connection.
 */
export function eventPacket(
  name: string,
  args: readonly unknown[],
  { namespace, id }: { readonly namespace: string; readonly id?: number | undefined },
): string {
  refuseReserved(name);
  return frame('2', namespace, id, [name, ...args]);
}

/** Answers an event that came with this id. */
export function ackPacket(id: number, args: readonly unknown[], namespace: string): string {
  return frame('3', namespace, id, args);
}

/** Puts a client out of a namespace; it does not come back by itself. */
export function disconnectPacket(namespace: string): string {
  return frame('1', namespace, undefined, undefined);
}

/** The complete text of a WebSocket frame. A namespace or an id that no client could read again is a bug of ours. */
function frame(type: string, namespace: string, id: number | undefined, payload: unknown): string {
  if (!/^\/[^,]*$/.test(namespace)) throw new Error('a namespace begins with a slash and holds no comma');
  if (id !== undefined && !(Number.isSafeInteger(id) && id >= 0))
    throw new Error('an ack id is a whole number from 0 on');
  const place = namespace === '/' ? '' : `${namespace},`;
  const json = payload === undefined ? '' : JSON.stringify(payload);
  return messagePacket(`${type}${place}${id === undefined ? '' : String(id)}${json}`);
}
