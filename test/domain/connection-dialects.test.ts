// Connections of each dialect: what they follow, which events they get, and what a newer token makes of them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identity, KnownConnection } from '../../shared/domain/connection.ts';
import {
  acknowledges,
  anonymousConnection,
  answersHeartbeats,
  isToldCounts,
  joinedRooms,
  knownConnection,
  refreshedConnection,
  selectsEvents,
  subscribedTopics,
  tracksPresence,
  wants,
  withPresence,
} from '../../shared/domain/connection.ts';
import { roomsFromTheStart, topicOfRoom, whyNotAllowedIn } from '../../shared/domain/room.ts';
import { topicsOf } from '../../shared/domain/topic.ts';
import { dialectNames } from '../../shared/protocol/dialect-names.ts';
import { aConnection } from '../builders/connection.ts';
import { anIdentity } from '../builders/identity.ts';

const minuteMs = 60_000;

describe('what clients of each dialect do', () => {
  it.each([
    ['bellhop', { acknowledges: true, counts: false, heartbeats: false, selects: false, presence: false }],
    ['hotel', { acknowledges: false, counts: false, heartbeats: false, selects: false, presence: false }],
    ['leads', { acknowledges: false, counts: false, heartbeats: false, selects: true, presence: false }],
    ['socketio', { acknowledges: false, counts: true, heartbeats: true, selects: false, presence: true }],
  ] as const)('%s: %j', (dialect, expected) => {
    expect({
      acknowledges: acknowledges(dialect),
      counts: isToldCounts(dialect),
      heartbeats: answersHeartbeats(dialect),
      selects: selectsEvents(dialect),
      presence: tracksPresence(dialect),
    }).toEqual(expected);
  });

  it('an anonymous connection is one of our own, and nobody, unless something else is said', () => {
    const identity = anIdentity();
    expect(anonymousConnection('c', 0)).toMatchObject({ dialect: 'bellhop', identity: null });
    expect(anonymousConnection('c', 0, 'socketio', identity)).toMatchObject({ dialect: 'socketio', identity });
  });

  it.each(dialectNames)('a known connection keeps the dialect: %s', (dialect) => {
    expect(knownConnection({ connectionId: 'c', connectedAtMs: 0, dialect }, anIdentity()).dialect).toBe(dialect);
  });
});

describe('an event', () => {
  it.each([
    ['bellhop', undefined, 'yes'],
    ['hotel', undefined, 'yes'],
    ['socketio', undefined, 'yes'],
    // What another dialect has no word for does not take anything away from its clients.
    ['bellhop', ['other'], 'yes'],
    ['leads', undefined, 'later'],
    ['leads', [], 'no'],
    ['leads', ['lead_updates'], 'no'],
    ['leads', ['other', 'lead_update'], 'yes'],
  ] as const)('of a client of %s that selected %j: %s', (dialect, events, expected) => {
    expect(wants({ dialect, ...(events === undefined ? {} : { events }) }, 'lead_update')).toBe(expected);
  });
});

describe('the rooms of a connection', () => {
  it('are those that it joined, without those that everybody with its roles is in', () => {
    const connection = aConnection({ user: 'a', roles: ['admin'] });
    expect(joinedRooms(connection)).toEqual([]);
    const topics = [...connection.topics, 'room:work_order_7', 'room:lobby'] as const;
    expect(joinedRooms({ ...connection, topics })).toEqual(['work_order_7', 'lobby']);
  });

  it.each(dialectNames)('all get subscriptions, and that of who is there for those who are told: %s', (dialect) => {
    for (const [role, isOfTeam, isTold] of [
      ['guest', true, true],
      ['technician', false, true],
      ['guest', false, false],
    ] as const) {
      const socket = { connectionId: 'c', connectedAtMs: 0, dialect };
      const connection = withPresence(knownConnection(socket, anIdentity({ user: 'a', roles: [role] })), isOfTeam);
      const topics = [...connection.topics, 'room:lobby'] as const;
      expect(subscribedTopics({ ...connection, topics })).toEqual([
        'user:a',
        'all',
        `role:${role}`,
        'room:lobby',
        ...(dialect === 'socketio' && isTold ? ['presence'] : []),
      ]);
    }
  });
});

describe('a newer token', () => {
  const roles = fc.uniqueArray(fc.constantFrom('admin', 'technician', 'guest'));
  const rooms = fc.uniqueArray(fc.constantFrom('work_order_7', 'ticket_9', 'lobby', 'user:b', 'tickets'));
  const connections = fc.record({
    roles,
    rooms,
    newRoles: roles,
    tokenExpiresAtMs: fc.integer({ min: 1, max: 300 }).map((minutes) => minutes * minuteMs),
    events: fc.option(fc.array(fc.string(), { maxLength: 2 }), { nil: undefined }),
    dialect: fc.constantFrom(...dialectNames),
  });
  type Given = typeof connections extends fc.Arbitrary<infer Value> ? Value : never;

  /** A connection that has been there for a minute, in the rooms that its roles allow, and the identity of its newer token. */
  function play(given: Given): {
    readonly before: KnownConnection;
    readonly identity: Identity;
    readonly after: KnownConnection;
  } {
    const former = anIdentity({ tenant: 'default', user: 'a', roles: given.roles, tokenExpiresAtMs: 60 * minuteMs });
    const known = knownConnection({ connectionId: 'c', connectedAtMs: minuteMs, dialect: given.dialect }, former);
    const joined = given.rooms.filter((room) => whyNotAllowedIn(former, room) === null);
    const before = {
      ...known,
      topics: [...known.topics, ...joined.map(topicOfRoom)],
      ...(given.events === undefined ? {} : { events: given.events }),
      leaseUntilMs: 42 * minuteMs,
    };
    const identity = { ...former, roles: given.newRoles, tokenExpiresAtMs: given.tokenExpiresAtMs };
    return { before, identity, after: refreshedConnection(before, identity) };
  }

  it('gives its roles and its end, and leaves everything else as it was', () => {
    fc.assert(
      fc.property(connections, (given) => {
        const { before, after } = play(given);
        expect({ ...after, topics: [], roles: [], expiresAtMs: 0 }).toEqual({
          ...before,
          topics: [],
          roles: [],
          expiresAtMs: 0,
        });
        expect(after.roles).toEqual(given.newRoles);
        // Two hours after the connection the gateway closes it, whatever the token says.
        expect(after.expiresAtMs).toBe(Math.min(given.tokenExpiresAtMs, 121 * minuteMs));
      }),
    );
  });

  it('takes the connection out of the rooms that its roles do not allow any more, and of no others', () => {
    fc.assert(
      fc.property(connections, (given) => {
        const { before, after, identity } = play(given);
        const stays = joinedRooms(before).filter((room) => whyNotAllowedIn(identity, room) === null);
        expect(joinedRooms(after)).toEqual(stays);
        expect(after.topics).toEqual([...topicsOf(identity), ...stays.map(topicOfRoom)]);
        for (const room of roomsFromTheStart(identity)) expect(after.topics).toContain(topicOfRoom(room));
        expect(new Set(after.topics).size).toBe(after.topics.length);
      }),
    );
  });

  it('that says the same changes nothing', () => {
    fc.assert(
      fc.property(connections, (given) => {
        const { before } = play(given);
        const { tenant, user, roles: same, expiresAtMs } = before;
        expect(refreshedConnection(before, { tenant, user, roles: same, tokenExpiresAtMs: expiresAtMs })).toEqual(
          before,
        );
      }),
    );
  });
});
