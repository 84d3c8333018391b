// Connections: how long they live, who counts as there, and which names they may bear.
import { describe, expect, it } from 'vitest';
import {
  anonymousConnection,
  isExpired,
  isPresent,
  knownConnection,
  nameProblem,
  renewedLease,
  rolesProblem,
} from '../../shared/domain/connection.ts';
import { connectionLimits } from '../../shared/protocol/limits.ts';
import { aConnection } from '../builders/connection.ts';

const identity = { tenant: 'default', user: 'contractor1', roles: ['technician'], tokenExpiresAtMs: 10_000_000 };
const socket = { connectionId: 'c', connectedAtMs: 1_000, dialect: 'bellhop' } as const;
const { heartbeatEveryMs, leaseMs } = connectionLimits;

describe('connections', () => {
  it('a known one lives as long as its token, but two hours at most', () => {
    const twoHoursMs = 7_200_000;
    expect(knownConnection(socket, { ...identity, tokenExpiresAtMs: 5_000 }).expiresAtMs).toBe(5_000);
    expect(knownConnection(socket, { ...identity, tokenExpiresAtMs: 1e13 }).expiresAtMs).toBe(1_000 + twoHoursMs);
  });

  it('a known one follows the topics of its user and of the roles', () => {
    expect(knownConnection(socket, identity).topics).toEqual(['user:contractor1', 'all', 'role:technician']);
  });

  it('an anonymous one has ten seconds', () => {
    const connection = anonymousConnection('c', 1_000);
    expect(isExpired(connection, 10_999)).toBe(false);
    expect(isExpired(connection, 11_000)).toBe(true);
  });
});

describe('the lease of a connection', () => {
  const connection = aConnection({ connectedAtMs: 0, leaseUntilMs: leaseMs });

  it('begins with the connection', () => {
    expect(knownConnection(socket, identity).leaseUntilMs).toBe(1_000 + leaseMs);
  });

  it('is renewed by a sign of life, but not by each of many', () => {
    expect(renewedLease(connection, 1)).toBeNull();
    expect(renewedLease(connection, leaseMs - 1)).toBe(2 * leaseMs - 1);
    expect(renewedLease(connection, leaseMs + 5)).toBe(2 * leaseMs + 5);
  });

  it.each([
    ['beats in time', [1, 2, 3, 4, 5]],
    ['is a minute late each time', [1.2, 2.4, 3.6, 4.8]],
  ])('never runs out for a client that %s', (_, beats) => {
    expectNoLapse(beats);
  });

  it.each([
    ['loses every second beat', [1, 3, 5]],
    ['loses one beat and is late with the others', [1.2, 3.6]],
  ])('never runs out for a client that %s', (_, beats) => {
    expectNoLapse(beats);
  });

  /** Beats at these multiples of the time between two. */
  function expectNoLapse(beats: readonly number[]): void {
    let leaseUntilMs = leaseMs;
    for (const beat of beats) {
      const nowMs = beat * heartbeatEveryMs;
      expect(leaseUntilMs).toBeGreaterThan(nowMs);
      leaseUntilMs = renewedLease({ ...connection, leaseUntilMs }, nowMs) ?? leaseUntilMs;
    }
  }
});

describe('who is there', () => {
  const subscriber = {
    connectionId: 'c',
    user: 'a',
    connectedAtMs: 0,
    expiresAtMs: 1_000,
    dialect: 'bellhop',
  } as const;

  it.each([
    ['whose lease runs', { leaseUntilMs: 500 }, 499, true],
    ['whose lease has run out', { leaseUntilMs: 500 }, 500, false],
    ['whose lease is longer than the connection', { leaseUntilMs: 5_000 }, 1_000, false],
    ['without a lease, as long as the connection', {}, 999, true],
    ['without a lease, after the connection', {}, 1_000, false],
  ])('somebody %s: %o at %i ms %s', (_, lease, nowMs, present) => {
    expect(isPresent({ ...subscriber, ...lease }, nowMs)).toBe(present);
  });
});

describe('names', () => {
  it.each([
    ['user', 'contractor1', null],
    ['user', 'a|b/c%d', null],
    ['user', '', 'the user is empty'],
    ['user', 'u'.repeat(129), 'the user has 129 characters, at most 128 are allowed'],
    ['tenant', 't'.repeat(65), 'the tenant has 65 characters, at most 64 are allowed'],
    ['tenant', '\ud800', 'the tenant holds half a surrogate pair'],
  ] as const)('%s %j: %s', (kind, name, problem) => {
    expect(nameProblem(kind, name)).toBe(problem);
  });

  const many = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `r${String(index)}`);

  it.each([
    ['none', [], null],
    ['as many as may be', many(48), null],
    ['the same one again and again', Array<string>(100).fill('admin'), null],
    ['one too many', many(49), 'it has 49 roles, at most 48 are allowed'],
    ['one that is as long as may be', ['r'.repeat(128)], null],
    ['one that is too long', ['r'.repeat(129)], 'a role has no name, or one of more than 128 characters'],
    ['one without a name', ['admin', ''], 'a role has no name, or one of more than 128 characters'],
    ['half a surrogate pair', ['a\ud800'], 'a role holds half a surrogate pair'],
  ])('roles: %s', (_, roles, problem) => {
    expect(rolesProblem(roles)).toBe(problem);
    const { topics } = knownConnection(socket, { ...identity, roles });
    if (problem === null) expect(topics.length).toBeLessThanOrEqual(connectionLimits.topicsMax);
  });
});
