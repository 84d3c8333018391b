// The inbox without a socket: the same entries from the same cursor, page by page, each once.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeInboxMark } from '../../shared/protocol/inbox-mark.ts';
import type { WireFrame } from '../../shared/protocol/server-frames.ts';
import { getInbox } from '../../shared/usecases/get-inbox.ts';
import type { Inbox } from '../../shared/usecases/get-inbox.ts';
import { updateInbox } from '../../shared/usecases/update-inbox.ts';
import { deviceOf } from './device.ts';
import type { World } from './world.ts';
import {
  always,
  aWorld,
  connectUser,
  everyFrameOf,
  notificationsOf,
  publish,
  send,
  toEveryone,
  toUsers,
} from './world.ts';

const caller = { tenant: 'default', user: 'a', roles: ['chef'] };
const toChefs = { kind: 'topic', topic: 'role:chef' } as const;

interface Query {
  readonly limit?: string;
  readonly after?: string;
  readonly from?: 'start';
}

async function poll(world: World, query: Query = {}): Promise<Inbox & { readonly next: string }> {
  const inbox = await getInbox(world, caller, query);
  return { ...inbox, next: writeInboxMark(inbox.positions) };
}

/** All frames up to the end, page by page; fails when the pages do not end. */
async function pollAll(world: World, query: Query): Promise<readonly WireFrame[]> {
  const frames: WireFrame[] = [];
  let page = await poll(world, query);
  for (let pages = 1; ; pages += 1) {
    frames.push(...page.frames);
    if (page.complete) return frames;
    expect(page.frames).toHaveLength(Number(query.limit ?? 50));
    if (pages > 500) throw new Error('the pages do not end');
    page = await poll(world, { ...query, after: page.next });
  }
}

function idsOf(frames: readonly WireFrame[]): readonly string[] {
  return frames.flatMap((frame) => (frame.type === 'notification' ? [frame.id] : []));
}

describe('a poll', () => {
  it('of somebody new makes them a member, and says where each topic stands', async () => {
    const world = aWorld();
    const { id } = await publish(world, { audience: toUsers('a') });
    await publish(world, { audience: toEveryone });
    const inbox = await poll(world);
    expect(idsOf(inbox.frames)).toEqual([id]);
    expect(inbox.complete).toBe(true);
    expect(inbox.positions).toMatchObject([
      { topic: 'user:a', seq: 1 },
      { topic: 'all', seq: 1 },
      { topic: 'role:chef', seq: 0 },
    ]);
    expect(inbox.topics).toMatchObject([
      { topic: 'user:a', count: 1, asOfSeq: 1, version: 0, readSeq: 0, readBeyond: [] },
      { topic: 'all', count: 0, asOfSeq: 1, version: 0, readSeq: 1, readBeyond: [] },
      { topic: 'role:chef', count: 0, asOfSeq: 0, version: 0, readSeq: 0, readBeyond: [] },
    ]);
    const [wide] = [await publish(world, { audience: toEveryone })];
    const [chefs] = [await publish(world, { audience: toChefs })];
    expect(idsOf((await poll(world, { after: inbox.next })).frames)).toEqual([wide.id, chefs.id]);
  });

  it('without a mark begins with what is not acknowledged, and from=start with the oldest that is kept', async () => {
    const world = aWorld();
    const ids = [
      await publish(world, { audience: toUsers('a') }),
      await publish(world, { audience: toUsers('a') }),
    ].map(({ id }) => id);
    const { epoch } = await world.logs.head('default', 'user:a');
    await updateInbox(world, caller, { acknowledge: [{ topic: 'user:a', epoch, seq: 1 }] }, always);
    expect(idsOf((await poll(world)).frames)).toEqual(ids.slice(1));
    expect(idsOf((await poll(world, { from: 'start' })).frames)).toEqual(ids);
    const all = await poll(world, { from: 'start', limit: '1' });
    expect(idsOf((await poll(world, { from: 'start', after: all.next })).frames)).toEqual(ids.slice(1));
  });

  it('from=start says nothing of what was there before the user joined', async () => {
    const world = aWorld();
    await publish(world, { audience: toEveryone });
    await poll(world);
    const { id } = await publish(world, { audience: toEveryone });
    expect((await poll(world, { from: 'start' })).frames).toMatchObject([{ type: 'notification', id }]);
  });

  it('moves nothing: it is the same again until something is acknowledged', async () => {
    const world = aWorld();
    await publish(world, { audience: toUsers('a') });
    const first = await poll(world);
    expect(await poll(world)).toEqual(first);
  });

  it('shows which entries are read', async () => {
    const world = aWorld();
    for (let seq = 1; seq <= 4; seq += 1) await publish(world, { audience: toUsers('a') });
    const { epoch } = await world.logs.head('default', 'user:a');
    await updateInbox(world, caller, { read: [{ topic: 'user:a', epoch, upToSeq: 1, seqs: [3] }] }, always);
    const [own] = (await poll(world)).topics;
    expect(own).toMatchObject({ count: 2, version: 1, readSeq: 1, readBeyond: [{ fromSeq: 3, toSeq: 3 }] });
  });
});

describe('following next', () => {
  it('gets every entry and every announcement once, in order, whatever the limit and whatever comes meanwhile', async () => {
    const audiences = fc.array(fc.constantFrom(toUsers('a'), toEveryone, toChefs), { maxLength: 25 });
    const options = fc.record({ limit: fc.integer({ min: 1, max: 7 }), late: fc.nat(5), cut: fc.nat(10) });
    await fc.assert(
      fc.asyncProperty(audiences, options, async (given, { limit, late, cut }) => {
        const world = aWorld();
        await poll(world);
        const ids = new Set<string>();
        for (const audience of given) ids.add((await publish(world, { audience })).id);
        const first = await poll(world, { limit: String(limit) });
        for (let number = 0; number < late; number += 1) ids.add((await publish(world, { audience: toEveryone })).id);
        const rest =
          first.complete && late === 0 ? [] : await pollAll(world, { limit: String(limit), after: first.next });
        const device = deviceOf([...first.frames, ...rest], new Map(placesBefore(first)));
        expect(device.faults).toEqual([]);
        expect(device.repeated).toEqual([]);
        expect(new Set(device.shown.map(({ id }) => id))).toEqual(ids);
        expect(device.shown).toHaveLength(ids.size);
        world.logs.restore('default', 'all', cut);
        const last = await poll(world, { after: writeInboxMark(placesOf(device)) });
        const after = deviceOf(last.frames, device.positions);
        expect([after.faults, after.repeated, last.frames.length]).toEqual([[], [], 1]);
        expect(last.positions).toContainEqual({ topic: 'all', ...(await headOf(world, 'all')) });
      }),
      { numRuns: 60 },
    );
  });

  it('with a limit of one ends, over entries that are gone', async () => {
    const world = aWorld();
    for (let seq = 1; seq <= 4; seq += 1) await publish(world, { audience: toUsers('a') });
    world.logs.expire('default', 'user:a', 2);
    const frames = await pollAll(world, { limit: '1' });
    expect(frames).toMatchObject([{ type: 'skipped', fromSeq: 1, toSeq: 2 }, { seq: 3 }, { seq: 4 }]);
  });
});

/** Everything that a client without a past begins with: the beginning of each topic, in its epoch. */
function placesBefore(inbox: Inbox): readonly (readonly [string, { readonly epoch: string; readonly seq: number }])[] {
  return inbox.positions.map(({ topic, epoch }) => [topic, { epoch, seq: 0 }]);
}

function placesOf({ positions }: ReturnType<typeof deviceOf>) {
  return [...positions].map(([topic, place]) => ({ topic, ...place })) as unknown as Inbox['positions'];
}

async function headOf(world: World, topic: 'all'): Promise<{ readonly epoch: string; readonly seq: number }> {
  const { epoch, seq } = await world.logs.head('default', topic);
  return { epoch, seq };
}

describe('a socket beside it', () => {
  it('has the same cursor: what one acknowledges, the other does not get again', async () => {
    const world = aWorld();
    const ids: string[] = [];
    for (let seq = 1; seq <= 3; seq += 1) ids.push((await publish(world, { audience: toUsers('a') })).id);
    const { epoch } = await world.logs.head('default', 'user:a');
    await updateInbox(world, caller, { acknowledge: [{ topic: 'user:a', epoch, seq: 1 }] }, always);
    const connectionId = await connectUser(world, 'a', { roles: ['chef'] });
    expect(notificationsOf(world, connectionId).map(([, , id]) => id)).toEqual(ids.slice(1));
    await send(world, connectionId, { type: 'acknowledge', topic: 'user:a', epoch, seq: 2 });
    expect(idsOf((await poll(world)).frames)).toEqual(ids.slice(2));
  });

  it('brings the rest of what was polled, and the other way about', async () => {
    const world = aWorld();
    const ids: string[] = [];
    for (let seq = 1; seq <= 6; seq += 1) ids.push((await publish(world, { audience: toUsers('a') })).id);
    const { frames, positions } = await poll(world, { limit: '2' });
    const connectionId = await connectUser(world, 'a', { roles: ['chef'] });
    const sent = world.gateway.frames(connectionId).length;
    await send(world, connectionId, { type: 'resume', positions: positions.slice(0, 1) });
    const brought = everyFrameOf(world, connectionId).slice(sent);
    expect([...idsOf(frames), ...idsOf(brought)]).toEqual(ids);
    const { id } = await publish(world, { audience: toUsers('a') });
    const device = deviceOf(everyFrameOf(world, connectionId));
    expect(device.shown.at(-1)?.id).toBe(id);
    expect(idsOf((await poll(world, { after: writeInboxMark(placesOf(device)) })).frames)).toEqual([]);
  });
});

describe('a mark', () => {
  it('counts only for the caller’s own topics; the others begin as without it', async () => {
    const world = aWorld();
    await publish(world, { audience: toUsers('a') });
    await publish(world, { audience: toUsers('b') });
    const theirs = await world.logs.head('default', 'user:b');
    const after = writeInboxMark([{ topic: 'user:b', epoch: theirs.epoch, seq: 0 }]);
    const inbox = await poll(world, { after });
    expect(inbox.frames).toMatchObject([{ type: 'notification', topic: 'user:a', seq: 1 }]);
    expect(inbox.positions.map(({ topic }) => topic)).toEqual(['user:a', 'all', 'role:chef']);
  });

  it.each([
    ['an epoch that is over', 'gone', 1, 'new_epoch'],
    ['beyond the end', null, 7, 'beyond_end'],
  ])('of %s is announced, and nothing is left out', async (_, epoch, seq, reason) => {
    const world = aWorld();
    const { id } = await publish(world, { audience: toUsers('a') });
    const head = await world.logs.head('default', 'user:a');
    const { frames } = await poll(world, {
      after: writeInboxMark([{ topic: 'user:a', epoch: epoch ?? head.epoch, seq }]),
    });
    expect(frames).toMatchObject([
      { type: 'reset', topic: 'user:a', epoch: head.epoch, seq: 0, reason },
      { type: 'notification', id },
    ]);
  });

  it.each(['', 'nonsense', writeInboxMark([]).slice(1), 'e30', btoa('[{"topic":"all"}]')])(
    'that is none is refused: %j',
    async (after) => {
      await expect(poll(aWorld(), { after })).rejects.toMatchObject({
        code: 'invalid_field',
        detail: { field: 'query after' },
      });
    },
  );
});

it.each(['0', '101', 'ten'])('a limit of %s is refused', async (limit) => {
  await expect(poll(aWorld(), { limit })).rejects.toMatchObject({
    code: 'invalid_field',
    detail: { field: 'query limit', remedy: 'Send limit=50.' },
  });
});
