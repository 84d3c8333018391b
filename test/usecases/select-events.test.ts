// Selecting events: a client of the leads gets what it names, from its first selection on also what it missed of that.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameLimits, requestLimits } from '../../shared/protocol/limits.ts';
import { selectEvents } from '../../shared/usecases/select-events.ts';
import { disconnect } from '../../shared/usecases/disconnect.ts';
import { connectAs, heardBy, heardOf, say, subscribe } from './dialect-clients.ts';
import type { World } from './world.ts';
import { always, aWorld, openQuietly, publish, toEveryone, toUsers } from './world.ts';

const { selectedEventsMax } = requestLimits;

async function unsubscribe(world: World, connectionId: string, ...events: readonly string[]): Promise<void> {
  await say(world, connectionId, JSON.stringify({ type: 'unsubscribe', data: { events } }));
}

/** How often a connection heard each of these. */
function countsOf(world: World, connectionId: string, ...events: readonly string[]): readonly number[] {
  return events.map((event) => heardOf(world, connectionId, event).length);
}

describe('a selection', () => {
  it('is confirmed with all that is selected then', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'leads', 'a');
    await subscribe(world, connectionId, 'b', 'a', 'b');
    await subscribe(world, connectionId, 'c');
    await unsubscribe(world, connectionId, 'a', 'z');
    const confirmed = heardOf(world, connectionId, 'subscribed').map(({ events }) => events);
    expect(confirmed).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
  });

  it('decides what comes from then on, of inboxes and of wide topics', async () => {
    const world = aWorld();
    const connectionId = await connectAs(world, 'leads', 'a');
    await subscribe(world, connectionId, 'wanted');
    for (const audience of [toUsers('a'), toEveryone]) {
      for (const event of ['wanted', 'other']) await publish(world, { event, audience });
    }
    await unsubscribe(world, connectionId, 'wanted');
    await subscribe(world, connectionId, 'other');
    await publish(world, { event: 'wanted', audience: toEveryone });
    expect(countsOf(world, connectionId, 'wanted', 'other')).toEqual([2, 0]);
  });

  it('brings what was missed of it with the first one, and nothing of the rest ever', async () => {
    const world = aWorld();
    await disconnect(world, await connectAs(world, 'leads', 'a'));
    for (const event of ['wanted', 'other']) await publish(world, { event, audience: toEveryone });
    const connectionId = await connectAs(world, 'leads', 'a');
    for (const event of ['wanted', 'other']) await publish(world, { event, audience: toUsers('a') });
    expect(countsOf(world, connectionId, 'wanted', 'other')).toEqual([0, 0]);
    await subscribe(world, connectionId, 'wanted');
    expect(countsOf(world, connectionId, 'wanted', 'other')).toEqual([2, 0]);
    expect(
      heardBy(world, connectionId)
        .map(({ event }) => event)
        .slice(-3),
    ).toEqual(['subscribed', 'wanted', 'wanted']);
    await subscribe(world, connectionId, 'other');
    const later = await connectAs(world, 'leads', 'a');
    await subscribe(world, later, 'wanted', 'other');
    expect(countsOf(world, connectionId, 'wanted', 'other')).toEqual([2, 0]);
    expect(countsOf(world, later, 'wanted', 'other')).toEqual([0, 0]);
  });

  it('of a connection that is gone brings nothing', async () => {
    const world = aWorld();
    const connection = await openQuietly(world, { dialect: 'leads', user: 'a' });
    await publish(world, { event: 'wanted', audience: toUsers('a') });
    await disconnect(world, connection.connectionId);
    await selectEvents(world, connection, { add: ['wanted'], remove: [] }, 'subscribe', always);
    expect(countsOf(world, connection.connectionId, 'wanted')).toEqual([0]);
  });
});

describe('is refused', () => {
  const names = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, number) => `e${String(100 + number)}`);
  it.each([
    ['more events than a connection may select', [], names(selectedEventsMax + 1)],
    ['one more than those', names(selectedEventsMax), ['one more']],
    ['an event without a name', [], ['']],
    ['an event with a long name', [], ['x'.repeat(nameLimits.eventCharactersMax + 1)]],
  ])('%s', async (_, events, add) => {
    const world = aWorld();
    const connection = await openQuietly(world, { dialect: 'leads', ...(events.length === 0 ? {} : { events }) });
    const refused = selectEvents(world, connection, { add, remove: [] }, undefined, always);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_field', detail: { field: 'events' } });
    expect(await world.connections.get(connection.connectionId)).toEqual(connection);
  });

  it('nothing of what was selected already, and as many as are allowed', async () => {
    const world = aWorld();
    const all = names(selectedEventsMax);
    const connection = await openQuietly(world, { dialect: 'leads', events: all });
    await selectEvents(world, connection, { add: all, remove: [] }, undefined, always);
    expect(heardOf(world, connection.connectionId, 'subscribed')).toEqual([{ events: [...all].sort() }]);
  });
});

it('any changes: what comes is what was selected at the time', async () => {
  const event = fc.constantFrom('a', 'b', 'c');
  const change = fc.record({ what: fc.constantFrom('subscribe', 'unsubscribe', 'publish'), event });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (changes) => {
      const world = aWorld();
      const connectionId = await connectAs(world, 'leads', 'a');
      await subscribe(world, connectionId, 'first');
      const selected = new Set(['first']);
      const expected: string[] = [];
      for (const { what, event: name } of changes) {
        if (what === 'publish') {
          await publish(world, { event: name, audience: toEveryone });
          if (selected.has(name)) expected.push(name);
        } else if (what === 'subscribe') {
          selected.add(name);
          await subscribe(world, connectionId, name);
        } else {
          selected.delete(name);
          await unsubscribe(world, connectionId, name);
        }
      }
      const heard = heardBy(world, connectionId).map(({ event: name }) => name);
      expect(heard.filter((name) => ['a', 'b', 'c'].includes(name))).toEqual(expected);
    }),
  );
});
