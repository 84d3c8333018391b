// A death at any call of what a client asks for: the client asks again, and nothing is lost, taken back or told wrongly.
import { describe, expect, it } from 'vitest';
import type { Topic } from '../../shared/domain/topic.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { updateInbox } from '../../shared/usecases/update-inbox.ts';
import type { Recipient } from './crash.ts';
import { everyCrashPoint, expectSound } from './crash.ts';
import { deviceOf, resume } from './device.ts';
import type { World } from './world.ts';
import {
  always,
  aWorld,
  beginConnecting,
  connectUser,
  everyFrameOf,
  framesOf,
  publish,
  send,
  toEveryone,
  toUsers,
} from './world.ts';

const topic: Topic = 'user:a';

interface Scene {
  readonly world: World;
  readonly recipients: readonly Recipient[];
  readonly phone: string;
  readonly laptop: string;
  readonly epoch: string;
}

/** Two devices of a user who have five entries of their own and one of everyone's, of which two are acknowledged. */
async function aScene(): Promise<Scene> {
  const world = aWorld();
  const [phone, laptop] = [await connectUser(world, 'a'), await connectUser(world, 'a')];
  const other = await connectUser(world, 'b');
  for (let seq = 1; seq <= 5; seq += 1) await publish(world, { audience: toUsers('a', 'b') });
  await publish(world, { audience: toEveryone });
  const { epoch } = await world.logs.head('default', topic);
  await send(world, phone, { type: 'acknowledge', topic, epoch, seq: 2 });
  const recipients = [
    { user: 'a', connectionId: phone },
    { user: 'a', connectionId: laptop },
    { user: 'b', connectionId: other },
  ];
  return { world, recipients, phone, laptop, epoch };
}

async function ownCursor(world: World, user = 'a') {
  return (await world.cursors.get('default', [{ topic: `user:${user}`, user }]))[0];
}

/** The epoch of the log now; with `restored`, of one that was made anew behind the cursor's back. */
async function epochNow({ world }: Scene, restored: boolean): Promise<string> {
  if (restored) world.logs.restore('default', topic, 5);
  return (await world.logs.head('default', topic)).epoch;
}

describe.each([
  ['the log as it was', false],
  ['a log that was made anew', true],
])('%s', (_, restored) => {
  it('acknowledge: the cursor is there, and only that one', async () => {
    const deaths = await everyCrashPoint(async () => {
      const scene = await aScene();
      const { world, phone } = scene;
      const frame = { type: 'acknowledge', topic, epoch: await epochNow(scene, restored), seq: 4 };
      return {
        world,
        act: async (ports) => send(ports, phone, frame),
        repeat: async () => send(world, phone, frame),
        check: async () => {
          expect(await ownCursor(world)).toMatchObject({ epoch: frame.epoch, deliveredSeq: 4, readSeq: 0 });
          expect(await ownCursor(world, 'b')).toMatchObject({ deliveredSeq: 0 });
          expect(framesOf(world, phone, 'error')).toEqual([]);
          if (!restored) await expectSound(world, scene.recipients);
        },
      };
    });
    expect(deaths).toBeGreaterThanOrEqual(2 * (restored ? 6 : 3));
  });

  it('read: it is marked, and both devices know the same count of the same version', async () => {
    const deaths = await everyCrashPoint(async () => {
      const scene = await aScene();
      const { world, phone, laptop } = scene;
      const frame = { type: 'read', id: 'r', topic, epoch: await epochNow(scene, restored), upToSeq: 1, seqs: [3] };
      return {
        world,
        act: async (ports) => send(ports, phone, frame),
        repeat: async () => send(world, phone, frame),
        check: async () => {
          const cursor = await ownCursor(world);
          expect(cursor).toMatchObject({ readSeq: 1, readBeyond: [{ fromSeq: 3, toSeq: 3 }], deliveredSeq: 2 });
          for (const device of [phone, laptop]) {
            expect(framesOf(world, device, 'unread').at(-1)).toMatchObject({
              epoch: frame.epoch,
              count: 3,
              asOfSeq: 5,
              version: cursor?.readVersion,
            });
          }
          if (!restored) await expectSound(world, scene.recipients);
        },
      };
    });
    expect(deaths).toBeGreaterThanOrEqual(2 * (restored ? 10 : 7));
  });

  it('readAll over HTTP: nothing is unread, and the devices know it', async () => {
    const deaths = await everyCrashPoint(async () => {
      const scene = await aScene();
      const { world } = scene;
      await epochNow(scene, restored);
      const caller = { tenant: 'default', user: 'a', roles: [] };
      const read = async (ports: World) => updateInbox(ports, caller, { readAll: true }, always);
      const counts: number[] = [];
      return {
        world,
        act: read,
        repeat: async () => counts.push(...(await read(world)).map(({ count }) => count)),
        check: async () => {
          expect(counts).toEqual([0, 0]);
          expect(await ownCursor(world)).toMatchObject({ readSeq: 5, deliveredSeq: 2 });
        },
      };
    });
    expect(deaths).toBeGreaterThanOrEqual(2 * 10);
  });

  it('resume: the client has everything, in order', async () => {
    const deaths = await everyCrashPoint(async () => {
      const scene = await aScene();
      const { world, phone, epoch } = scene;
      // A client that lost its memory of all but two entries.
      const start = new Map([
        [topic, { epoch, seq: 2 }],
        ['all', { ...(await world.logs.head('default', 'all')), seq: 0 }],
      ]);
      const before = world.gateway.frames(phone).length;
      await epochNow(scene, restored);
      const device = () => deviceOf(everyFrameOf(world, phone).slice(before), start);
      const ask = async (ports: World) => {
        const positions = [...device().positions].map(([of, { epoch: inEpoch, seq }]) => ({
          topic: of,
          epoch: inEpoch,
          seq,
        }));
        await send(ports, phone, { type: 'resume', positions });
      };
      return {
        world,
        act: ask,
        repeat: async () => ask(world),
        check: () => {
          const { shown, faults, repeated } = device();
          expect([faults, repeated]).toEqual([[], []]);
          expect(shown.map(({ topic: of, seq }) => `${of} ${String(seq)}`)).toEqual([
            ...[3, 4, 5].map((seq) => `${topic} ${String(seq)}`),
            'all 1',
          ]);
          expect(framesOf(world, phone, 'resumed').at(-1)).toMatchObject({ complete: true });
        },
      };
    });
    expect(deaths).toBeGreaterThanOrEqual(2 * 10);
  });

  it('open: the client is greeted, and has what it lacked, and a word about what has expired', async () => {
    const deaths = await everyCrashPoint(async () => {
      const scene = await aScene();
      const { world } = scene;
      const expiresAtMs = world.clock.nowMs() + 1_000;
      await publish(world, { audience: toUsers('a'), expiresAtMs });
      const { id } = await publish(world, { audience: toUsers('a') });
      const opening = await beginConnecting(world, 'a');
      world.clock.advance(1_000);
      if (restored) world.logs.restore('default', topic, 7);
      return {
        world,
        act: async (ports) => openConnection(ports, opening, always),
        // An asynchronous invocation that fails is tried again.
        repeat: async () => openConnection(world, opening, always),
        check: async () => {
          expect(everyFrameOf(world, opening)[0]?.type).toBe('connected');
          const device = await resume(world, opening);
          expect(device.faults).toEqual([]);
          expect(device.shown.map(({ topic: of, seq }) => `${of} ${String(seq)}`)).toEqual([
            ...[3, 4, 5, 7].map((seq) => `${topic} ${String(seq)}`),
            'all 1',
          ]);
          expect(device.shown.at(-2)?.id).toBe(id);
          expect(device.skipped.get(`6 ${topic}`)).toBe('expired');
          expect(await ownCursor(world)).toMatchObject({ deliveredSeq: 2, passedOver: [{ fromSeq: 6, toSeq: 6 }] });
        },
      };
    });
    expect(deaths).toBeGreaterThanOrEqual(2 * 12);
  });
});
