// What every store of cursors must do.
import { expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/cursor.ts';
import { acknowledged } from '../../shared/domain/cursor.ts';
import { everyone, shardOf, userTopic } from '../../shared/domain/topic.ts';
import type { CursorStore } from '../../shared/ports.ts';
import { cursorLimits } from '../../shared/protocol/limits.ts';
import { aCursor, someHistory } from '../builders/cursor.ts';
import { unique } from '../builders/unique.ts';
import { pushingContract } from './cursor-pushes.contract.ts';
import { get, readingContract } from './cursor-reads.contract.ts';

export function cursorStoreContract(make: () => CursorStore): void {
  it('makes a member once, and returns the cursor that stands', async () => {
    const cursors = make();
    const first = aCursor(someHistory);
    expect(await cursors.join(first)).toEqual(first);
    expect(await cursors.join({ ...first, epoch: 'epoch-2', joinedSeq: 8 })).toEqual(first);
    expect(await get(cursors, first)).toEqual(first);
  });

  it('lets one of many that join at once stand for all', async () => {
    const cursors = make();
    const given = Array.from({ length: 8 }, (_, joinedSeq) => aCursor({ user: 'anna', joinedSeq }));
    const tenant = unique('tenant');
    const standing = await Promise.all(given.map(async (cursor) => cursors.join({ ...cursor, tenant })));
    expect(new Set(standing.map(({ joinedSeq }) => joinedSeq)).size).toBe(1);
  });

  it('returns cursors in the order of the keys, null for who never joined', async () => {
    const cursors = make();
    const { tenant } = aCursor();
    const [b, a] = [aCursor({ tenant, user: 'b' }), aCursor({ tenant, user: 'a', topic: everyone })];
    await cursors.join(a);
    await cursors.join(b);
    expect(await cursors.get(tenant, [a, aCursor({ tenant }), b, a])).toEqual([a, null, b, a]);
    expect(await cursors.get(tenant, [])).toEqual([]);
    expect(await cursors.get(unique('tenant'), [a])).toEqual([null]);
  });

  it('returns more cursors than one call of DynamoDB does', async () => {
    const cursors = make();
    const { tenant } = aCursor();
    const users = Array.from({ length: 250 }, (_, number) => `user-${String(number)}`);
    const joined = users.filter((_, number) => number % 50 === 0);
    for (const user of joined) await cursors.join(aCursor({ tenant, user }));
    const found = await cursors.get(
      tenant,
      users.map((user) => ({ topic: userTopic(user), user })),
    );
    expect(found.flatMap((cursor) => (cursor === null ? [] : [cursor.user]))).toEqual(joined);
    expect(found).toHaveLength(250);
  });

  leaving(make);
  rebases(make);
  acknowledgements(make);
  readingContract(make);
  pushingContract(make);
  members(make);
}

function leaving(make: () => CursorStore): void {
  it('ends a membership, and begins it anew', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor({ ...someHistory, topic: everyone }));
    const other = await cursors.join(aCursor({ tenant: cursor.tenant, user: cursor.user, topic: 'room:7' }));
    await cursors.leave(cursor.tenant, cursor);
    await cursors.leave(cursor.tenant, cursor);
    expect(await cursors.get(cursor.tenant, [cursor, other])).toEqual([null, other]);
    const page = await cursors.members(cursor.tenant, everyone, shardOf(everyone, cursor.user), null, 10);
    expect(page).toEqual({ cursors: [], next: null });
    const again = aCursor({ tenant: cursor.tenant, user: cursor.user, topic: everyone, joinedSeq: 9 });
    expect(await cursors.join(again)).toEqual(again);
    expect(await get(cursors, cursor)).toEqual(again);
  });

  it('changes nothing of who has left', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    const { tenant, epoch } = cursor;
    await cursors.leave(tenant, cursor);
    const rebased = { ...cursor, epoch: 'epoch-2' };
    expect(await cursors.rebase(rebased, cursor)).toEqual(rebased);
    expect(await cursors.acknowledge(tenant, cursor, { epoch, seq: 3 }, 1)).toBe('elsewhere');
    await cursors.push(tenant, cursor, epoch, [{ fromSeq: 1, toSeq: 2 }]);
    await cursors.passOver(tenant, cursor, epoch, { fromSeq: 1, toSeq: 2 });
    expect(await cursors.markRead(tenant, cursor, epoch, { upToSeq: 3, seqs: [], atMs: 1 })).toBeNull();
    expect(await get(cursors, cursor)).toBeNull();
  });
}

function rebases(make: () => CursorStore): void {
  it('puts a cursor in place of one of the epoch that it comes from', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor(someHistory));
    const rebased = { ...newcomerLike(cursor), epoch: 'epoch-2', deliveredSeq: 1, readVersion: 3 };
    expect(await cursors.rebase(rebased, cursor)).toEqual(rebased);
    expect(await get(cursors, cursor)).toEqual(rebased);
    expect(await cursors.acknowledge(cursor.tenant, cursor, { epoch: 'epoch-2', seq: 2 }, 1)).toBe('advanced');
  });

  it('leaves one of another epoch, and returns it', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor(someHistory));
    const from = { ...cursor, epoch: 'epoch-0' };
    expect(await cursors.rebase({ ...cursor, epoch: 'epoch-2', deliveredSeq: 1 }, from)).toEqual(cursor);
    expect(await get(cursors, cursor)).toEqual(cursor);
  });

  const { epoch } = aCursor();
  const changes: readonly (readonly [string, (cursors: CursorStore, cursor: Cursor) => Promise<unknown>])[] = [
    ['acknowledged', async (cursors, cursor) => cursors.acknowledge(cursor.tenant, cursor, { epoch, seq: 3 }, 1)],
    [
      'read',
      async (cursors, cursor) => cursors.markRead(cursor.tenant, cursor, epoch, { upToSeq: 2, seqs: [], atMs: 1 }),
    ],
    [
      'passed over',
      async (cursors, cursor) => cursors.passOver(cursor.tenant, cursor, epoch, { fromSeq: 4, toSeq: 5 }),
    ],
    ['pushed', async (cursors, cursor) => cursors.push(cursor.tenant, cursor, epoch, [{ fromSeq: 4, toSeq: 5 }])],
    ['declined', async (cursors, cursor) => cursors.push(cursor.tenant, cursor, epoch, [], [{ fromSeq: 4, toSeq: 5 }])],
  ];
  it.each(changes)('leaves one that was %s since it was read', async (_, change) => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    await change(cursors, cursor);
    const standing = await get(cursors, cursor);
    expect(standing).not.toEqual(cursor);
    expect(await cursors.rebase({ ...cursor, epoch: 'epoch-2' }, cursor)).toEqual(standing);
    expect(await cursors.rebase({ ...cursor, epoch: 'epoch-2' }, standing ?? cursor)).toMatchObject({
      epoch: 'epoch-2',
    });
  });

  it('lets one of many stand for all', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    const standing = await Promise.all(
      [2, 3, 4, 5].map(async (deliveredSeq) => cursors.rebase({ ...cursor, epoch: 'epoch-2', deliveredSeq }, cursor)),
    );
    expect(new Set(standing.map(({ deliveredSeq }) => deliveredSeq)).size).toBe(1);
    expect(await get(cursors, cursor)).toEqual(standing[0]);
  });
}

function acknowledgements(make: () => CursorStore): void {
  it('moves forward with an acknowledgement, and never back', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    const acknowledge = async (seq: number, atMs: number): Promise<string> =>
      cursors.acknowledge(cursor.tenant, cursor, { epoch: cursor.epoch, seq }, atMs);
    expect([await acknowledge(4, 1), await acknowledge(4, 2), await acknowledge(2, 3)]).toEqual([
      'advanced',
      'unchanged',
      'unchanged',
    ]);
    expect(await get(cursors, cursor)).toEqual(acknowledged(cursor, 4, 1));
  });

  it.each([
    ['a newcomer', {}],
    ['somebody with a history', someHistory],
  ])('remembers the last acknowledgements of %s', async (_, given) => {
    const cursors = make();
    let expected = await cursors.join(aCursor(given));
    for (let seq = 11; seq < 11 + cursorLimits.acknowledgementsKept + 2; seq += 1) {
      await cursors.acknowledge(expected.tenant, expected, { epoch: expected.epoch, seq }, 1_000_000 * seq);
      expected = acknowledged(expected, seq, 1_000_000 * seq);
      expect(await get(cursors, expected)).toEqual(expected);
    }
  });

  it('reaches the furthest of many acknowledgements at once', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    const seqs = [5, 2, 9, 7, 1, 8];
    const outcomes = await Promise.all(
      seqs.map(async (seq) => cursors.acknowledge(cursor.tenant, cursor, { epoch: cursor.epoch, seq }, seq)),
    );
    const reached = await get(cursors, cursor);
    expect(reached?.deliveredSeq).toBe(9);
    const moved = seqs.filter((_, index) => outcomes[index] === 'advanced').sort((a, b) => b - a);
    expect(reached?.acknowledgements).toEqual(
      moved.slice(0, cursorLimits.acknowledgementsKept).map((seq) => ({ seq, atMs: seq })),
    );
  });

  it('takes no acknowledgement of another epoch, nor of who never joined', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    expect(await cursors.acknowledge(cursor.tenant, cursor, { epoch: 'epoch-0', seq: 1 }, 1)).toBe('elsewhere');
    expect(await get(cursors, cursor)).toEqual(cursor);
    const stranger = aCursor();
    const { epoch } = stranger;
    expect(await cursors.acknowledge(stranger.tenant, stranger, { epoch, seq: 1 }, 1)).toBe('elsewhere');
    expect(await get(cursors, stranger)).toBeNull();
  });
}

function members(make: () => CursorStore): void {
  it('pages through the members of one shard in order of user', async () => {
    const cursors = make();
    const { tenant } = aCursor();
    const users = Array.from({ length: 60 }, (_, number) => `Gäst ${String(number)}`);
    for (const user of users) await cursors.join(aCursor({ tenant, user, topic: everyone }));
    const inShard = users.filter((user) => shardOf(everyone, user) === 3).sort();
    expect(inShard.length).toBeGreaterThan(2);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await cursors.members(tenant, everyone, 3, after, 2);
      seen.push(...page.cursors.map(({ user }) => user));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(inShard);
  });

  it('returns whole cursors, and no next page after the last', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor(someHistory));
    expect(await cursors.members(cursor.tenant, cursor.topic, 0, null, 1)).toEqual({ cursors: [cursor], next: null });
  });
}

/** A cursor of the same user that has no history. */
function newcomerLike({ tenant, user, topic }: Cursor): Cursor {
  return aCursor({ tenant, user, topic });
}
