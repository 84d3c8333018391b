// The contractor CRM's API: its bodies become one command, and results become its answers.
import * as z from 'zod/mini';
import { describe, expect, it } from 'vitest';
import {
  acceptedAnswer,
  alertOf,
  batchAnswer,
  reportAnswer,
  statusAnswer,
  testAnswer,
  toBatchCommands,
  toBroadcastCommand,
  toTestCommand,
} from '../../shared/dialects/contractors.ts';
import { acceptBroadcast } from '../../shared/domain/broadcast.ts';
import { newTally } from '../../shared/domain/delivery.ts';
import type { ContractorBroadcastBody } from '../../shared/protocol/http-bodies.ts';
import { createBatchAnswer, createBatchBody } from '../../shared/protocol/http-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';

const task: ContractorBroadcastBody = { eventType: 'task:new', taskData: { id: 'task-1' } };

describe('a broadcast body', () => {
  it('keeps the names of the payload fields', () => {
    const body = { ...task, notification: { title: 'New task' }, metadata: { source: 'crm' } };
    expect(toBroadcastCommand(body)).toEqual({
      event: 'task:new',
      data: { taskData: { id: 'task-1' }, notification: { title: 'New task' } },
      metadata: { source: 'crm', alert: { priority: 'medium', sound: 'default', vibrate: true } },
      audience: { kind: 'topic', topic: 'all' },
      durability: 'durable',
    });
  });

  it.each([
    [{}, { kind: 'topic', topic: 'all' }],
    [{ contractorIds: ['b', 'a', 'b'] }, { kind: 'users', users: ['b', 'a'] }],
    [{ targetContractor: 'a' }, { kind: 'users', users: ['a'] }],
    [
      { contractorIds: ['b'], targetContractor: 'a' },
      { kind: 'users', users: ['b', 'a'] },
    ],
  ])('%j is for %j', (recipients, audience) => {
    expect(toBroadcastCommand({ ...task, ...recipients }).audience).toEqual(audience);
  });

  it('may say when it expires', () => {
    const expiresAt = '2026-12-24T19:00:00+01:00';
    expect(toBroadcastCommand({ ...task, expiresAt }).expiresAtMs).toBe(Date.UTC(2026, 11, 24, 18));
    expect(() => toBroadcastCommand({ ...task, expiresAt: '2026-12-24' })).toThrow(
      expect.objectContaining({ code: 'invalid_field' }),
    );
  });

  it.each([
    [{ eventType: 'task:new', notification: {} }, 'taskData'],
    [{ eventType: 'task:assigned' }, 'taskData'],
    [{ eventType: 'notification:system', taskData: {} }, 'notification'],
  ] as const)('%j lacks %s', (body, field) => {
    expect(() => toBroadcastCommand(body)).toThrow(
      expect.objectContaining({ code: 'missing_field', detail: expect.objectContaining({ field }) as object }),
    );
  });
});

describe('an alert', () => {
  it.each([
    ['Low', 'low', null, false],
    ['Medium', 'medium', 'default', true],
    ['High', 'high', 'high', true],
    ['Urgent', 'urgent', 'urgent', true],
    [' URGENT ', 'urgent', 'urgent', true],
    ['Whenever', 'medium', 'default', true],
    ['', 'medium', 'default', true],
    [undefined, 'medium', 'default', true],
    [null, 'medium', 'default', true],
    [3, 'medium', 'default', true],
    [['High'], 'medium', 'default', true],
  ])('of the priority %j is %s', (given, priority, sound, vibrate) => {
    expect(alertOf(given)).toEqual({ priority, sound, vibrate });
  });

  it.each([
    [{ taskData: { priority: 'High' } }, 'high'],
    [{ taskData: { priority: 'High' }, notification: { priority: 'Low' } }, 'high'],
    [{ taskData: {}, notification: { priority: 'Low' } }, 'low'],
    [{ eventType: 'notification:system', notification: { priority: 'urgent' } }, 'urgent'],
    [{ taskData: {} }, 'medium'],
  ] as const)('for %j goes along with %s priority', (change, priority) => {
    expect(toBroadcastCommand({ ...task, ...change }).metadata).toEqual({ alert: alertOf(priority) });
  });

  it.each([{ sound: 'gong' }, null])('of the CRM stays as it is: %j', (alert) => {
    const body = { ...task, metadata: { source: 'crm', alert } };
    expect(toBroadcastCommand(body).metadata).toEqual({ source: 'crm', alert });
  });
});

describe('a batch body', () => {
  const parsed = (broadcasts: readonly object[]) => toBatchCommands(validate(createBatchBody, { broadcasts }, 'body'));

  it('becomes one command each, in order', () => {
    const other: ContractorBroadcastBody = { eventType: 'task:assigned', taskData: {}, targetContractor: 'a' };
    expect(parsed([task, other])).toEqual([toBroadcastCommand(task), toBroadcastCommand(other)]);
  });

  it.each([
    ['taskData missing', { taskData: undefined }, 'missing_field', 'broadcasts[3].taskData'],
    ['taskData that is none', { taskData: 7 }, 'invalid_field', 'broadcasts[3].taskData'],
    ['an event of its own', { eventType: 'task:gone' }, 'invalid_field', 'broadcasts[3].eventType'],
    ['an empty name', { contractorIds: ['a', ''] }, 'invalid_field', 'broadcasts[3].contractorIds[1]'],
    ['a field too many', { priority: 1 }, 'unknown_field', 'broadcasts[3].priority'],
    ['an expiry that is no time', { expiresAt: 'tomorrow' }, 'invalid_field', 'broadcasts[3].expiresAt'],
  ])('with %s is refused by the place', (_, change, code, field) => {
    expect(() => parsed([task, task, task, { ...task, ...change }, task])).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ field }) as object }),
    );
  });

  it.each([0, 101])('of %i is refused', (count) => {
    expect(() => parsed(Array.from({ length: count }, () => task))).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ field: 'broadcasts' }) as object }),
    );
  });
});

describe('a test body', () => {
  it('leaves nothing behind and has a text of its own', () => {
    expect(toTestCommand({})).toMatchObject({
      durability: 'ephemeral',
      data: { message: 'Bellhop test notification' },
    });
    expect(toTestCommand({ message: 'hi', targetContractor: 'a' })).toMatchObject({
      event: 'notification:test',
      data: { message: 'hi' },
      audience: { kind: 'users', users: ['a'] },
    });
  });
});

describe('the answers', () => {
  const broadcast = acceptBroadcast('B1', 'default', toBroadcastCommand({ ...task, contractorIds: ['a', 'b'] }), 0);

  it('202 says what was accepted and where its report is', () => {
    expect(acceptedAnswer(broadcast)).toEqual({
      success: true,
      broadcastId: 'B1',
      state: 'accepted',
      eventType: 'task:new',
      recipients: { kind: 'contractors', count: 2 },
      acceptedAt: '1970-01-01T00:00:00.000Z',
      links: { report: '/api/notifications/broadcasts/B1', deliveries: '/api/broadcasts/B1/deliveries' },
    });
  });

  it.each([
    [{}, { kind: 'everybody' }],
    [{ targetContractor: 'a' }, { kind: 'contractors', count: 1 }],
  ])('202 calls the recipients of %j %j', (recipients, expected) => {
    const command = toBroadcastCommand({ ...task, ...recipients });
    expect(acceptedAnswer(acceptBroadcast('B1', 'default', command, 0))).toMatchObject({ recipients: expected });
  });

  it('202 of a batch has those of its broadcasts', () => {
    const everybody = acceptBroadcast('B2', 'default', toBroadcastCommand(task), 0);
    const answer = batchAnswer([broadcast, everybody]);
    expect(answer).toEqual({
      success: true,
      accepted: 2,
      broadcasts: [acceptedAnswer(broadcast), acceptedAnswer(everybody)],
    });
    expect(z.parse(createBatchAnswer, answer)).toEqual(answer);
  });

  it('the report of a broadcast that another API made names the topic whose followers were told', () => {
    const other = { ...broadcast, audience: { kind: 'topic', topic: 'role:technician' } } as const;
    const report = { broadcast: other, deliveries: [], counts: newTally().counts, next: null };
    expect(reportAnswer(report)).toMatchObject({ recipients: { kind: 'followers', topic: 'role:technician' } });
  });

  it('the report calls users contractors', () => {
    const times = { accepted: 0, queued: 1_500 };
    const deliveries = [{ user: 'a', state: 'queued', reason: 'not_connected', times }] as const;
    const tally = newTally();
    deliveries.forEach(tally.add);
    const report = { broadcast, deliveries, counts: tally.counts, next: null };
    expect(reportAnswer(report)).toEqual({
      broadcastId: 'B1',
      eventType: 'task:new',
      durability: 'durable',
      acceptedAt: '1970-01-01T00:00:00.000Z',
      expiresAt: '1970-01-31T00:00:00.000Z',
      recipients: { kind: 'contractors', count: 2 },
      counts: { accepted: 0, queued: 1, sent: 0, delivered: 0, read: 0, expired: 0, suppressed: 0, failed: 0 },
      deliveries: [
        {
          contractorId: 'a',
          state: 'queued',
          reason: 'not_connected',
          times: { accepted: '1970-01-01T00:00:00.000Z', queued: '1970-01-01T00:00:01.500Z' },
        },
      ],
      next: null,
    });
  });

  it('the status is degraded while there are dead letters', () => {
    const status = { connections: 2, users: 1, queue: { waiting: 0, inFlight: 0 }, deadLetters: 0, atMs: 0 };
    expect(statusAnswer(status)).toMatchObject({ status: 'ok', connections: 2, users: 1, deadLetters: 0 });
    expect(statusAnswer({ ...status, deadLetters: 1 })).toMatchObject({ status: 'degraded', deadLetters: 1 });
  });

  it('the test says its message and how the service is', () => {
    const status = { connections: 2, users: 1, queue: { waiting: 0, inFlight: 0 }, deadLetters: 0, atMs: 0 };
    const test = acceptBroadcast('B2', 'default', toTestCommand({ message: 'hi' }), 0);
    expect(testAnswer(test, status)).toEqual({ broadcastId: 'B2', message: 'hi', ...statusAnswer(status) });
  });
});
