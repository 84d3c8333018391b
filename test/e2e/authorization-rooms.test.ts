// Who may do what in which room: every kind of room for every role, in a team and in a house, by frames and by Socket.IO's events.
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typingStore } from '../../shared/dynamodb/typing-store.ts';
import type { RawSocket, Site } from '../conformance/site.ts';
import { openSite } from '../conformance/site.ts';
import type { Tenant } from './callers.ts';
import { house, team } from './callers.ts';
import type { Stack } from './stack.ts';
import { apiKey, startStack } from './stack.ts';

const roles = ['guest', 'technician', 'manager', 'agent', 'admin'] as const;
type Role = (typeof roles)[number];
const staff: readonly Role[] = ['technician', 'manager', 'agent', 'admin'];

interface Room {
  readonly nameFor: (user: string, role: Role) => string;
  readonly admits: (role: Role) => boolean;
  /** Whoever is admitted is in it as long as they are connected. */
  readonly isFromTheStart: boolean;
  /** It may hold people who never asked for it. */
  readonly isOfRole: boolean;
}

const joined = { isFromTheStart: false, isOfRole: false } as const;
const rooms: Readonly<Record<string, Room>> = {
  'their own': { nameFor: (user) => `user_${user}`, admits: () => true, isFromTheStart: true, isOfRole: false },
  "another user's": { ...joined, nameFor: () => 'user_somebody', admits: () => false },
  'of their role': { nameFor: (_, role) => `role_${role}`, admits: () => true, isFromTheStart: true, isOfRole: true },
  'of another role': { ...joined, nameFor: () => 'role_owner', admits: () => false },
  'of the admins': {
    nameFor: () => 'admin_room',
    admits: (role) => role === 'admin',
    isFromTheStart: true,
    isOfRole: true,
  },
  'of a work order': { ...joined, nameFor: () => 'work_order_7', admits: (role) => staff.includes(role) },
  'of a ticket': { ...joined, nameFor: () => 'ticket_9', admits: (role) => staff.includes(role) },
  'of any other name': { ...joined, nameFor: () => 'lobby', admits: () => true },
};

type Action = 'join' | 'leave' | 'send' | 'typing';
type Outcome = 'done' | 'forbidden';

interface Cell {
  readonly tenant: Tenant;
  readonly role: Role;
  readonly room: Room;
}

function expectedOutcome(action: Action, { tenant, role, room }: Cell, hasJoined: boolean): Outcome {
  const isAdmitted = room.admits(role);
  const isIn = isAdmitted && (room.isFromTheStart || hasJoined);
  // The customers of a house must not make themselves heard by all others of their role.
  const isHeard = isIn && (!room.isOfRole || tenant === team || staff.includes(role));
  const may: Readonly<Record<Action, boolean>> = {
    join: isAdmitted,
    // Who is in no such room has left it, whatever it is; one's own are for as long as one is connected.
    leave: !(isAdmitted && room.isFromTheStart),
    send: isHeard,
    typing: isHeard,
  };
  return may[action] ? 'done' : 'forbidden';
}

/** What is tried in each room, in this order: before joining, as a member, and after leaving. */
const tries: readonly (readonly [Action, boolean])[] = [
  ['send', false],
  ['typing', false],
  ['leave', false],
  ['join', false],
  ['send', true],
  ['typing', true],
  ['leave', true],
];

/** Does one thing and says what came of it. */
type Client = (action: Action, room: string, canary: string) => Promise<Outcome>;

const patienceMs = 15_000;

let stack: Stack;
let site: Site;
const said: { readonly canary: string; readonly outcome: Outcome }[] = [];

beforeAll(async () => {
  stack = await startStack({ parameters: { Teams: team } });
  site = openSite({ url: stack.runtime.httpUrl, apiKey, token: (user, given) => stack.token(user, { roles: given }) });
});
afterAll(async () => {
  site.close();
  await stack.stop();
});

interface Person {
  readonly tenant: Tenant;
  readonly user: string;
}

const clients: Readonly<Record<string, (token: string, person: Person) => Promise<Client>>> = {
  bellhop: async (token, person) => {
    const socket = await site.socket(`/ws?token=${token}`);
    await socket.next(({ type }) => type === 'resumed');
    let frames = 0;
    return async (action, room, canary) => {
      frames += 1;
      const id = `f${String(frames)}`;
      socket.send({ id, room, ...frameOf(action, canary) });
      if (action === 'typing') return typed(socket, id, person, room);
      const { type, code } = await socket.next(({ replyTo }) => replyTo === id);
      return outcomeOf(type !== 'error', code);
    };
  },
  'socket.io': async (token) => {
    const { client } = await site.socketIo(token);
    const events = { join: 'join_room', leave: 'leave_room', send: 'roomMessage', typing: 'typing_start' } as const;
    return async (action, room, canary) => {
      const value = action === 'send' ? { room, message: canary } : room;
      const answer = (await client.timeout(patienceMs).emitWithAck(events[action], value)) as Ack;
      return outcomeOf(answer.success, answer.error?.code);
    };
  },
};

interface Ack {
  readonly success: boolean;
  readonly error?: { readonly code: string };
}

function frameOf(action: Action, canary: string): object {
  if (action === 'send') return { type: action, data: { canary } };
  return action === 'typing' ? { type: action, active: true } : { type: action };
}

/** Frames have no word for typing that was told, so the note that is kept of it tells; it is forgotten for the next try. */
async function typed(socket: RawSocket, id: string, { tenant, user }: Person, room: string): Promise<Outcome> {
  const notes = typingStore(stack.documents(), stack.tableName('GuardsTable'));
  const untilMs = Date.now() + patienceMs;
  while (Date.now() < untilMs) {
    const refusal = socket.messages.find(({ replyTo }) => replyTo === id);
    if (refusal !== undefined) return outcomeOf(false, refusal['code']);
    const notedMs = await notes.lastMs(tenant, room, user);
    if (notedMs !== null) {
      await notes.stop(tenant, room, user, notedMs);
      return 'done';
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`typing in ${room} was neither noted nor refused`);
}

function outcomeOf(isDone: boolean, code: unknown): Outcome {
  if (isDone) return 'done';
  expect(code).toBe('forbidden');
  return 'forbidden';
}

describe.each([team, house] as const)('in %s', (tenant) => {
  describe.each(Object.entries(clients))('a client of %s', (dialect, open) => {
    // A team differs in what its guests may do; one of its staff is there for comparison.
    it.each(tenant === team ? (['guest', 'technician'] as const) : roles)(
      'who is %s may do what the room allows',
      async (role) => {
        const user = `${role}-by-${dialect}`;
        const act = await open(await stack.token(user, { tenant, roles: [role] }), { tenant, user });
        const found: string[] = [];
        const right: string[] = [];
        for (const [kind, room] of Object.entries(rooms)) {
          let hasJoined = false;
          for (const [action, asMember] of tries) {
            const canary = `canary(${String(said.length)})`;
            const outcome = await act(action, room.nameFor(user, role), canary);
            const what = `${action} in a room ${kind}${asMember ? ', joined' : ''}`;
            found.push(`${what}: ${outcome}`);
            right.push(`${what}: ${expectedOutcome(action, { tenant, role, room }, hasJoined)}`);
            if (action === 'send') said.push({ canary, outcome });
            if (action === 'join') hasJoined = outcome === 'done';
            if (action === 'leave') hasJoined = false;
          }
        }
        expect(found).toEqual(right);
      },
    );
  });
});

describe('telling everybody', () => {
  it.each(
    ([team, house] as const).flatMap((tenant) =>
      roles.map((role) => ({ tenant, role, outcome: tenant === team || staff.includes(role) ? 'done' : 'forbidden' })),
    ),
  )('is $outcome for $role of $tenant, in either way', async ({ tenant, role, outcome }) => {
    const token = await stack.token(`${role}-to-all`, { tenant, roles: [role] });
    const socket = await site.socket(`/ws?token=${token}`);
    socket.send({ type: 'send', id: 'all', data: { canary: 'canary(all)' } });
    const { type, code } = await socket.next(({ replyTo }) => replyTo === 'all');
    const { client } = await site.socketIo(token);
    const answer = (await client.timeout(patienceMs).emitWithAck('message', 'canary(all)')) as Ack;
    expect([outcomeOf(type === 'sent', code), outcomeOf(answer.success, answer.error?.code)]).toEqual([
      outcome,
      outcome,
    ]);
  });
});

it('what was forbidden is not stored, and what was done is', async () => {
  const name = stack.tableName('BroadcastsTable');
  const stored: string[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await stack.documents().send(new ScanCommand({ TableName: name, ExclusiveStartKey: from }));
    stored.push(JSON.stringify(page.Items));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  const everything = stored.join('\n');
  expect(said.map(({ canary }) => everything.includes(canary))).toEqual(said.map(({ outcome }) => outcome === 'done'));
  expect(new Set(said.map(({ outcome }) => outcome)).size).toBe(2);
});
