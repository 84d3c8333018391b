// What a row may use: a running Bellhop, its keys and tokens, curl, sockets as they come, and Socket.IO's own client.
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

/** A Bellhop that runs somewhere, and how to be let in. */
export interface Served {
  /** Without a slash at its end. */
  readonly url: string;
  readonly apiKey: string;
  /** Good for an hour unless told. */
  token(user: string, roles: readonly string[], lifetimeMs?: number): Promise<string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Site extends Served {
  /** As curl does it: nothing is sent that is not said here, but a content type with a body. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** With the API key. */
  office(method: string, path: string, body?: unknown): Promise<Answer>;
  /** With a Bearer token. */
  person(token: string, method: string, path: string, body?: unknown): Promise<Answer>;
  /** A raw socket that is open; messages are kept from the start. */
  socket(path: string): Promise<RawSocket>;
  /** The status with which an upgrade is refused; 101 when it is not. */
  upgradeStatus(path: string): Promise<number>;
  /** socket.io-client as the briefs have it, connected; events are kept from the start. */
  socketIo(token: string): Promise<IoSocket>;
  /** A user nobody has used before. */
  fresh(name: string): string;
  /** A number nobody has used before, for guests. */
  freshNumber(): number;
  /** Closes what rows have left open. */
  close(): void;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface RawSocket {
  send(message: unknown): void;
  /** The first message, of all that came and will come, that is as described; each is found once. */
  next(is?: (message: Message) => boolean): Promise<Message>;
  /** Every message that has come so far. */
  readonly messages: readonly Message[];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  close(): void;
}

export type Message = Readonly<Record<string, unknown>>;

export interface IoSocket {
  readonly client: Socket;
  /** The data of the first event of this name, of all that came and will come; each is found once. */
  next(event: string, is?: (data: Message) => boolean): Promise<Message>;
  /** The names of all events that have come so far. */
  readonly names: readonly string[];
  close(): void;
}

const patienceMs = 10_000;

export function openSite(served: Served): Site {
  const closers: (() => void)[] = [];
  let used = 0;
  const call = (method: string, path: string, options: CallOptions = {}): Promise<Answer> =>
    callOver(served.url, method, path, options);
  return {
    ...served,
    call,
    office: (method, path, body) => call(method, path, { headers: { 'x-internal-api-key': served.apiKey }, body }),
    person: (token, method, path, body) => call(method, path, { headers: { authorization: `Bearer ${token}` }, body }),
    socket: async (path) => {
      const opened = await openRaw(`${served.url.replace('http', 'ws')}${path}`);
      closers.push(() => {
        opened.close();
      });
      return opened;
    },
    upgradeStatus: (path) => upgradeStatus(`${served.url.replace('http', 'ws')}${path}`),
    socketIo: async (token) => {
      const opened = await openIo(served.url, token);
      closers.push(() => {
        opened.close();
      });
      return opened;
    },
    fresh: (name) => `${name}-${unique(++used)}`,
    freshNumber: () => Number(unique(++used)),
    close: () => {
      for (const close of closers.splice(0)) close();
    },
  };
}

/** Grows with time and with each call, so that users of an earlier run are never met again. */
function unique(used: number): string {
  return String((Date.now() % 10_000_000_000) * 1_000 + (used % 1_000));
}

async function callOver(
  url: string,
  method: string,
  path: string,
  { headers = {}, body }: CallOptions,
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

/** What is no JSON object is kept as `text`. */
function parsed(text: string): Answer['body'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer['body']) : { text };
  } catch {
    return { text };
  }
}

/** What came, and whoever waits for some of it. */
function mailbox<Mail>(name: () => string) {
  const unread: Mail[] = [];
  const waiting = new Set<() => void>();
  return {
    put: (mail: Mail) => {
      unread.push(mail);
      for (const look of [...waiting]) look();
    },
    take: (is: (mail: Mail) => boolean, what: string): Promise<Mail> =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`${name()}: no ${what} within ${String(patienceMs)} ms; unread: ${JSON.stringify(unread)}`));
        }, patienceMs);
        const look = (): void => {
          const index = unread.findIndex(is);
          const [found] = index === -1 ? [] : unread.splice(index, 1);
          if (found === undefined) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

async function openRaw(address: string): Promise<RawSocket> {
  const socket = new WebSocket(address);
  const messages: Message[] = [];
  const mail = mailbox<Message>(() => address.split('?')[0] ?? '');
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    messages.push(message);
    mail.put(message);
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
  });
  return {
    send: (message) => {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    },
    next: (is = () => true) => mail.take(is, 'such message'),
    messages,
    closed,
    close: () => {
      socket.close();
    },
  };
}

async function upgradeStatus(address: string): Promise<number> {
  const socket = new WebSocket(address);
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.close();
      resolve(101);
    });
    socket.once('unexpected-response', (_request, response) => {
      socket.terminate();
      resolve(response.statusCode ?? 0);
    });
    socket.once('error', reject);
  });
}

async function openIo(url: string, token: string): Promise<IoSocket> {
  const client = io(url, {
    transports: ['websocket'],
    upgrade: false,
    forceNew: true,
    reconnection: false,
    auth: { token },
  });
  const names: string[] = [];
  const mail = mailbox<{ readonly event: string; readonly data: Message }>(() => `socket.io ${client.id ?? ''}`);
  client.onAny((event: string, data: Message) => {
    names.push(event);
    mail.put({ event, data });
  });
  await new Promise((resolve, reject) => {
    client.once('connect', () => {
      resolve(undefined);
    });
    client.once('connect_error', reject);
  });
  return {
    client,
    next: async (event, is = () => true) => (await mail.take((one) => one.event === event && is(one.data), event)).data,
    names,
    close: () => {
      client.disconnect();
    },
  };
}
