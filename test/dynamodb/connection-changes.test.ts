// Rooms, newer tokens, selected events and a disconnect in every order of their single calls: row and subscriptions agree in the end.
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownConnection, Subscriber } from '../../shared/domain/connection.ts';
import { refreshedConnection, subscribedTopics } from '../../shared/domain/connection.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { everyone, shardOf } from '../../shared/domain/topic.ts';
import { connectionStore } from '../../shared/dynamodb/connection-store.ts';
import { subscriptionStore } from '../../shared/dynamodb/subscription-store.ts';
import type { ConnectionStore } from '../../shared/ports.ts';
import { aConnection } from '../builders/connection.ts';
import { counting, intercepted, killedBefore, loseNextAnswer } from './faults.ts';
import { scheduledClient } from './scheduled.ts';
import { useTables } from './tables.ts';

const tables = useTables('connections', 'subscriptions');
const runs = { numRuns: 40 };
const nowMs = Date.UTC(2026, 10, 21, 9);
const rooms: readonly Topic[] = ['room:a', 'room:ticket_b'];
const roles = ['technician', 'guest', 'late'];

const store = (client = tables.client()): ConnectionStore => connectionStore(client, tables.names);

async function opened(): Promise<KnownConnection> {
  const connection = aConnection({ dialect: 'socketio', roles: ['technician'] });
  await store().open(connection);
  return connection;
}

/** The subscriptions of this connection in all topics that these tests know of, by topic. */
async function subscriptionsOf(connection: KnownConnection): Promise<ReadonlyMap<Topic, readonly Subscriber[]>> {
  const { tenant, user } = connection;
  const subscriptions = subscriptionStore(tables.client(), tables.names.subscriptions);
  const ofRoles = roles.map((role): Topic => `role:${role}`);
  const topics = new Set<Topic>([...subscribedTopics(connection), ...ofRoles, ...rooms]);
  const found = new Map<Topic, readonly Subscriber[]>();
  for (const topic of topics) {
    const shard = shardOf(topic, user);
    const page = await subscriptions.page(tenant, topic, shard, { after: null, through: null }, 100);
    if (page.subscribers.length > 0) found.set(topic, page.subscribers);
  }
  return found;
}

/** What they must be, of a connection that is open. */
function expectedOf(connection: KnownConnection): ReadonlyMap<Topic, readonly Subscriber[]> {
  const { connectionId, user, connectedAtMs, expiresAtMs, dialect, events, leaseUntilMs } = connection;
  const selected = events === undefined ? {} : { events };
  const subscriber = { connectionId, user, connectedAtMs, expiresAtMs, dialect, ...selected };
  return new Map(
    subscribedTopics(connection).map((topic) => [
      topic,
      [topic === everyone ? { ...subscriber, leaseUntilMs } : subscriber],
    ]),
  );
}

async function standing({ connectionId }: KnownConnection): Promise<KnownConnection> {
  const connection = await store().get(connectionId);
  if (connection?.state !== 'known') throw new Error('the connection is gone');
  return connection;
}

async function rowAndSubscriptionsAgree(connection: KnownConnection): Promise<void> {
  const found = await standing(connection);
  expect(await subscriptionsOf(connection)).toEqual(expectedOf(found));
}

type Step = (store: ConnectionStore, connection: KnownConnection) => Promise<unknown>;

/** A word on one of two rooms, at one of few moments, so that many are said in the same. */
const word: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(...rooms), fc.nat(2), fc.boolean())
  .map(([room, ms, joins]) => async (given, connection) => {
    return joins ? given.follow(connection, room, nowMs + ms) : given.unfollow(connection, room, nowMs + ms);
  });

const event = fc.constantFrom('e1', 'e2', 'e3');
const selection: fc.Arbitrary<Step> = fc.tuple(fc.uniqueArray(event), fc.uniqueArray(event)).map(
  ([add, remove]) =>
    async (given, connection) =>
      given.selectEvents(connection, { add, remove }),
);

const refresh: fc.Arbitrary<Step> = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...roles)), fc.nat(3))
  .map(([newRoles, later]) => async (given, connection) => {
    const { tenant, user, expiresAtMs } = connection;
    const token = { tenant, user, roles: newRoles, tokenExpiresAtMs: expiresAtMs - later };
    return given.replace(refreshedConnection(connection, token), connection);
  });

const steps = fc.array(fc.oneof(word, selection, refresh), { minLength: 2, maxLength: 4 });

/** Begins with what some steps make of a new connection, then does others at once, in the order that the scheduler chooses. */
async function runAtOnce(scheduler: fc.Scheduler, first: readonly Step[], atOnce: readonly Step[]) {
  const connection = await opened();
  for (const step of first) await step(store(), connection);
  const known = await standing(connection);
  const inTurn = store(scheduledClient(tables.client(), scheduler));
  await scheduler.waitFor(Promise.all(atOnce.map(async (step) => step(inTurn, known))));
  return connection;
}

describe('in every order of their calls', () => {
  it('of the words on a room the latest stands, in the row and in the subscriptions', async () => {
    const times = fc.shuffledSubarray([1, 2, 3, 4], { minLength: 2 });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        times,
        fc.array(fc.boolean(), { minLength: 4 }),
        async (scheduler, ms, joins) => {
          const words = ms.map((atMs, index) => ({ atMs, joins: joins[index] === true }));
          const atOnce = words.map(({ atMs, joins: isJoin }): Step => async (given, connection) => {
            return isJoin ? given.follow(connection, 'room:a', atMs) : given.unfollow(connection, 'room:a', atMs);
          });
          const connection = await runAtOnce(scheduler, [], atOnce);
          const last = words.reduce((latest, each) => (each.atMs > latest.atMs ? each : latest));
          const { topics } = await standing(connection);
          expect(topics).toEqual(last.joins ? [...connection.topics, 'room:a'] : connection.topics);
          await rowAndSubscriptionsAgree(connection);
        },
      ),
      runs,
    );
  });

  it('rooms, newer tokens and selected events leave row and subscriptions agreed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, steps, async (scheduler, first, atOnce) => {
        await rowAndSubscriptionsAgree(await runAtOnce(scheduler, first, atOnce));
      }),
      runs,
    );
  });

  it('a close leaves nothing of them', async () => {
    const close: Step = async (given, { connectionId }) => given.close(connectionId, nowMs);
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, steps, async (scheduler, first, atOnce) => {
        const connection = await runAtOnce(scheduler, first, [close, ...atOnce]);
        expect(await store().get(connection.connectionId)).toBeNull();
        expect(await subscriptionsOf(connection)).toEqual(new Map());
      }),
      runs,
    );
  });
});

describe('in the rarest order', () => {
  /** A store that does something else just before its first call of this kind, or just after it. */
  function interrupted(command: string, moment: 'before' | 'after', meanwhile: () => Promise<unknown>) {
    let isFirst = true;
    const client = intercepted(tables.client(), async (send, name) => {
      if (name !== command || !isFirst) return send();
      isFirst = false;
      if (moment === 'before') await meanwhile();
      const answer = await send();
      if (moment === 'after') await meanwhile();
      return answer;
    });
    return store(client);
  }

  /** The same socket with a token that has these roles. */
  function withRoles(former: KnownConnection, newRoles: readonly string[]): KnownConnection {
    const { tenant, user, expiresAtMs } = former;
    return refreshedConnection(former, { tenant, user, roles: newRoles, tokenExpiresAtMs: expiresAtMs });
  }

  it('a close between the row and the subscriptions of a selection leaves nothing', async () => {
    const connection = await opened();
    const slow = interrupted('UpdateCommand', 'after', async () => store().close(connection.connectionId, nowMs));
    await slow.selectEvents(connection, { add: ['e1'], remove: [] });
    expect(await subscriptionsOf(connection)).toEqual(new Map());
  });

  it('a newer token that takes a role away leaves it to one that gives it back', async () => {
    const connection = await opened();
    const without = withRoles(connection, ['guest']);
    const slow = interrupted('DeleteCommand', 'before', async () => store().replace(connection, without));
    await slow.replace(without, connection);
    expect(await standing(connection)).toEqual(connection);
    await rowAndSubscriptionsAgree(connection);
  });

  it('a newer token leaves a room that was joined again meanwhile', async () => {
    const connection = await opened();
    await store().follow(connection, 'room:ticket_b', nowMs);
    const former = await standing(connection);
    const again = async () => store().follow(former, 'room:ticket_b', nowMs + 1);
    await interrupted('UpdateCommand', 'before', again).replace(withRoles(former, ['guest']), former);
    expect((await standing(connection)).topics).not.toContain('room:ticket_b');
    await rowAndSubscriptionsAgree(connection);
  });
});

describe('when a call fails', () => {
  it('a leaving that was killed before the subscription is made good by the close', async () => {
    const connection = await opened();
    await store().follow(connection, 'room:a', nowMs);
    const dying = store(killedBefore(tables.client(), 'DeleteCommand'));
    await expect(dying.unfollow(connection, 'room:a', nowMs + 1)).rejects.toThrow('killed');
    expect((await subscriptionsOf(connection)).get('room:a')).toHaveLength(1);
    await store().close(connection.connectionId, nowMs);
    expect(await subscriptionsOf(connection)).toEqual(new Map());
  });

  it.each(['UpdateItemCommand', 'PutItemCommand'])(
    'a joining is made once, when the answer to %s was lost',
    async (lost) => {
      const connection = await opened();
      loseNextAnswer(tables.client(), lost);
      expect(await store().follow(connection, 'room:a', nowMs)).toBe('followed');
      await rowAndSubscriptionsAgree(connection);
    },
  );

  it('a leaving and a newer token are made whole when the answer of the row was lost', async () => {
    const connection = await opened();
    await store().follow(connection, 'room:ticket_b', nowMs);
    await store().follow(connection, 'room:a', nowMs);
    loseNextAnswer(tables.client(), 'UpdateItemCommand');
    await store().unfollow(connection, 'room:a', nowMs);
    await rowAndSubscriptionsAgree(connection);
    const former = await standing(connection);
    const { tenant, user, expiresAtMs } = former;
    const token = { tenant, user, roles: ['guest'], tokenExpiresAtMs: expiresAtMs - 1 };
    loseNextAnswer(tables.client(), 'UpdateItemCommand');
    expect(await store().replace(refreshedConnection(former, token), former)).toBe('replaced');
    expect((await standing(connection)).topics).toEqual([`user:${user}`, 'all', 'role:guest']);
    await rowAndSubscriptionsAgree(connection);
  });

  it('a change is unavailable when others are always quicker', async () => {
    const connection = await opened();
    const refused = intercepted(tables.client(), async (send, command) => {
      if (command === 'UpdateCommand') throw Object.assign(new Error(), { name: 'ConditionalCheckFailedException' });
      return send();
    });
    const busy = { code: 'unavailable' };
    await expect(store(refused).replace(connection, connection)).rejects.toMatchObject(busy);
    await expect(store(refused).follow(connection, 'room:a', nowMs)).rejects.toMatchObject(busy);
  });
});

describe('what it costs', () => {
  it('is two writes to join and to leave a room, and no read', async () => {
    const connection = await opened();
    const { client, commands } = counting(tables.client());
    await store(client).follow(connection, 'room:a', nowMs);
    await store(client).unfollow(connection, 'room:a', nowMs + 1);
    expect(commands).toEqual(['PutCommand', 'UpdateCommand', 'UpdateCommand', 'DeleteCommand']);
  });

  it('does not grow with the rooms that were left long ago', async () => {
    const connection = await opened();
    const sizes: number[] = [];
    for (let visit = 0; visit < 60; visit += 1) {
      await store().follow(connection, `room:${String(visit)}`, nowMs + visit * 60_000);
      await store().unfollow(connection, `room:${String(visit)}`, nowMs + visit * 60_000 + 1);
      const Key = { pk: connection.connectionId };
      const { Item = {} } = await tables.client().send(new GetCommand({ TableName: tables.names.connections, Key }));
      sizes.push(Object.keys(Item).length);
    }
    expect(Math.max(...sizes)).toBeLessThan(30);
  });
});
