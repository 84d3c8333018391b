// From a token to an identity, and from an identity to a member of its topics.
import { describe, expect, it } from 'vitest';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { joinTopics, verifyToken } from '../../shared/usecases/identify.ts';
import { anIdentity } from '../builders/identity.ts';
import { watched } from './calls.ts';
import { aWorld, publish, toEveryone, toUsers } from './world.ts';

const identity = { tenant: 'default', user: 'a' };

describe('a token', () => {
  it('that is valid gives its identity', async () => {
    const world = aWorld();
    const given = anIdentity();
    expect(await verifyToken(world.tokens, world.tokens.issue(given), world.clock.nowMs())).toEqual(given);
  });

  it.each([
    ['expired', 'token_expired'],
    ['unknown', 'token_invalid'],
  ])('that is %s is refused as %s, and the refusal holds nothing of it', async (kind, code) => {
    const world = aWorld();
    const expired = world.tokens.issue(anIdentity({ tokenExpiresAtMs: world.clock.nowMs() - 1 }));
    const token = kind === 'expired' ? expired : 'unknown-token-text';
    const refusal: unknown = await verifyToken(world.tokens, token, world.clock.nowMs()).catch(
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({ code, detail: { field: 'token' } });
    expect(String(refusal) + JSON.stringify(refusal)).not.toContain(token);
  });
});

describe('joining', () => {
  it('gives a newcomer all of their own log, and of the wide one what comes from now on', async () => {
    const world = aWorld();
    await publish(world, { audience: toUsers('a') });
    await publish(world, { audience: toEveryone });
    const cursors = await joinTopics(world, identity);
    expect(cursors).toMatchObject([
      { topic: userTopic('a'), joinedSeq: 0, deliveredSeq: 0, readSeq: 0, readSeqs: [] },
      { topic: everyone, joinedSeq: 1, deliveredSeq: 1, readSeq: 1, readSeqs: [] },
    ]);
    for (const { topic, epoch } of cursors) expect((await world.logs.head('default', topic)).epoch).toBe(epoch);
  });

  it('again changes nothing, and reads no log', async () => {
    const world = aWorld();
    const first = await joinTopics(world, identity);
    await publish(world, { audience: toEveryone });
    const { ports, calls } = watched(world);
    expect(await joinTopics(ports, identity)).toEqual(first);
    expect(calls).toEqual(['cursors.get']);
  });

  it('of two devices at once makes one member with one place', async () => {
    const world = aWorld();
    const [first, second] = await Promise.all([joinTopics(world, identity), joinTopics(world, identity)]);
    expect(second).toEqual(first);
    expect(world.cursors.all()).toHaveLength(2);
  });

  it('completes what a death between the two topics left', async () => {
    const world = aWorld();
    const [own] = await joinTopics({ ...world, cursors: { ...world.cursors } }, identity);
    if (own === undefined) throw new Error('nobody joined');
    const half = aWorld();
    await half.cursors.join(own);
    expect(await joinTopics(half, identity)).toMatchObject([own, { topic: everyone }]);
  });

  it('is by tenant', async () => {
    const world = aWorld();
    await publish(world, { audience: toEveryone });
    expect(await joinTopics(world, { ...identity, tenant: 'other' })).toMatchObject([
      { joinedSeq: 0 },
      { joinedSeq: 0 },
    ]);
  });
});
