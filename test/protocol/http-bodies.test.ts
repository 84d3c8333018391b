// What callers of the HTTP API may send: each schema takes what is right, and names the first thing that is wrong.
import type * as z from 'zod/mini';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/protocol/failures.ts';
import { deliveriesQuery, inboxChange, inboxQuery, publishBody } from '../../shared/protocol/http-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';

function refusalOf(schema: z.ZodMiniType, value: unknown): readonly [code: string, field: string | undefined] {
  try {
    validate(schema, value, 'body');
  } catch (error) {
    if (error instanceof Failure) return [error.code, error.detail.field];
    throw error;
  }
  throw new Error('nothing was refused');
}

const place = { topic: 'all', epoch: 'e1', seq: 3 };
const manyUsers = (count: number): readonly string[] => Array<string>(count).fill('a');

describe('the body of a broadcast', () => {
  const body = { event: 'invoice:paid', data: {}, audience: { users: ['a'] } };

  it.each([
    [{}],
    [{ metadata: {}, durability: 'ephemeral', expiresAt: '2026-12-24T18:00:00Z', except: ['b'] }],
    [{ event: 'e'.repeat(128) }],
    [{ audience: { users: manyUsers(1_000) } }],
    [{ audience: { everyone: true } }],
    [{ audience: { role: 'r'.repeat(128) } }],
    // How many kinds there may be is for the dialect to say.
    [{ audience: {} }],
    [{ except: manyUsers(100) }],
  ])('may be %.60j', (change) => {
    expect(validate(publishBody, { ...body, ...change }, 'body')).toEqual({ ...body, ...change });
  });

  it.each([
    [{ event: undefined }, 'missing_field', 'event'],
    [{ event: '' }, 'invalid_field', 'event'],
    [{ event: 'e'.repeat(129) }, 'invalid_field', 'event'],
    [{ data: undefined }, 'missing_field', 'data'],
    [{ data: [] }, 'invalid_field', 'data'],
    [{ metadata: 'crm' }, 'invalid_field', 'metadata'],
    [{ audience: undefined }, 'missing_field', 'audience'],
    [{ audience: 'everyone' }, 'invalid_field', 'audience'],
    [{ audience: { users: [] } }, 'invalid_field', 'audience.users'],
    [{ audience: { users: manyUsers(1_001) } }, 'invalid_field', 'audience.users'],
    [{ audience: { users: ['a', ''] } }, 'invalid_field', 'audience.users[1]'],
    [{ audience: { users: ['u'.repeat(129)] } }, 'invalid_field', 'audience.users[0]'],
    [{ audience: { role: '' } }, 'invalid_field', 'audience.role'],
    [{ audience: { role: 'r'.repeat(129) } }, 'invalid_field', 'audience.role'],
    [{ audience: { everyone: false } }, 'invalid_field', 'audience.everyone'],
    [{ audience: { topic: 'all' } }, 'unknown_field', 'audience.topic'],
    [{ durability: 'forever' }, 'invalid_field', 'durability'],
    [{ expiresAt: 1_795_249_800_000 }, 'invalid_field', 'expiresAt'],
    [{ except: [] }, 'invalid_field', 'except'],
    [{ except: manyUsers(101) }, 'invalid_field', 'except'],
    [{ priority: 'high' }, 'unknown_field', 'priority'],
  ])('must not be %.60j', (change, code, field) => {
    expect(refusalOf(publishBody, { ...body, ...change })).toEqual([code, field]);
  });
});

describe('the change of an inbox', () => {
  it.each([
    [{}],
    [{ acknowledge: [place] }],
    [{ read: [{ topic: 'all', epoch: 'e1', upToSeq: 3 }] }],
    [{ read: [{ topic: 'all', epoch: 'e1', seqs: [1, 3] }] }],
    [{ acknowledge: [place], read: [{ topic: 'all', epoch: 'e1', upToSeq: 3, seqs: [5] }], readAll: true }],
  ])('may be %j', (change) => {
    expect(validate(inboxChange, change, 'body')).toEqual(change);
  });

  it.each([
    [{ acknowledge: [] }, 'invalid_field', 'acknowledge'],
    [{ acknowledge: place }, 'invalid_field', 'acknowledge'],
    [{ acknowledge: [{ ...place, seq: -1 }] }, 'invalid_field', 'acknowledge[0].seq'],
    [{ acknowledge: [{ topic: 'all', seq: 1 }] }, 'missing_field', 'acknowledge[0].epoch'],
    [{ acknowledge: Array.from({ length: 101 }, () => place) }, 'invalid_field', 'acknowledge'],
    [{ read: [{ topic: 'all', epoch: 'e1', seqs: Array<number>(101).fill(1) }] }, 'invalid_field', 'read[0].seqs'],
    [{ read: [{ topic: 'all', epoch: 'e1', seq: 1 }] }, 'unknown_field', 'read[0].seq'],
    [{ readAll: false }, 'invalid_field', 'readAll'],
    [{ deleteAll: true }, 'unknown_field', 'deleteAll'],
    [[], 'invalid_field', 'body'],
  ])('must not be %.60j', (change, code, field) => {
    expect(refusalOf(inboxChange, change)).toEqual([code, field]);
  });
});

describe('a query', () => {
  it.each([
    [inboxQuery, {}],
    [inboxQuery, { limit: '5', after: 'W10', from: 'start' }],
    [deliveriesQuery, { limit: '5', after: 'a' }],
  ])('may say what it knows', (schema, query) => {
    expect(validate(schema, query, 'query')).toEqual(query);
  });

  it.each([
    [inboxQuery, { from: 'end' }, 'invalid_field', 'from'],
    [inboxQuery, { offset: '5' }, 'unknown_field', 'offset'],
    [deliveriesQuery, { from: 'start' }, 'unknown_field', 'from'],
  ])('must not say anything else', (schema, query, code, field) => {
    expect(refusalOf(schema, query)).toEqual([code, field]);
  });
});
