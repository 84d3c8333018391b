// Connections: how long they live and which names they may bear.
import { describe, expect, it } from 'vitest';
import { anonymousConnection, isExpired, knownConnection, nameProblem } from '../../shared/domain/connection.ts';

const identity = { tenant: 'default', user: 'contractor1', roles: ['technician'], tokenExpiresAtMs: 10_000_000 };

describe('connections', () => {
  it('a known one lives as long as its token, but two hours at most', () => {
    const twoHoursMs = 7_200_000;
    expect(knownConnection('c', 1_000, { ...identity, tokenExpiresAtMs: 5_000 }).expiresAtMs).toBe(5_000);
    expect(knownConnection('c', 1_000, { ...identity, tokenExpiresAtMs: 1e13 }).expiresAtMs).toBe(1_000 + twoHoursMs);
  });

  it('a known one follows the topics of its user', () => {
    expect(knownConnection('c', 1_000, identity).topics).toEqual(['user:contractor1', 'all']);
  });

  it('an anonymous one has ten seconds', () => {
    const connection = anonymousConnection('c', 1_000);
    expect(isExpired(connection, 10_999)).toBe(false);
    expect(isExpired(connection, 11_000)).toBe(true);
  });

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
});
