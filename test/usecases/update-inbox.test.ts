// What a client without a socket says: what it has shown, and what was read; the sockets of the user are told.
import { describe, expect, it } from 'vitest';
import type { InboxChange } from '../../shared/protocol/http-bodies.ts';
import { updateInbox } from '../../shared/usecases/update-inbox.ts';
import { watched } from './calls.ts';
import type { World } from './world.ts';
import { always, aWorld, connectUser, framesOf, publish, toEveryone, toUsers } from './world.ts';

const caller = { tenant: 'default', user: 'a', roles: ['chef'] };

interface Scene {
  readonly world: World;
  readonly phone: string;
  readonly epochs: { readonly own: string; readonly all: string };
  readonly update: (change: InboxChange, ports?: World) => ReturnType<typeof updateInbox>;
}

/** A user on one device with three entries of their own and two of everyone's. */
async function aScene(): Promise<Scene> {
  const world = aWorld();
  const phone = await connectUser(world, 'a', { roles: ['chef'] });
  for (let seq = 1; seq <= 3; seq += 1) await publish(world, { audience: toUsers('a', 'b') });
  for (let seq = 1; seq <= 2; seq += 1) await publish(world, { audience: toEveryone });
  const [own, all] = [await world.logs.head('default', 'user:a'), await world.logs.head('default', 'all')];
  return {
    world,
    phone,
    epochs: { own: own.epoch, all: all.epoch },
    update: async (change, ports = world) => updateInbox(ports, caller, change, always),
  };
}

function cursorOf(world: World, topic: string, user = 'a') {
  return world.cursors.all().find((cursor) => cursor.topic === topic && cursor.user === user);
}

describe('an acknowledgement', () => {
  it('moves the cursors, tells nobody, and answers what is unread in every topic', async () => {
    const { world, phone, epochs, update } = await aScene();
    const before = world.gateway.frames(phone).length;
    const unread = await update({
      acknowledge: [
        { topic: 'user:a', epoch: epochs.own, seq: 2 },
        { topic: 'all', epoch: epochs.all, seq: 2 },
      ],
    });
    expect(unread.map(({ topic, count }) => [topic, count])).toEqual([
      ['user:a', 3],
      ['all', 2],
      ['role:chef', 0],
    ]);
    expect(cursorOf(world, 'user:a')).toMatchObject({ deliveredSeq: 2, readSeq: 0 });
    expect(cursorOf(world, 'all')).toMatchObject({ deliveredSeq: 2, readSeq: 0 });
    expect(world.gateway.frames(phone)).toHaveLength(before);
  });

  it('again, or of less, changes nothing', async () => {
    const { world, epochs, update } = await aScene();
    for (const seq of [2, 2, 1]) await update({ acknowledge: [{ topic: 'user:a', epoch: epochs.own, seq }] });
    expect(cursorOf(world, 'user:a')).toMatchObject({ deliveredSeq: 2 });
  });
});

describe('what was read', () => {
  it('is marked and told to the user’s sockets', async () => {
    const { world, phone, epochs, update } = await aScene();
    const unread = await update({ read: [{ topic: 'user:a', epoch: epochs.own, seqs: [1, 3] }] });
    expect(unread[0]).toMatchObject({ topic: 'user:a', count: 1, version: 1 });
    expect(framesOf(world, phone, 'unread')).toMatchObject([{ topic: 'user:a', count: 1, version: 1, readSeq: 1 }]);
    expect(framesOf(world, phone, 'unread')[0]).not.toHaveProperty('replyTo');
    expect(cursorOf(world, 'user:a')?.deliveredSeq).toBe(0);
  });

  it('in several topics, with an acknowledgement, is done all', async () => {
    const { world, epochs, update } = await aScene();
    const unread = await update({
      acknowledge: [{ topic: 'user:a', epoch: epochs.own, seq: 3 }],
      read: [
        { topic: 'user:a', epoch: epochs.own, upToSeq: 3 },
        { topic: 'all', epoch: epochs.all, upToSeq: 1 },
      ],
    });
    expect(unread.map(({ count }) => count)).toEqual([0, 1, 0]);
    expect(cursorOf(world, 'user:a')).toMatchObject({ deliveredSeq: 3, readSeq: 3 });
  });

  it('everything: is marked in each topic that has something unread, once', async () => {
    const { world, phone, update } = await aScene();
    expect((await update({ readAll: true })).map(({ count }) => count)).toEqual([0, 0, 0]);
    expect(framesOf(world, phone, 'unread').map(({ topic, count }) => [topic, count])).toEqual([
      ['user:a', 0],
      ['all', 0],
    ]);
    await update({ readAll: true });
    expect(framesOf(world, phone, 'unread')).toHaveLength(2);
    const { id } = await publish(world, { audience: toUsers('a') });
    expect((await update({ acknowledge: [] as never, readAll: true })).map(({ count }) => count)).toEqual([0, 0, 0]);
    expect(world.logs.entries('default', 'user:a').at(-1)?.notification.id).toBe(id);
  });

  it('everything, after the log was made anew: what is there now', async () => {
    const { world, update } = await aScene();
    world.logs.restore('default', 'user:a', 2);
    expect((await update({ readAll: true }))[0]).toMatchObject({ count: 0, asOfSeq: 2 });
    expect(cursorOf(world, 'user:a')).toMatchObject({ readSeq: 2 });
  });

  it('is the caller’s alone', async () => {
    const { world, update } = await aScene();
    await connectUser(world, 'b');
    await update({ readAll: true });
    expect(cursorOf(world, 'user:b', 'b')).toMatchObject({ readSeq: 0, readVersion: 0 });
  });
});

describe('a refused change', () => {
  const theirs = { topic: 'user:b', epoch: 'e', seq: 1 };
  const old = { topic: 'user:a', epoch: 'e', seq: 1 };

  it.each([
    ['that is none', () => ({}), 'missing_field', 'body'],
    [
      'that acknowledges in the topic of somebody else',
      () => ({ acknowledge: [theirs] }),
      'forbidden',
      'acknowledge[0].topic',
    ],
    [
      'that reads in the topic of somebody else',
      () => ({ read: [{ ...theirs, upToSeq: 1 }] }),
      'forbidden',
      'read[0].topic',
    ],
    [
      'of a role that the token has not',
      () => ({ acknowledge: [{ ...old, topic: 'role:admin' }] }),
      'forbidden',
      'acknowledge[0].topic',
    ],
    ['of an epoch that is over', () => ({ acknowledge: [old] }), 'invalid_field', 'acknowledge[0].epoch'],
    [
      'that reads in an epoch that is over',
      () => ({ read: [{ ...old, upToSeq: 1 }] }),
      'invalid_field',
      'read[0].epoch',
    ],
    [
      'beyond the end',
      (epoch: string) => ({ acknowledge: [{ ...old, epoch, seq: 4 }] }),
      'invalid_field',
      'acknowledge[0].seq',
    ],
    [
      'that reads beyond the end',
      (epoch: string) => ({ read: [{ ...old, epoch, upToSeq: 4 }] }),
      'invalid_field',
      'read[0].upToSeq',
    ],
    [
      'that reads one beyond the end',
      (epoch: string) => ({ read: [{ ...old, epoch, seqs: [4] }] }),
      'invalid_field',
      'read[0].seqs',
    ],
    ['that reads nothing', (epoch: string) => ({ read: [{ ...old, epoch }] }), 'missing_field', 'read[0].upToSeq'],
  ])('%s changes no cursor and tells nobody', async (_, changeOf, code, field) => {
    const { world, epochs, update } = await aScene();
    const before = world.cursors.all();
    const { ports, calls } = watched(world);
    await expect(update(changeOf(epochs.own), ports)).rejects.toMatchObject({ code, detail: { field } });
    expect(world.cursors.all()).toEqual(before);
    expect(calls).not.toContain('gateway.post');
  });
});
