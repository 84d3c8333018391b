// The sockets of the leads: every message of the brief as it is printed there, in both directions.
import { describe, expect, it } from 'vitest';
import { readLeads, writeLeads } from '../../shared/dialects/leads-socket.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { connectionLimits, nameLimits } from '../../shared/protocol/limits.ts';
import type { ServerFrame } from '../../shared/protocol/server-frames.ts';

const timestamp = '2026-11-21T08:30:00.000Z';
const expiresAt = '2026-11-21T10:30:00.000Z';
const { eventsPerFrameMax, tokenCharactersMax } = connectionLimits;

function read(message: object): ReturnType<typeof readLeads> {
  return readLeads(JSON.stringify(message));
}

function written(frame: ServerFrame): unknown {
  const [text, ...more] = writeLeads(frame);
  expect(more).toEqual([]);
  return JSON.parse(text ?? 'null');
}

describe('a message of the client', () => {
  it.each([
    [
      { type: 'authenticate', data: { token: 'your-jwt-token' }, timestamp },
      { type: 'authenticate', token: 'your-jwt-token' },
    ],
    [
      { type: 'subscribe', data: { events: ['lead_update', 'form_submission'] }, timestamp },
      { type: 'subscribe', events: ['lead_update', 'form_submission'] },
    ],
    [
      { type: 'unsubscribe', data: { events: ['a', 'b', 'a'] } },
      { type: 'unsubscribe', events: ['a', 'b'] },
    ],
    [{ type: 'ping', data: {}, timestamp }, { type: 'ping' }],
    [{ type: 'ping', data: null, timestamp: 5 }, { type: 'ping' }],
    [{ type: 'ping' }, { type: 'ping' }],
  ])('%j is read', (message, frame) => {
    const { type } = message;
    expect(read(message)).toEqual({ dialect: 'leads', replyTo: type, frame });
  });

  it('pong says that it is alive', () => {
    expect(read({ type: 'pong', data: {}, timestamp })).toEqual({
      dialect: 'leads',
      replyTo: 'pong',
      frame: { type: 'alive' },
    });
  });

  it.each([
    [{ type: 'authenticate', token: 't' }, 'missing_field', 'data', 'authenticate'],
    [{ type: 'authenticate', data: { token: '' } }, 'invalid_field', 'data.token', 'authenticate'],
    [{ type: 'authenticate', data: { token: 7 } }, 'invalid_field', 'data.token', 'authenticate'],
    [{ type: 'authenticate', data: { token: 't'.repeat(tokenCharactersMax + 1) } }, 'invalid_field', 'data.token'],
    [{ type: 'subscribe', data: {}, id: '7' }, 'missing_field', 'data.events', 'subscribe#7'],
    [{ type: 'subscribe', data: { events: 'lead_update' } }, 'invalid_field', 'data.events', 'subscribe'],
    [{ type: 'subscribe', data: { events: [] } }, 'invalid_field', 'data.events', 'subscribe'],
    [{ type: 'subscribe', data: { events: [''] } }, 'invalid_field', 'data.events[0]', 'subscribe'],
    [
      { type: 'subscribe', data: { events: ['e'.repeat(nameLimits.eventCharactersMax + 1)] } },
      'invalid_field',
      'data.events[0]',
    ],
    [
      { type: 'subscribe', data: { events: Array.from({ length: eventsPerFrameMax + 1 }, () => 'e') } },
      'invalid_field',
      'data.events',
    ],
    [{ type: 'acknowledge', id: '7' }, 'invalid_field', 'type', '#7'],
    [{ data: {} }, 'missing_field', 'type', undefined],
    [[], 'invalid_field', 'frame', undefined],
  ])('%.70j is refused', (message, code, field, replyTo?: string) => {
    const refusal = read(message);
    expect(refusal.frame).toBeInstanceOf(Failure);
    expect(refusal).toMatchObject({ dialect: 'leads', frame: { code, detail: { field } } });
    if (replyTo !== undefined) expect(refusal.replyTo).toBe(replyTo);
  });

  it('of an unknown type is told which ones there are', () => {
    expect(read({ type: 'lead_update', data: {} }).frame).toMatchObject({
      detail: { remedy: 'Send one of "authenticate", "subscribe", "unsubscribe", "ping", "pong".' },
    });
    expect(readLeads('{').frame).toMatchObject({ code: 'invalid_json' });
  });
});

describe('a message to the client', () => {
  it.each<readonly [ServerFrame, object]>([
    [
      {
        type: 'connected',
        connectionId: 'c',
        user: 'ann',
        tenant: 'team-9',
        roles: ['sales'],
        positions: [],
        unread: [],
        heartbeatEveryMs: 300_000,
        time: timestamp,
        expiresAt,
        replyTo: 'authenticate',
      },
      {
        type: 'authenticated',
        data: { success: true, userId: 'ann', teamId: 'team-9', roles: ['sales'], expiresAt },
        timestamp,
      },
    ],
    [
      { type: 'refreshed', roles: [], positions: [], expiresAt, time: timestamp },
      { type: 'authenticated', data: { success: true, roles: [], expiresAt }, timestamp },
    ],
    [
      { type: 'selected', events: ['lead_update'], time: timestamp, replyTo: 'subscribe#7' },
      { type: 'subscribed', data: { events: ['lead_update'] }, timestamp, id: '7' },
    ],
    [
      { type: 'pong', time: timestamp, heads: [], unread: [], replyTo: 'ping' },
      { type: 'pong', data: {}, timestamp },
    ],
    [
      { type: 'heartbeat', time: timestamp },
      { type: 'ping', data: {}, timestamp },
    ],
    [
      {
        type: 'notification',
        id: 'n',
        event: 'custom_event',
        data: { message: 'Hello team!' },
        metadata: { source: 'crm' },
        createdAt: timestamp,
        expiresAt,
      },
      { type: 'custom_event', data: { message: 'Hello team!' }, timestamp },
    ],
    [
      { type: 'error', code: 'c', message: 'm', field: 'f', remedy: 'r', replyTo: 'subscribe#a#b' },
      { type: 'error', data: { code: 'c', message: 'm', field: 'f', remedy: 'r', request: 'subscribe' }, id: 'a#b' },
    ],
    [
      { type: 'error', code: 'c', message: 'm', remedy: 'r', closing: true, replyTo: '#7' },
      { type: 'error', data: { code: 'c', message: 'm', remedy: 'r' }, id: '7' },
    ],
  ])('%j', (frame, message) => {
    expect(written(frame)).toEqual(message);
  });

  it('has its fields in the order of the brief', () => {
    expect(writeLeads({ type: 'heartbeat', time: timestamp })).toEqual([
      `{"type":"ping","data":{},"timestamp":"${timestamp}"}`,
    ]);
  });

  it.each<ServerFrame>([
    { type: 'resumed', positions: [], complete: true },
    { type: 'reset', topic: 'all', epoch: 'e', seq: 0, reason: 'new_epoch' },
    { type: 'open', connectionId: 'c' },
    { type: 'done', replyTo: 'subscribe' },
  ])('$type has no words here', (frame) => {
    expect(writeLeads(frame)).toEqual([]);
  });
});
