// The contractor CRM's API: its bodies become one command, and results become its answers.
import { describe, expect, it } from 'vitest';
import {
  acceptedAnswer,
  reportAnswer,
  statusAnswer,
  toBroadcastCommand,
  toTestCommand,
} from '../../shared/dialects/contractors.ts';
import { acceptBroadcast } from '../../shared/domain/broadcast.ts';
import { countDeliveries } from '../../shared/domain/delivery.ts';
import type { ContractorBroadcastBody } from '../../shared/protocol/http-bodies.ts';

const task: ContractorBroadcastBody = { eventType: 'task:new', taskData: { id: 'task-1' } };

describe('a broadcast body', () => {
  it('keeps the names of the payload fields', () => {
    const body = { ...task, notification: { title: 'New task' }, metadata: { source: 'crm' } };
    expect(toBroadcastCommand(body)).toEqual({
      event: 'task:new',
      data: { taskData: { id: 'task-1' }, notification: { title: 'New task' } },
      metadata: { source: 'crm' },
      audience: { kind: 'everyone' },
      durability: 'durable',
    });
  });

  it.each([
    [{}, { kind: 'everyone' }],
    [{ contractorIds: ['b', 'a', 'b'] }, { kind: 'users', users: ['b', 'a'] }],
    [{ targetContractor: 'a' }, { kind: 'users', users: ['a'] }],
    [
      { contractorIds: ['b'], targetContractor: 'a' },
      { kind: 'users', users: ['b', 'a'] },
    ],
  ])('%j is for %j', (recipients, audience) => {
    expect(toBroadcastCommand({ ...task, ...recipients }).audience).toEqual(audience);
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
      links: { report: '/api/notifications/broadcasts/B1' },
    });
  });

  it('the report calls users contractors', () => {
    const deliveries = [{ user: 'a', state: 'queued', reason: 'not_connected' }] as const;
    const report = { broadcast, deliveries, counts: countDeliveries(deliveries), next: null };
    expect(reportAnswer(report)).toMatchObject({
      counts: { queued: 1, delivered: 0 },
      deliveries: [{ contractorId: 'a', state: 'queued', reason: 'not_connected' }],
      next: null,
    });
  });

  it('the status is degraded while there are dead letters', () => {
    const status = { connections: 2, users: 1, queue: { waiting: 0, inFlight: 0 }, deadLetters: 0, atMs: 0 };
    expect(statusAnswer(status)).toMatchObject({ status: 'ok', connections: 2, users: 1, deadLetters: 0 });
    expect(statusAnswer({ ...status, deadLetters: 1 })).toMatchObject({ status: 'degraded', deadLetters: 1 });
  });
});
