// What every store of cursors must do.
import { expect, it } from 'vitest';
import type { Cursor } from '../../shared/domain/log.ts';
import { hasRead } from '../../shared/domain/log.ts';
import { everyone, shardOf, userTopic } from '../../shared/domain/topic.ts';
import type { CursorStore, ReadMark } from '../../shared/ports.ts';
import { aCursor } from '../builders/cursor.ts';
import { unique } from '../builders/unique.ts';

export function cursorStoreContract(make: () => CursorStore): void {
  it('makes a member once, and returns the cursor that stands', async () => {
    const cursors = make();
    const first = aCursor({ joinedSeq: 3, deliveredSeq: 3, readSeq: 3, readSeqs: [5, 9] });
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

  acknowledgements(make);
  reads(make);
  members(make);
}

function acknowledgements(make: () => CursorStore): void {
  it('moves forward with an acknowledgement, and never back', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    const acknowledge = async (seq: number): Promise<string> =>
      cursors.acknowledge(cursor.tenant, cursor, { epoch: cursor.epoch, seq });
    expect([await acknowledge(4), await acknowledge(4), await acknowledge(2)]).toEqual([
      'advanced',
      'unchanged',
      'unchanged',
    ]);
    expect(await get(cursors, cursor)).toEqual({ ...cursor, deliveredSeq: 4 });
  });

  it('takes no acknowledgement of another epoch, nor of who never joined', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    expect(await cursors.acknowledge(cursor.tenant, cursor, { epoch: 'epoch-0', seq: 1 })).toBe('unchanged');
    expect(await get(cursors, cursor)).toEqual(cursor);
    const stranger = aCursor();
    expect(await cursors.acknowledge(stranger.tenant, stranger, { epoch: stranger.epoch, seq: 1 })).toBe('unchanged');
    expect(await get(cursors, stranger)).toBeNull();
  });
}

function reads(make: () => CursorStore): void {
  const cases: readonly (readonly [string, readonly ReadMark[], readonly number[]])[] = [
    ['everything up to a place', [{ upToSeq: 3, seqs: [] }], [1, 2, 3]],
    ['single entries', [{ upToSeq: 0, seqs: [5, 2] }], [2, 5]],
    ['both at once', [{ upToSeq: 2, seqs: [1, 4] }], [1, 2, 4]],
    [
      'singles, then all up to beyond them',
      [
        { upToSeq: 0, seqs: [2, 6] },
        { upToSeq: 4, seqs: [] },
      ],
      [1, 2, 3, 4, 6],
    ],
    [
      'singles behind the place',
      [
        { upToSeq: 4, seqs: [] },
        { upToSeq: 0, seqs: [2] },
      ],
      [1, 2, 3, 4],
    ],
    [
      'nothing back',
      [
        { upToSeq: 4, seqs: [] },
        { upToSeq: 2, seqs: [6] },
      ],
      [1, 2, 3, 4, 6],
    ],
    [
      'the same twice',
      [
        { upToSeq: 2, seqs: [4] },
        { upToSeq: 2, seqs: [4] },
      ],
      [1, 2, 4],
    ],
    [
      'up to the same place without singles',
      [
        { upToSeq: 2, seqs: [] },
        { upToSeq: 2, seqs: [] },
      ],
      [1, 2],
    ],
  ];

  it.each(cases)('marks as read: %s', async (_, marks, expected) => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    for (const mark of marks) expect(await cursors.markRead(cursor.tenant, cursor, cursor.epoch, mark)).toBe('marked');
    const marked = await get(cursors, cursor);
    expect(readOf(marked, 10)).toEqual(expected);
    expect(marked).toMatchObject({ joinedSeq: 0, deliveredSeq: 0 });
  });

  it('marks every one of very many single reads', async () => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    // All but number 100, from the last to the first, in tens.
    const seqs = Array.from({ length: 150 }, (_, index) => 150 - index).filter((seq) => seq !== 100);
    for (let from = 0; from < seqs.length; from += 10) {
      await cursors.markRead(cursor.tenant, cursor, cursor.epoch, { upToSeq: 0, seqs: seqs.slice(from, from + 10) });
    }
    expect(readOf(await get(cursors, cursor), 160)).toEqual([...seqs].reverse());
  });

  it.each([
    ['up to a place', { upToSeq: 1, seqs: [] }],
    ['single', { upToSeq: 0, seqs: [1] }],
    ['both', { upToSeq: 1, seqs: [2] }],
  ])('marks nothing under another epoch, nor for who never joined: %s', async (_, mark) => {
    const cursors = make();
    const cursor = await cursors.join(aCursor());
    expect(await cursors.markRead(cursor.tenant, cursor, 'epoch-0', mark)).toBe('unchanged');
    expect(await get(cursors, cursor)).toEqual(cursor);
    const stranger = aCursor();
    expect(await cursors.markRead(stranger.tenant, stranger, stranger.epoch, mark)).toBe('unchanged');
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
    const cursor = await cursors.join(aCursor({ readSeqs: [2] }));
    expect(await cursors.members(cursor.tenant, cursor.topic, 0, null, 1)).toEqual({ cursors: [cursor], next: null });
  });
}

async function get(cursors: CursorStore, cursor: Cursor): Promise<Cursor | null> {
  return (await cursors.get(cursor.tenant, [cursor]))[0] ?? null;
}

/** How a store keeps reads is its own business; what counts is which entries are read. */
function readOf(cursor: Cursor | null, upToSeq: number): readonly number[] {
  const seqs = Array.from({ length: upToSeq }, (_, index) => index + 1);
  return cursor === null ? [] : seqs.filter((seq) => hasRead(cursor, seq));
}
