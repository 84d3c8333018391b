// Frames that are refused: each is answered with an error frame of its own, and the socket stays open.
import { describe, expect, it } from 'vitest';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { requestLimits } from '../../shared/protocol/limits.ts';
import { handleFrame } from '../../shared/usecases/handle-frame.ts';
import { joinTopics } from '../../shared/usecases/standing-cursors.ts';
import { anAnonymousConnection } from '../builders/connection.ts';
import type { World } from './world.ts';
import { always, aWorld, framesOf, openQuietly } from './world.ts';

const connectionId = 'c1';
const topic = userTopic('a');

/** A world with one open connection of one user, who is a member of their topics. */
async function withConnection(given: { readonly expiresAtMs?: number } = {}): Promise<World> {
  const world = aWorld();
  await openQuietly(world, { connectionId, user: 'a', ...given });
  await joinTopics(world, 'default', 'a', [topic, everyone]);
  return world;
}

async function withAnonymous(): Promise<World> {
  const world = aWorld();
  await world.connections.open(anAnonymousConnection({ connectionId, connectedAtMs: world.clock.nowMs() }));
  return world;
}

async function send(world: World, frame: unknown): Promise<void> {
  const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
  await handleFrame(world, { connectionId, text, atMs: world.clock.nowMs() }, always);
}

describe('a refused frame', () => {
  const deep = `{"type":"ping","id":${'['.repeat(requestLimits.jsonDepthMax)}${']'.repeat(requestLimits.jsonDepthMax)}}`;
  const refusals = [
    ['is empty', '', 'invalid_json', 'frame', undefined],
    ['is no JSON', '{"type":"ping"', 'invalid_json', 'frame', undefined],
    ['is nested too deep', deep, 'invalid_json', 'frame', undefined],
    ['has a prototype key', '{"type":"ping","id":"x","__proto__":{}}', 'invalid_json', '__proto__', undefined],
    ['is no object', '[]', 'invalid_field', 'frame', undefined],
    ['has no type', { id: 'x' }, 'missing_field', 'type', 'x'],
    ['has an unknown type', { type: 'subscribe', id: 'x' }, 'invalid_field', 'type', 'x'],
    ['has an unknown field', { type: 'ping', id: 'x', colour: 1 }, 'unknown_field', 'colour', 'x'],
    ['lacks a field', { type: 'acknowledge', id: 'x', topic, epoch: 'e' }, 'missing_field', 'seq', 'x'],
    ['has a negative seq', { type: 'acknowledge', id: 'x', topic, epoch: 'e', seq: -1 }, 'invalid_field', 'seq', 'x'],
    ['has half a seq', { type: 'acknowledge', id: 'x', topic, epoch: 'e', seq: 1.5 }, 'invalid_field', 'seq', 'x'],
    ['has no positions', { type: 'resume', id: 'x', positions: [] }, 'invalid_field', 'positions', 'x'],
    ['has an id that is too long', { type: 'ping', id: 'i'.repeat(65) }, 'invalid_field', 'id', undefined],
    ['has an id that is no text', { type: 'ping', id: 7 }, 'invalid_field', 'id', undefined],
    ['reads nothing', { type: 'read', id: 'x', topic, epoch: 'e' }, 'missing_field', 'upToSeq', 'x'],
    ['has a token that is not good', { type: 'authenticate', id: 'x', token: 't' }, 'token_invalid', 'token', 'x'],
  ] as const;

  it.each(refusals)(
    'that %s is answered with its code, its field and its id',
    async (_, frame, code, field, replyTo) => {
      const world = await withConnection();
      await send(world, frame);
      const [error, ...more] = framesOf(world, connectionId, 'error');
      expect(more).toEqual([]);
      expect([error?.['code'], error?.['field'], error?.['replyTo']]).toEqual([code, field, replyTo]);
      expect(error?.['remedy']).not.toBe('');
      expect(world.gateway.closed).toEqual([]);
    },
  );

  const ofKnown = [
    ['acknowledge', { topic, epoch: 'e', seq: 0 }],
    ['read', { topic, epoch: 'e', upToSeq: 1 }],
    ['resume', { positions: [{ topic, epoch: 'e', seq: 0 }] }],
    ['join', { room: 'r' }],
    ['leave', { room: 'r' }],
    ['send', { data: {} }],
    ['typing', { room: 'user_a', active: true }],
  ] as const;

  it.each([['ping', {}] as const, ...ofKnown])(
    '%s: nothing is accepted from a connection whose token has expired',
    async (type, rest) => {
      const world = await withConnection({ expiresAtMs: Date.UTC(2026, 10, 21, 8, 30) });
      await send(world, { type, id: 'x', ...rest });
      expect(world.gateway.frames(connectionId)).toMatchObject([
        { type: 'error', code: 'token_expired', replyTo: 'x' },
      ]);
    },
  );

  it.each(ofKnown)('%s: is not accepted from an anonymous connection', async (type, rest) => {
    const world = await withAnonymous();
    await send(world, { type, id: 'x', ...rest });
    expect(world.gateway.frames(connectionId)).toMatchObject([
      { type: 'error', code: 'unauthenticated', replyTo: 'x' },
    ]);
  });
});
