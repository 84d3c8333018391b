// Who gets in by which door of the sockets: every door with every kind of token, in the address and in a frame.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { socketDoors } from '../../shared/protocol/doors.ts';
import type { Message, Site } from '../conformance/site.ts';
import { openSite } from '../conformance/site.ts';
import type { BadToken } from './callers.ts';
import { badTokens, tokenOf } from './callers.ts';
import type { Stack } from './stack.ts';
import { apiKey, startStack } from './stack.ts';

type Door = (typeof socketDoors)[number];
type Shown = 'none' | 'good' | BadToken;

const user = 'guest-7';
const claims = { tenant: 'default', roles: ['guest'] };
const shown: readonly Shown[] = ['none', 'good', ...badTokens];

let stack: Stack;
let site: Site;

beforeAll(async () => {
  stack = await startStack();
  site = openSite({ url: stack.runtime.httpUrl, apiKey, token: (name, roles) => stack.token(name, { roles }) });
});
afterEach(() => {
  site.close();
});
afterAll(() => stack.stop());

async function make(token: Shown): Promise<string> {
  return token === 'none' ? '' : tokenOf(stack, user, claims, token);
}

/** The address of a door, as its own clients write it. */
function addressOf({ path, dialect }: Door, token: string, guestId?: string): string {
  const query = {
    ...(token === '' ? {} : { token }),
    ...(guestId === undefined ? {} : { guestId }),
    ...(dialect === 'socketio' ? { EIO: '4', transport: 'websocket' } : {}),
  };
  return `${path}?${new URLSearchParams(query).toString()}`;
}

/** Guests have their token in the address, or none; whoever may say later who it is gets in without one. */
function expectedStatus({ dialect }: Door, token: Shown): 101 | 401 {
  if (token === 'none') return dialect === 'hotel' ? 401 : 101;
  return token === 'good' ? 101 : 401;
}

function expectedCode(token: Shown): string | null {
  if (token === 'good') return null;
  if (token === 'none') return 'unauthenticated';
  return token === 'expired' ? 'token_expired' : 'token_invalid';
}

describe.each(socketDoors)('the door $path', (door) => {
  it.each(shown.map((token) => ({ token, status: expectedStatus(door, token) })))(
    'answers $status to the token in the address: $token',
    async ({ token, status }) => {
      expect(await site.upgradeStatus(addressOf(door, await make(token), user))).toBe(status);
    },
  );
});

describe('the door of the guests', () => {
  const [, door] = socketDoors;

  it.each([
    ['their own', user, 101],
    ['another guest', 'guest-8', 403],
    ['a guest of a longer name', `${user}0`, 403],
    ['nobody', undefined, 400],
    ['an empty name', '', 403],
  ])('answers a good token that is sent with %s', async (_, guestId, status) => {
    expect(await site.upgradeStatus(addressOf(door, await make('good'), guestId))).toBe(status);
  });
});

describe('the door of Socket.IO', () => {
  it.each([
    { EIO: '3', transport: 'websocket' },
    { EIO: '4', transport: 'polling' },
    { EIO: '4', transport: '' },
  ])('answers 400 to %j', async (query) => {
    const parameters = new URLSearchParams({ ...query, token: await make('good') });
    expect(await site.upgradeStatus(`/socket.io?${parameters.toString()}`)).toBe(400);
  });
});

/** How a client says who it is after the socket is open; what comes of it is the code of the refusal, or null. */
const frames: Readonly<Record<string, (token: string) => Promise<unknown>>> = {
  bellhop: async (token) => {
    const socket = await site.socket('/ws');
    socket.send(token === '' ? { type: 'join', id: 'a', room: 'lobby' } : { type: 'authenticate', id: 'a', token });
    const answer = await socket.next(({ replyTo }) => replyTo === 'a');
    return answer['type'] === 'connected' ? null : answer['code'];
  },
  leads: async (token) => {
    const socket = await site.socket('/ws');
    const selection = { type: 'subscribe', id: 'a', data: { events: ['news'] } };
    socket.send(token === '' ? selection : { type: 'authenticate', id: 'a', data: { token } });
    const answer = await socket.next(({ id }) => id === 'a');
    return answer['type'] === 'authenticated' ? null : (answer['data'] as Message)['code'];
  },
  'socket.io': async (token) => {
    try {
      await site.socketIo(token);
      return null;
    } catch (error) {
      return (error as { readonly data: Message }).data['code'];
    }
  },
};

describe.each(Object.entries(frames))('a client of %s', (_, enter) => {
  it.each(shown.map((token) => ({ token, code: expectedCode(token) })))(
    'hears $code of the token in its frame: $token',
    async ({ token, code }) => {
      expect(await enter(await make(token))).toBe(code);
    },
  );
});

describe('whoever is in', () => {
  const others = [
    ['another user of the tenant', { tenant: 'default', roles: ['admin'] }, 'somebody'],
    ['the same name in another tenant', { tenant: 'acme', roles: ['guest'] }, user],
  ] as const;

  it.each(others)('cannot become %s on a socket of Bellhop', async (_, theirs, name) => {
    const socket = await site.socket(`/ws?token=${await make('good')}`);
    await socket.next(({ type }) => type === 'connected');
    socket.send({ type: 'authenticate', id: 'b', token: await stack.token(name, theirs) });
    expect(await socket.next(({ replyTo }) => replyTo === 'b')).toMatchObject({ type: 'error', code: 'forbidden' });
    socket.send({ type: 'join', id: 'c', room: 'role_admin' });
    expect(await socket.next(({ replyTo }) => replyTo === 'c')).toMatchObject({ type: 'error', code: 'forbidden' });
  });

  it.each(others)('cannot become %s on one of Socket.IO', async (_, theirs, name) => {
    const { client } = await site.socketIo(await make('good'));
    const token = await stack.token(name, theirs);
    const answer: unknown = await client.emitWithAck('authenticate', { token });
    expect(answer).toMatchObject({ success: false, error: { code: 'forbidden' } });
  });
});
