// Connect, identify and disconnect in every order of their single calls: none may leave a subscription without a connection.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownConnection } from '../../shared/domain/connection.ts';
import { everyone, shardOf } from '../../shared/domain/topic.ts';
import { connectionStore } from '../../shared/dynamodb/connection-store.ts';
import { subscriptionStore } from '../../shared/dynamodb/subscription-store.ts';
import type { ConnectionStore } from '../../shared/ports.ts';
import { aConnection, anAnonymousConnection } from '../builders/connection.ts';
import { unique } from '../builders/unique.ts';
import { intercepted, killedBefore, loseNextAnswer } from './faults.ts';
import { scheduledClient } from './scheduled.ts';
import { useTables } from './tables.ts';

const tables = useTables('connections', 'subscriptions');
const runs = { numRuns: 30 };
const nowMs = Date.UTC(2026, 10, 21, 9);

const store = (): ConnectionStore => connectionStore(tables.client(), tables.names);

function scheduledStore(scheduler: fc.Scheduler): ConnectionStore {
  return connectionStore(scheduledClient(tables.client(), scheduler), tables.names);
}

/** Whom the subscriptions of this connection, in the topics of any of these, are for. */
async function subscribedUsers(...connections: readonly KnownConnection[]): Promise<string[]> {
  const subscriptions = subscriptionStore(tables.client(), tables.names.subscriptions);
  const partitions = new Map(
    connections.flatMap(({ tenant, user, topics }) =>
      topics.map((topic) => [`${topic} ${String(shardOf(topic, user))}`, { tenant, topic, user }]),
    ),
  );
  const pages = [...partitions.values()].map(({ tenant, topic, user }) =>
    subscriptions.page(tenant, topic, shardOf(topic, user), { after: null, through: null }, 100),
  );
  return (await Promise.all(pages)).flatMap(({ subscribers }) => subscribers).map(({ user }) => user);
}

/** In the user's own topic, in that of everyone, and in that of the one role. */
const thrice = (user: string): readonly string[] => [user, user, user];

/** Two identities for one socket, whose subscriptions to the wide topic have the same key. */
function rivals(): readonly [first: KnownConnection, second: KnownConnection] {
  const first = aConnection();
  const { connectionId, tenant } = first;
  const users = Array.from({ length: 500 }, () => unique('user'));
  const user = users.find((other) => shardOf(everyone, other) === shardOf(everyone, first.user));
  return [first, aConnection({ connectionId, tenant, ...(user === undefined ? {} : { user }) })];
}

/** The same two, after their socket was opened without a token. */
async function rivalsOfOneSocket(): Promise<ReturnType<typeof rivals>> {
  const both = rivals();
  await store().open(anAnonymousConnection({ connectionId: both[0].connectionId }));
  return both;
}

describe('in every order of their calls', () => {
  it('a close leaves nothing of an opening', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const connection = aConnection();
        const inTurn = scheduledStore(scheduler);
        await scheduler.waitFor(Promise.all([inTurn.open(connection), inTurn.close(connection.connectionId, nowMs)]));
        expect(await store().get(connection.connectionId)).toBeNull();
        expect(await subscribedUsers(connection)).toEqual([]);
      }),
      runs,
    );
  });

  it('a close leaves nothing of two identifications at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const [first, second] = await rivalsOfOneSocket();
        const { connectionId } = first;
        const inTurn = scheduledStore(scheduler);
        await scheduler.waitFor(
          Promise.all([inTurn.identify(first), inTurn.identify(second), inTurn.close(connectionId, nowMs)]),
        );
        expect(await store().get(connectionId)).toBeNull();
        expect(await subscribedUsers(first, second)).toEqual([]);
      }),
      runs,
    );
  });

  it('a close leaves nothing of a renewal, and a renewal nothing of itself', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const connection = aConnection();
        const { connectionId, leaseUntilMs } = connection;
        await store().open(connection);
        const inTurn = scheduledStore(scheduler);
        await scheduler.waitFor(
          Promise.all([inTurn.renew(connection, leaseUntilMs + 1), inTurn.close(connectionId, nowMs)]),
        );
        expect(await store().get(connectionId)).toBeNull();
        expect(await subscribedUsers(connection)).toEqual([]);
      }),
      runs,
    );
  });

  it('one of two identifications stands, whole and alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const [first, second] = await rivalsOfOneSocket();
        const { connectionId } = first;
        const inTurn = scheduledStore(scheduler);
        const outcomes = await scheduler.waitFor(Promise.all([inTurn.identify(first), inTurn.identify(second)]));
        const winner = outcomes[0] === 'identified' ? first : second;
        expect([...outcomes].sort()).toEqual(['closed', 'identified']);
        expect(await store().get(connectionId)).toEqual(winner);
        expect(await subscribedUsers(first, second)).toEqual(thrice(winner.user));
      }),
      runs,
    );
  });

  it('the same identification twice at once stands once, whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const connection = aConnection();
        await store().open(anAnonymousConnection({ connectionId: connection.connectionId }));
        const inTurn = scheduledStore(scheduler);
        await scheduler.waitFor(Promise.all([inTurn.identify(connection), inTurn.identify(connection)]));
        expect(await subscribedUsers(connection)).toEqual(thrice(connection.user));
      }),
      runs,
    );
  });
});

describe('in the rarest order', () => {
  it('a close between the two looks of a refused identification leaves nothing', async () => {
    const [first, second] = rivals();
    const { connectionId } = first;
    await store().open(anAnonymousConnection({ connectionId }));
    await store().identify(first);
    const closedAfterTheFirstLook = intercepted(tables.client(), async (send, command) => {
      const answer = await send();
      if (command === 'GetCommand') await store().close(connectionId, nowMs);
      return answer;
    });
    expect(await connectionStore(closedAfterTheFirstLook, tables.names).identify(second)).toBe('closed');
    expect(await subscribedUsers(first, second)).toEqual([]);
  });
});

describe('when a call fails', () => {
  it.each(['DeleteCommand', 'UpdateCommand'])(
    'a close that was killed before %s is made good by the next one',
    async (command) => {
      const connection = aConnection();
      await store().open(connection);
      const dying = connectionStore(killedBefore(tables.client(), command), tables.names);
      await expect(dying.close(connection.connectionId, nowMs)).rejects.toThrow('killed');
      await store().close(connection.connectionId, nowMs);
      expect(await store().get(connection.connectionId)).toBeNull();
      expect(await subscribedUsers(connection)).toEqual([]);
    },
  );

  it('a renewal that was killed before the row is made good by the next one', async () => {
    const connection = aConnection();
    await store().open(connection);
    const leaseUntilMs = connection.leaseUntilMs + 1;
    let updates = 0;
    const dying = intercepted(tables.client(), async (send, command) => {
      updates += command === 'UpdateCommand' ? 1 : 0;
      if (updates === 2) throw new Error('killed');
      return send();
    });
    await expect(connectionStore(dying, tables.names).renew(connection, leaseUntilMs)).rejects.toThrow('killed');
    // Whoever looks at the row sees that the lease is to be renewed.
    expect(await store().get(connection.connectionId)).toEqual(connection);
    await store().renew(connection, leaseUntilMs);
    expect(await store().get(connection.connectionId)).toEqual({ ...connection, leaseUntilMs });
  });

  it('an opening whose answer was lost is open', async () => {
    const connection = aConnection();
    loseNextAnswer(tables.client(), 'PutItemCommand');
    expect(await store().open(anAnonymousConnection({ connectionId: connection.connectionId }))).toBe('opened');
    expect(await store().identify(connection)).toBe('identified');
    expect(await subscribedUsers(connection)).toEqual(thrice(connection.user));
  });

  it('an opening that is tried again after a close stays closed', async () => {
    const connection = anAnonymousConnection();
    // The put is made, the close comes, and only then the client tries the put again.
    const again = intercepted(tables.client(), async (send) => {
      await send();
      await store().close(connection.connectionId, nowMs);
      return send();
    });
    expect(await connectionStore(again, tables.names).open(connection)).toBe('closed');
    expect(await store().get(connection.connectionId)).toBeNull();
  });
});
