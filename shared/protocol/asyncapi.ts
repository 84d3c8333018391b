// The sockets as an AsyncAPI 3.0 document: every message of Bellhop's own protocol and of the products that keep their own.
import type * as z from 'zod/mini';
import type { ClientFrame } from './client-frames.ts';
import { clientFrame } from './client-frames.ts';
import type { DialectMessages } from './dialect-message.ts';
import { hotelMessages, leadsMessages } from './dialect-messages.ts';
import { socketDoors } from './doors.ts';
import { connectionLimits, socketIoLimits } from './limits.ts';
import { apiVersion } from './openapi.ts';
import type { Json, SchemaBook } from './schema-book.ts';
import { schemaBook } from './schema-book.ts';
import type { WireFrame } from './server-frames.ts';
import { serverFrame } from './server-frames.ts';
import { deskMessages, shopMessages, socketIoAck } from './socketio-messages.ts';

const about =
  'The document describes Bellhop: what it receives is what clients send, what it sends is what clients get. ' +
  'Frames are text, one message each; a binary one closes the socket (1003), and so does one of yours beyond 32 KB (1009). ' +
  'A socket lives for two hours at most, and never longer than its token: connect again, and what was missed follows. ' +
  'The HTTP API is in the OpenAPI document.';

/** What each frame of Bellhop's own is for. */
const clientNotes: Readonly<Record<ClientFrame['type'], string>> = {
  authenticate:
    'Says who is there, within 10 seconds unless the address said it. Later, with a newer token: stays longer.',
  acknowledge: 'Everything up to a place was handed to the app. Cumulative, so it can be sent seldom.',
  read: 'What was read by a person. Implies no `acknowledge`.',
  resume: 'Asks for everything after these positions, in order.',
  ping: 'Asks for a `pong`, and keeps an idle socket open.',
  join: 'Follows a room from now on.',
  leave: 'Follows a room no more.',
  send: 'Says something to everybody else in a room that you are in. To everybody else of the tenant, without a room: for members of a team, and for staff.',
  typing: 'Shows the others in a room that you are typing.',
};

const serverNotes: Readonly<Record<WireFrame['type'], string>> = {
  connected: 'The token was accepted. What was missed follows by itself.',
  notification: 'Something for you.',
  skipped: 'Entries of a log that are not shown to you. The next one to come is `toSeq` + 1.',
  reset: 'A log was made anew, or cut back: your position in it is another one.',
  resumed: 'Ends what was missed.',
  pong: 'Answers a `ping`.',
  unread: 'Something was read, on this device or another.',
  joined: 'You follow the room.',
  left: 'You follow the room no more.',
  sent: 'Your message was accepted; the others get it as a notification.',
  refreshed: 'The newer token was accepted.',
  error: 'A frame of yours was refused. The socket stays open unless `closing` says otherwise.',
};

interface Message {
  readonly name: string | null;
  readonly summary: string;
  readonly payload: z.ZodMiniType;
}

interface Channel {
  readonly title: string;
  readonly address: string;
  readonly description: string;
  /** Parameters of the address that the gateway passes on. */
  readonly query: Readonly<Record<string, string>>;
  readonly client: Readonly<Record<string, Message>>;
  readonly server: Readonly<Record<string, Message>>;
  /** What a message is called: a frame has a `type`, an event has a name. */
  readonly events: boolean;
}

const token = 'A token of the same kind as for the HTTP API. Short-lived ones only: addresses end up in logs.';
const [ownDoor, hotelDoor, socketIoDoor] = socketDoors;
const socketIoAddress = `${socketIoDoor.path}/`;
const socketIoAbout =
  'For unchanged socket.io-client 3 and 4 with `transports: ["websocket"]`; there is no long polling and no binary data. The namespace is `/`. ' +
  'Give the token as `auth: {token}`, or as `token` in the address. A message here is an event: its name, and its one argument as payload. ' +
  'On the wire that is `42["name",payload]`. With a callback, `42<id>["name",payload]`, every event is answered by an ack that holds a `SocketIoAck`. ' +
  `No client has to ping: the server announces a ping interval of ${String(socketIoLimits.pingIntervalMs / 1_000)} seconds.`;
const socketIoQuery = { EIO: 'Always `4`.', transport: 'Always `websocket`.', token };

const channels: Readonly<Record<string, Channel>> = {
  bellhop: {
    title: "Bellhop's own protocol",
    address: ownDoor.path,
    description:
      'JSON objects told apart by `type`. Ignore fields and types that you do not know: more may come. Any frame of yours may carry an `id`; what answers it carries the same text as `replyTo`. ' +
      `Send a \`ping\` every ${String(connectionLimits.heartbeatEveryMs / 1_000)} seconds.`,
    query: { token },
    client: framesOf(clientFrame.def.options, clientNotes),
    server: framesOf(serverFrame.def.options, serverNotes),
    events: false,
  },
  leads: {
    title: 'Leads',
    address: ownDoor.path,
    description:
      'The same address. A first frame `{type, data, timestamp}` makes the socket one of the leads. Events come only of the types that were subscribed to.',
    query: {},
    ...leadsMessages,
    events: false,
  },
  hotel: {
    title: 'Hotel',
    address: hotelDoor.path,
    description:
      'Guests listen. Whatever was posted to a guest counts as had; what was missed comes at the next connection.',
    query: { token, guestId: 'The guest whom the token names; another one is refused.' },
    ...hotelMessages,
    events: false,
  },
  repairShop: {
    title: 'Repair shop',
    address: socketIoAddress,
    description: socketIoAbout,
    query: socketIoQuery,
    ...shopMessages,
    events: true,
  },
  supportDesk: {
    title: 'Support desk',
    address: socketIoAddress,
    description: socketIoAbout,
    query: socketIoQuery,
    ...deskMessages,
    events: true,
  },
};

/** A fresh document: whoever gets it may change it. */
export function asyncApi(): Json {
  const book = schemaBook('draft-07');
  const messages: Record<string, Json> = {};
  const channelObjects: Record<string, Json> = {};
  const operations: Record<string, Json> = {};
  for (const [id, channel] of Object.entries(channels)) {
    Object.assign(messages, messagesOf(book, channel));
    channelObjects[id] = channelObject(channel);
    operations[`${id}Receive`] = operationObject(id, 'receive', `What clients say (${channel.title}).`, channel.client);
    operations[`${id}Send`] = operationObject(id, 'send', `What clients hear (${channel.title}).`, channel.server);
  }
  book.schemaOf(socketIoAck);
  return {
    asyncapi: '3.0.0',
    info: { title: 'Bellhop sockets', version: apiVersion, description: about, license: { name: 'MIT' } },
    servers: serverObjects,
    defaultContentType: 'application/json',
    channels: channelObjects,
    operations,
    components: { messages, schemas: book.components() },
  };
}

const serverObjects = {
  deployed: {
    host: '{host}',
    protocol: 'wss',
    description: 'The address of the stack.',
    variables: { host: { default: 'example.cloudfront.net', description: 'The host of the output Url of the stack.' } },
  },
  local: { host: '127.0.0.1:4000', protocol: 'ws', description: 'One machine.' },
} as const;

type Frames<Type extends string> = readonly (z.ZodMiniObject & {
  readonly shape: { readonly type: z.ZodMiniLiteral<Type> };
})[];

function framesOf<Type extends string>(
  frames: Frames<Type>,
  notes: Readonly<Record<Type, string>>,
): Readonly<Record<string, Message>> {
  return Object.fromEntries(
    frames.map((frame) => {
      const [type] = frame.shape.type.def.values;
      if (type === undefined) throw new Error('a frame has no type');
      const name = `${type.charAt(0).toUpperCase()}${type.slice(1)}Frame`;
      return [name, { name: type, summary: notes[type], payload: frame }];
    }),
  );
}

function messagesOf(book: SchemaBook, { client, server, events }: Channel): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries({ ...client, ...server }).map(([key, { name, summary, payload }]) => [
      key,
      {
        ...(name === null ? {} : { name }),
        title: name ?? (events ? 'any other event' : 'any other type'),
        summary,
        payload: book.schemaOf(payload),
      },
    ]),
  );
}

function channelObject({ title, address, description, query, client, server }: Channel): Json {
  const properties = Object.fromEntries(
    Object.entries(query).map(([name, note]) => [name, { type: 'string', description: note }]),
  );
  return {
    address,
    title,
    description,
    messages: Object.fromEntries(
      Object.keys({ ...client, ...server }).map((key) => [key, { $ref: `#/components/messages/${key}` }]),
    ),
    ...(Object.keys(query).length === 0
      ? {}
      : { bindings: { ws: { method: 'GET', query: { type: 'object', properties }, bindingVersion: '0.1.0' } } }),
  };
}

function operationObject(
  channel: string,
  action: 'receive' | 'send',
  summary: string,
  messages: DialectMessages['client'],
): Json {
  return {
    action,
    summary,
    channel: { $ref: `#/channels/${channel}` },
    messages: Object.keys(messages).map((key) => ({ $ref: `#/channels/${channel}/messages/${key}` })),
  };
}
