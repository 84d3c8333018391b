// Bellhop's own broadcast API: its bodies become one command, and results become its answers.
import { describe, expect, it } from 'vitest';
import { deliveriesAnswer, publishedAnswer, toPublishCommand } from '../../shared/dialects/broadcasts.ts';
import { acceptBroadcast } from '../../shared/domain/broadcast.ts';
import type { PublishBody } from '../../shared/protocol/http-bodies.ts';

const body: PublishBody = { event: 'invoice:paid', data: { id: 7 }, audience: { users: ['a'] } };
const acceptedAtMs = Date.UTC(2026, 10, 21, 8, 30);

function refusalOf(code: string, field: string): unknown {
  return expect.objectContaining({ code, detail: expect.objectContaining({ field }) as object });
}

describe('a body', () => {
  it('is durable, without an expiry of its own and for all of its audience, unless it says otherwise', () => {
    expect(toPublishCommand(body)).toEqual({
      event: 'invoice:paid',
      data: { id: 7 },
      audience: { kind: 'users', users: ['a'] },
      durability: 'durable',
    });
  });

  it('keeps all that it says', () => {
    const full: PublishBody = {
      ...body,
      metadata: { source: 'crm' },
      durability: 'ephemeral',
      expiresAt: '2026-11-21T09:30:00+01:00',
      except: ['b', 'c', 'b'],
    };
    expect(toPublishCommand(full)).toEqual({
      event: 'invoice:paid',
      data: { id: 7 },
      metadata: { source: 'crm' },
      audience: { kind: 'users', users: ['a'] },
      durability: 'ephemeral',
      expiresAtMs: acceptedAtMs,
      except: ['b', 'c'],
    });
  });

  it.each<readonly [PublishBody['audience'], object]>([
    [{ users: ['b', 'a', 'b'] }, { kind: 'users', users: ['b', 'a'] }],
    [{ role: 'technician' }, { kind: 'topic', topic: 'role:technician' }],
    [{ role: 'user:a' }, { kind: 'topic', topic: 'role:user:a' }],
    [{ room: 'work_order_7' }, { kind: 'topic', topic: 'room:work_order_7' }],
    [{ room: 'user_a' }, { kind: 'users', users: ['a'] }],
    [{ everyone: true }, { kind: 'topic', topic: 'all' }],
  ])('for %j is for %j', (audience, expected) => {
    expect(toPublishCommand({ ...body, audience }).audience).toEqual(expected);
  });

  it('for nobody is refused: a forgotten audience must not become everyone', () => {
    expect(() => toPublishCommand({ ...body, audience: {} })).toThrow(refusalOf('missing_field', 'audience'));
  });

  it.each<PublishBody['audience']>([
    { users: ['a'], role: 'technician' },
    { role: 'technician', everyone: true },
    { room: 'work_order_7', users: ['a'] },
    { users: ['a'], everyone: true },
  ])('for two kinds of recipients, %j, is refused', (audience) => {
    expect(() => toPublishCommand({ ...body, audience })).toThrow(refusalOf('invalid_field', 'audience'));
  });

  it.each(['soon', '', '2026-12-24', '2026-12-24T18:00:00', '1795249800000'])(
    'that expires at %j is refused by the name of the field',
    (expiresAt) => {
      expect(() => toPublishCommand({ ...body, expiresAt })).toThrow(refusalOf('invalid_field', 'expiresAt'));
    },
  );
});

describe('the answers', () => {
  const accept = (audience: PublishBody['audience']) =>
    acceptBroadcast('B1', 'default', toPublishCommand({ ...body, audience }), acceptedAtMs);

  it('202 says what was accepted, for how long, and where its deliveries are', () => {
    expect(publishedAnswer(accept({ users: ['a', 'b'] }))).toEqual({
      success: true,
      broadcastId: 'B1',
      state: 'accepted',
      event: 'invoice:paid',
      audience: { users: 2 },
      acceptedAt: '2026-11-21T08:30:00.000Z',
      expiresAt: '2026-12-21T08:30:00.000Z',
      links: { deliveries: '/api/broadcasts/B1/deliveries' },
    });
  });

  it.each<readonly [PublishBody['audience'], object]>([
    [{ role: 'technician' }, { topic: 'role:technician' }],
    [{ everyone: true }, { topic: 'all' }],
    [{ users: ['a', 'a'] }, { users: 1 }],
  ])('call the audience %j %j', (audience, expected) => {
    expect(publishedAnswer(accept(audience))).toMatchObject({ audience: expected });
  });

  it('the deliveries have their state, their reason and their times', () => {
    const deliveries = [
      {
        user: 'a',
        state: 'read',
        times: { accepted: acceptedAtMs, sent: acceptedAtMs + 250, read: acceptedAtMs + 1_000 },
      },
      { user: 'b', state: 'queued', reason: 'not_connected', times: { accepted: acceptedAtMs } },
    ] as const;
    expect(deliveriesAnswer({ broadcast: accept({ everyone: true }), deliveries, next: 'b' })).toEqual({
      broadcastId: 'B1',
      event: 'invoice:paid',
      durability: 'durable',
      acceptedAt: '2026-11-21T08:30:00.000Z',
      expiresAt: '2026-12-21T08:30:00.000Z',
      audience: { topic: 'all' },
      deliveries: [
        {
          user: 'a',
          state: 'read',
          times: {
            accepted: '2026-11-21T08:30:00.000Z',
            sent: '2026-11-21T08:30:00.250Z',
            read: '2026-11-21T08:30:01.000Z',
          },
        },
        {
          user: 'b',
          state: 'queued',
          reason: 'not_connected',
          times: { accepted: '2026-11-21T08:30:00.000Z' },
        },
      ],
      next: 'b',
    });
  });
});
