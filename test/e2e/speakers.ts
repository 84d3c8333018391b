// How a client of each dialect comes in, what it may say wrong, and which text answers which of its frames.
import type { DialectName } from '../../shared/protocol/dialect-names.ts';
import type { Line } from './line.ts';
import { openLine } from './line.ts';
import type { Stack } from './stack.ts';

export interface Bad {
  readonly what: string;
  readonly text: (id: string) => string;
  readonly code: string;
  readonly field?: string;
  /** What cannot be read has no id that could be told. */
  readonly isUnbound?: true;
}

export interface Speaker {
  /** A socket of this user that is in and greeted. */
  readonly open: (stack: Stack, user: string) => Promise<Line>;
  /** A frame of this user that is answered when it is taken. */
  readonly harmless: (id: string, user: string) => string;
  readonly bad: readonly Bad[];
}

/** Deeper than what anybody has to say. */
const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;

/** What is wrong wherever frames are JSON objects. */
const badJson: readonly Bad[] = [
  { what: 'an unknown type', text: (id) => `{"type":"shout","id":"${id}"}`, code: 'invalid_field', field: 'type' },
  { what: 'no type', text: (id) => `{"id":"${id}"}`, code: 'missing_field', field: 'type' },
  { what: 'broken JSON', text: (id) => `{"type":"ping","id":"${id}"`, code: 'invalid_json', isUnbound: true },
  { what: 'too deep', text: (id) => `{"id":"${id}","data":${deep}}`, code: 'invalid_json', isUnbound: true },
  { what: 'a list', text: (id) => `[{"type":"ping","id":"${id}"}]`, code: 'invalid_field', isUnbound: true },
];

/** A room that is another's, where there are no rooms. */
const noRoom: Bad = {
  what: 'a foreign room',
  text: (id) => `{"type":"join","id":"${id}","room":"user_peer"}`,
  code: 'invalid_field',
  field: 'type',
};

export const speakers: Readonly<Record<DialectName, Speaker>> = {
  bellhop: {
    open: async (stack, user) => {
      const line = await connect(stack, `/ws?token=${await stack.token(user)}`);
      await line.until('the end of what was missed', (text) => text.includes('"resumed"'));
      return line;
    },
    harmless: (id) => `{"type":"ping","id":"${id}"}`,
    bad: [
      ...badJson,
      { ...noRoom, code: 'forbidden', field: 'room' },
      { what: 'no room', text: (id) => `{"type":"join","id":"${id}"}`, code: 'missing_field', field: 'room' },
    ],
  },
  leads: {
    open: async (stack, user) => {
      const line = await connect(stack, '/ws');
      line.send(JSON.stringify({ type: 'authenticate', data: { token: await stack.token(user) } }));
      await line.until('who it is', (text) => text.includes('"authenticated"'));
      return line;
    },
    harmless: (id) => `{"type":"ping","id":"${id}","data":{}}`,
    bad: [
      ...badJson,
      noRoom,
      {
        what: 'no events',
        text: (id) => `{"type":"subscribe","id":"${id}","data":{}}`,
        code: 'missing_field',
        field: 'data.events',
      },
    ],
  },
  hotel: {
    open: async (stack, user) => {
      const line = await connect(stack, `/ws/notifications?token=${await stack.token(user)}&guestId=${user}`);
      await line.until('the greeting', (text) => text.includes('"connection"'));
      return line;
    },
    harmless: (id) => `{"type":"ping","id":"${id}"}`,
    bad: [...badJson, noRoom],
  },
  socketio: {
    open: async (stack, user) => {
      const line = await connect(stack, '/socket.io/?EIO=4&transport=websocket');
      await line.until('the open packet', (text) => text.startsWith('0'));
      line.send(`40${JSON.stringify({ token: await stack.token(user) })}`);
      await line.until('the connect packet', (text) => text.startsWith('40'));
      return line;
    },
    harmless: (id, user) => `42${id}["typing_stop","user_${user}"]`,
    bad: [
      { what: 'an unknown event', text: (id) => `42${id}["shout",{}]`, code: 'bad_request', field: 'event' },
      { what: 'a foreign room', text: (id) => `42${id}["join_room","user_peer"]`, code: 'forbidden', field: 'room' },
      { what: 'no room', text: (id) => `42${id}["join_room"]`, code: 'missing_field', field: 'room' },
      { what: 'broken JSON', text: (id) => `42${id}["join_room"`, code: 'invalid_json' },
      { what: 'too deep', text: (id) => `42${id}["message",${deep}]`, code: 'invalid_json' },
      { what: 'no list', text: (id) => `42${id}{"message":1}`, code: 'invalid_field' },
      { what: 'no packet', text: () => 'hello', code: 'bad_request', isUnbound: true },
    ],
  },
};

function connect(stack: Stack, path: string): Promise<Line> {
  return openLine(`${stack.runtime.httpUrl.replace('http', 'ws')}${path}`);
}

export interface Reply {
  /** The id of the frame that it answers. */
  readonly to: string | undefined;
  /** Of the refusal; null when the frame was obeyed. */
  readonly code: string | null;
  readonly field: unknown;
  /** Whether it says that the socket is closed now. */
  readonly isClosing: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** What a text says about a frame that was sent before; null when it is about none. */
export function replyIn(dialect: DialectName, text: string): Reply | null {
  switch (dialect) {
    case 'bellhop': {
      const frame = JSON.parse(text) as Fields;
      return replyOf(frame['type'] === 'error' ? frame : null, frame['replyTo']);
    }
    case 'leads': {
      const { type, data, id } = JSON.parse(text) as {
        readonly type: string;
        readonly data: Fields;
        readonly id: unknown;
      };
      return replyOf(type === 'error' ? data : null, id);
    }
    case 'hotel': {
      const { type, data } = JSON.parse(text) as { readonly type: string; readonly data: Fields };
      return replyOf(type === 'error' ? data : null, data['replyTo']);
    }
    case 'socketio': {
      const [, id, body = ''] = /^43(\d+)(.*)$/.exec(text) ?? [];
      if (id !== undefined) return replyOf((JSON.parse(body) as readonly { error?: Fields }[])[0]?.error ?? null, id);
      const [event, data] = text.startsWith('42') ? (JSON.parse(text.slice(2)) as readonly [string, Fields]) : [];
      return event === 'error' ? replyOf(data ?? null, undefined) : null;
    }
  }
}

function replyOf(error: Fields | null, to: unknown): Reply | null {
  if (error === null) return typeof to === 'string' ? { to, code: null, field: undefined, isClosing: false } : null;
  return {
    to: typeof to === 'string' ? to : undefined,
    code: String(error['code']),
    field: error['field'],
    isClosing: error['closing'] === true,
  };
}
