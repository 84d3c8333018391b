// What a user lacks of one topic, frame by frame: every number once, in order, shown or announced with its reason.
import { describe, expect, it } from 'vitest';
import type { TopicPosition } from '../../shared/domain/log.ts';
import { everyone, userTopic } from '../../shared/domain/topic.ts';
import { resumeLimits } from '../../shared/protocol/limits.ts';
import type { MissedFrame } from '../../shared/usecases/missed-frames.ts';
import { missedFrames } from '../../shared/usecases/missed-frames.ts';
import { standingCursors } from '../../shared/usecases/standing-cursors.ts';
import { aNotification } from '../builders/notification.ts';
import { watched } from './calls.ts';
import type { World } from './world.ts';
import { aWorld } from './world.ts';

const topic = userTopic('a');
const { entriesPerRead } = resumeLimits;
const soon = 1_000;

interface Given {
  readonly expires?: boolean;
  readonly except?: readonly string[];
}

async function append(world: World, count = 1, { expires = false, except }: Given = {}): Promise<void> {
  const createdAtMs = world.clock.nowMs();
  const times = { createdAtMs, expiresAtMs: createdAtMs + (expires ? soon : 1_000 * soon) };
  for (let number = 0; number < count; number += 1) {
    const notification = aNotification({ ...times, ...(except === undefined ? {} : { except }) });
    await world.logs.append('default', topic, notification);
  }
}

/** A member with so many entries in their log. */
async function withEntries(count: number): Promise<World> {
  const world = aWorld();
  await standingCursors(world, 'default', 'a', [topic]);
  await append(world, count);
  return world;
}

async function missed(
  world: World,
  from: { readonly epoch?: string; readonly seq: number },
  of = topic,
): Promise<readonly MissedFrame[]> {
  const [standing] = await standingCursors(world, 'default', 'a', [of]);
  if (standing === undefined) throw new Error('there is no standing');
  const frames: MissedFrame[] = [];
  const start: TopicPosition = { topic: of, epoch: standing.head.epoch, ...from };
  for await (const frame of missedFrames(world, standing, start)) frames.push(frame);
  return frames;
}

/** Frames in short: `7` for a notification, `3-5 expired` for what was skipped, `reset 2 new_epoch`. */
function inShort(frames: readonly MissedFrame[]): readonly string[] {
  return frames.map(({ frame }) => {
    if (frame.type === 'notification') return String(frame.seq);
    if (frame.type === 'skipped') return `${String(frame.fromSeq)}-${String(frame.toSeq)} ${frame.reason}`;
    return frame.type === 'reset' ? `reset ${String(frame.seq)} ${frame.reason}` : frame.type;
  });
}

const upTo = (last: number, first = 1): string[] =>
  Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => String(first + index));

async function passedOver(world: World): Promise<unknown> {
  const [cursor] = await world.cursors.get('default', [{ topic, user: 'a' }]);
  return cursor?.passedOver;
}

describe('entries', () => {
  it.each([0, 1, entriesPerRead - 1, entriesPerRead, entriesPerRead + 1, 2 * entriesPerRead + 50])(
    'come in order, each with the place after it: %i',
    async (count) => {
      const world = await withEntries(count);
      const { epoch } = await world.logs.head('default', topic);
      const frames = await missed(world, { seq: 0 });
      expect(inShort(frames)).toEqual(upTo(count));
      expect(frames.map(({ position }) => position)).toEqual(
        upTo(count).map((seq) => ({ topic, epoch, seq: Number(seq) })),
      );
    },
  );

  it('begin after the position, and are none at the end', async () => {
    const world = await withEntries(5);
    expect(inShort(await missed(world, { seq: 3 }))).toEqual(['4', '5']);
    expect(await missed(world, { seq: 5 })).toEqual([]);
  });

  it('that are appended while others are taken come too, or the next time', async () => {
    const world = await withEntries(entriesPerRead);
    const [standing] = await standingCursors(world, 'default', 'a', [topic]);
    if (standing === undefined) throw new Error('there is no standing');
    const taken: MissedFrame[] = [];
    for await (const frame of missedFrames(world, standing, { topic, epoch: standing.head.epoch, seq: 0 })) {
      taken.push(frame);
      if (taken.length === 1) await append(world, 3);
    }
    const last = taken.at(-1)?.position.seq ?? 0;
    expect([...inShort(taken), ...inShort(await missed(world, { seq: last }))]).toEqual(upTo(entriesPerRead + 3));
  });

  it('are read no further than somebody takes them', async () => {
    const world = await withEntries(3 * entriesPerRead);
    const { ports, calls } = watched(world);
    const [standing] = await standingCursors(world, 'default', 'a', [topic]);
    if (standing === undefined) throw new Error('there is no standing');
    const frames = missedFrames(ports, standing, { topic, epoch: standing.head.epoch, seq: 0 });
    for (let taken = 0; taken < entriesPerRead; taken += 1) await frames.next();
    expect(calls).toEqual(['logs.read']);
  });
});

describe('what is no more', () => {
  it('because it has expired is announced as one run, and never shown', async () => {
    const world = await withEntries(2);
    await append(world, 3, { expires: true });
    await append(world);
    world.clock.advance(soon - 1);
    expect(inShort(await missed(world, { seq: 0 }))).toEqual(upTo(6));
    world.clock.advance(1);
    expect(inShort(await missed(world, { seq: 0 }))).toEqual(['1', '2', '3-5 expired', '6']);
    expect(inShort(await missed(world, { seq: 3 }))).toEqual(['4-5 expired', '6']);
  });

  it('because it is gone, and what has expired behind it, is one run', async () => {
    const world = await withEntries(2 * entriesPerRead);
    await append(world, 2, { expires: true });
    await append(world);
    world.logs.expire('default', topic, 2 * entriesPerRead);
    world.clock.advance(soon);
    const last = 2 * entriesPerRead + 3;
    expect(inShort(await missed(world, { seq: 1 }))).toEqual([`2-${String(last - 1)} expired`, String(last)]);
  });

  it.each([
    ['gone', 1],
    ['gone', entriesPerRead + 7],
    ['expired', 1],
    ['expired', entriesPerRead + 7],
  ])('up to the very end is announced: %s, %i entries', async (how, count) => {
    const world = await withEntries(3);
    await append(world, count, { expires: true });
    if (how === 'gone') world.logs.expire('default', topic, 3 + count);
    else world.clock.advance(soon);
    const frames = await missed(world, { seq: 3 });
    // What is still there is read in pages, each of which announces its own run.
    expect(frames).toHaveLength(how === 'gone' ? 1 : Math.ceil(count / entriesPerRead));
    expect(inShort(frames)[0]).toMatch(/^4-\d+ expired$/);
    expect(frames.at(-1)?.position.seq).toBe(3 + count);
  });

  it('is announced apart from what is for others, in the order of the numbers', async () => {
    const world = await withEntries(0);
    await append(world, 2, { expires: true });
    await append(world, 2, { except: ['b', 'a'] });
    await append(world, 1, { expires: true });
    await append(world, 1, { except: ['b'] });
    await append(world, 1, { except: ['a'] });
    world.clock.advance(soon);
    expect(inShort(await missed(world, { seq: 0 }))).toEqual([
      '1-2 expired',
      '3-4 suppressed',
      '5-5 expired',
      '6',
      '7-7 suppressed',
    ]);
  });

  it('and was for others is suppressed, whether or not it has expired since', async () => {
    const world = await withEntries(0);
    await append(world, 1, { expires: true, except: ['a'] });
    world.clock.advance(soon);
    expect(inShort(await missed(world, { seq: 0 }))).toEqual(['1-1 suppressed']);
  });
});

describe('what was passed over', () => {
  it('is noted when it had expired, and not when it was for others', async () => {
    const world = await withEntries(1);
    await append(world, 2, { expires: true });
    await append(world, 1, { except: ['a'] });
    world.clock.advance(soon);
    await missed(world, { seq: 0 });
    expect(await passedOver(world)).toEqual([{ fromSeq: 2, toSeq: 3 }]);
  });

  it('is not noted of what a client of the user has acknowledged: that was delivered', async () => {
    const world = await withEntries(0);
    await append(world, 4, { expires: true });
    const { epoch } = await world.logs.head('default', topic);
    await world.cursors.acknowledge('default', { topic, user: 'a' }, { epoch, seq: 2 }, 0);
    world.clock.advance(soon);
    const { ports, calls } = watched(world);
    expect(inShort(await missed(ports, { seq: 0 }))).toEqual(['1-4 expired']);
    expect(await passedOver(world)).toEqual([{ fromSeq: 3, toSeq: 4 }]);
    await world.cursors.acknowledge('default', { topic, user: 'a' }, { epoch, seq: 4 }, 0);
    await missed(ports, { seq: 0 });
    expect(calls.filter((call) => call === 'cursors.passOver')).toHaveLength(1);
  });

  it('is noted before it is announced, so that no acknowledgement comes before it', async () => {
    const world = await withEntries(0);
    await append(world, 1, { expires: true });
    world.clock.advance(soon);
    const [standing] = await standingCursors(world, 'default', 'a', [topic]);
    if (standing === undefined) throw new Error('there is no standing');
    await missedFrames(world, standing, { topic, epoch: standing.head.epoch, seq: 0 }).next();
    expect(await passedOver(world)).toEqual([{ fromSeq: 1, toSeq: 1 }]);
  });
});

describe('what is not the user’s', () => {
  it('because it was there before they joined is announced as one run', async () => {
    const world = aWorld();
    await world.logs.append('default', everyone, aNotification({ createdAtMs: world.clock.nowMs() }));
    await world.logs.append('default', everyone, aNotification({ createdAtMs: world.clock.nowMs() }));
    await standingCursors(world, 'default', 'a', [everyone]);
    await world.logs.append('default', everyone, aNotification({ createdAtMs: world.clock.nowMs() }));
    expect(inShort(await missed(world, { seq: 0 }, everyone))).toEqual(['1-2 before_joining', '3']);
    expect(inShort(await missed(world, { seq: 1 }, everyone))).toEqual(['2-2 before_joining', '3']);
    expect(inShort(await missed(world, { seq: 2 }, everyone))).toEqual(['3']);
  });
});

describe('a position that is none', () => {
  it.each([
    ['at the cut', 3, ['reset 3 new_epoch', '4', '5']],
    ['before the cut', 2, ['reset 2 new_epoch', '3', '4', '5']],
    ['beyond the cut', 9, ['reset 3 new_epoch', '4', '5']],
    ['at the beginning', 0, ['reset 0 new_epoch', '1', '2', '3', '4', '5']],
  ])('of an older epoch, %s, goes on where both logs are the same', async (_, seq, expected) => {
    const world = await withEntries(9);
    const { epoch } = await world.logs.head('default', topic);
    world.logs.restore('default', topic, 3);
    await append(world, 2);
    const frames = await missed(world, { epoch, seq });
    expect(inShort(frames)).toEqual(expected);
    const now = await world.logs.head('default', topic);
    expect(new Set(frames.map(({ position }) => position.epoch))).toEqual(new Set([now.epoch]));
  });

  it.each(['an epoch that nobody knows', ''])('of %j begins where the user joined', async (epoch) => {
    const world = await withEntries(3);
    expect(inShort(await missed(world, { epoch, seq: 2 }))).toEqual(['reset 0 new_epoch', '1', '2', '3']);
  });

  it('of a log that is lost with its history begins again', async () => {
    const world = await withEntries(3);
    const { epoch } = await world.logs.head('default', topic);
    world.logs.restart('default', topic);
    await append(world, 2);
    expect(inShort(await missed(world, { epoch, seq: 3 }))).toEqual(['reset 0 new_epoch', '1', '2']);
  });

  it('beyond the end goes on after what the user’s clients have acknowledged', async () => {
    const world = await withEntries(5);
    const { epoch } = await world.logs.head('default', topic);
    await world.cursors.acknowledge('default', { topic, user: 'a' }, { epoch, seq: 3 }, 0);
    expect(inShort(await missed(world, { seq: 6 }))).toEqual(['reset 3 beyond_end', '4', '5']);
    expect(inShort(await missed(world, { seq: Number.MAX_SAFE_INTEGER }))).toEqual(['reset 3 beyond_end', '4', '5']);
  });
});
