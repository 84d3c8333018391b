// Telling one connection: in its own words, if it wants the event; and what is noted for clients that do not acknowledge.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Subscriber } from '../../shared/domain/connection.ts';
import { acknowledged, isUnpushed, newCursor, progressOf, wasDeclined, wasPushed } from '../../shared/domain/cursor.ts';
import type { TellResult } from '../../shared/domain/fan-out-plan.ts';
import { notificationFrame } from '../../shared/domain/frames.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { dialectNames } from '../../shared/protocol/dialect-names.ts';
import { noteTold, tellerOf } from '../../shared/usecases/tell-subscriber.ts';
import { aNotification } from '../builders/notification.ts';
import { heardBy } from './dialect-clients.ts';
import { always, aWorld } from './world.ts';

function aSubscriber(given: Partial<Subscriber> = {}): Subscriber {
  const connectedAtMs = Date.UTC(2026, 10, 21, 8, 29);
  return { connectionId: 'c1', user: 'a', connectedAtMs, expiresAtMs: connectedAtMs * 2, dialect: 'bellhop', ...given };
}

const frame = notificationFrame(aNotification({ event: 'news', data: { number: 1 } }), null);

describe('telling', () => {
  it.each(dialectNames)('says it in the words of %s', async (dialect) => {
    const world = aWorld();
    const subscriber = aSubscriber({ dialect, events: ['news'] });
    expect(await tellerOf(world, frame, 'news')(subscriber, always)).toBe('posted');
    expect(heardBy(world, 'c1')).toMatchObject([{ event: 'news', data: { number: 1 } }]);
  });

  it.each([
    ['has selected the event', ['news'], 'posted'],
    ['has selected others', ['other'], 'not_selected'],
    ['has not selected yet', undefined, 'not_yet'],
  ] as const)('a client of the leads that %s', async (_, events, result) => {
    const world = aWorld();
    const subscriber = aSubscriber({ dialect: 'leads', ...(events === undefined ? {} : { events }) });
    expect(await tellerOf(world, frame, 'news')(subscriber, always)).toBe(result);
    expect(world.gateway.posts).toHaveLength(result === 'posted' ? 1 : 0);
  });

  it('writes each dialect once, however many are told', async () => {
    const world = aWorld();
    const written: string[] = [];
    const write: typeof world.dialects.write = (dialect, said) => {
      written.push(dialect);
      return world.dialects.write(dialect, said);
    };
    const tell = tellerOf({ ...world, dialects: { ...world.dialects, write } }, frame, 'news');
    for (const dialect of [...dialectNames, ...dialectNames])
      await tell(aSubscriber({ dialect, events: ['news'] }), always);
    expect(written.sort()).toEqual([...dialectNames].sort());
    expect(world.gateway.posts).toHaveLength(2 * dialectNames.length);
  });

  it('does so when a dialect has no word for it, too, and posts nothing', async () => {
    const world = aWorld();
    const skip = { type: 'skipped', topic: 'all', epoch: 'e', fromSeq: 1, toSeq: 1, reason: 'suppressed' } as const;
    expect(await tellerOf(world, skip, 'news')(aSubscriber({ dialect: 'hotel' }), always)).toBe('posted');
    expect(world.gateway.posts).toEqual([]);
  });
});

const results: readonly TellResult[] = ['posted', 'gone', 'slow', 'too_large', 'not_selected', 'not_yet'];
const someTold = fc.array(
  fc.record({ dialect: fc.constantFrom(...dialectNames), result: fc.constantFrom(...results) }),
);

it('what is noted: pushed when one client that does not acknowledge has it, declined when all of them do not want it', async () => {
  await fc.assert(
    fc.asyncProperty(someTold, async (told) => {
      const world = aWorld();
      const key = { topic: userTopic('a'), user: 'a' };
      const { epoch } = await world.logs.head('default', key.topic);
      await world.cursors.join(newCursor('default', 'a', { topic: key.topic, epoch, seq: 0 }));
      const posts = told.map(({ dialect, result }) => ({ subscriber: aSubscriber({ dialect }), result }));
      await noteTold(world, 'default', key, { epoch, seq: 1 }, posts);
      const [after] = await world.cursors.get('default', [key]);
      if (after === null || after === undefined) throw new Error('the cursor is gone');
      const others = told.filter(({ dialect }) => dialect !== 'bellhop').map(({ result }) => result);
      const isPosted = others.includes('posted');
      const isUnwanted = others.length > 0 && others.every((result) => result === 'not_selected');
      expect(wasPushed(after, { epoch, seq: 1 })).toBe(isPosted);
      expect(wasDeclined(after, { epoch, seq: 1 })).toBe(isUnwanted);
      expect(isUnpushed(after, 1)).toBe(!isPosted && !isUnwanted);
      // A client of our own that has it says so for itself.
      expect(progressOf(acknowledged(after, 1, 1), { epoch, seq: 1 })).toBe('delivered');
    }),
  );
});
