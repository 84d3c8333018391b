// Accepting several broadcasts at once: all are checked first, and each is accepted once however often it is tried.
import { describe, expect, it } from 'vitest';
import type { BroadcastCommand } from '../../shared/domain/broadcast.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { batchLimits, outboxLimits, requestLimits, retention } from '../../shared/protocol/limits.ts';
import type { BatchRequest } from '../../shared/usecases/create-batch.ts';
import { createBatch } from '../../shared/usecases/create-batch.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { sweepOutbox } from '../../shared/usecases/sweep-outbox.ts';
import { aCommand } from '../builders/broadcast.ts';
import { failing, intercepted, killedAt, watched } from './calls.ts';
import type { World } from './world.ts';
import { always, aWorld } from './world.ts';

const key = 'tasks-of-monday';

function commands(count: number, given: Partial<BroadcastCommand> = {}): readonly BroadcastCommand[] {
  return Array.from({ length: count }, (_, number) => aCommand({ data: { number }, ...given }));
}

function aBatch(given: Partial<BatchRequest> = {}): BatchRequest {
  return {
    tenant: 'default',
    commands: commands(3),
    idempotencyKey: undefined,
    requestText: 'POST /batch {}',
    ...given,
  };
}

async function accept(world: World, request: BatchRequest, goOn: () => boolean = always) {
  return createBatch(world, request, goOn);
}

async function refusalOf(world: World, request: BatchRequest, goOn: () => boolean = always): Promise<Failure> {
  const refusal: unknown = await accept(world, request, goOn).catch((error: unknown) => error);
  if (refusal instanceof Failure) return refusal;
  throw new Error('it was not refused');
}

/** Lets so many be begun. */
function timeFor(count: number): () => boolean {
  let begun = 0;
  return () => {
    begun += 1;
    return begun <= count;
  };
}

function stored(world: World): readonly string[] {
  return world.broadcasts.all().map(({ id }) => id);
}

function numbers(world: World): readonly unknown[] {
  return world.broadcasts.all().map(({ data }) => data['number']);
}

describe('a batch', () => {
  it.each([undefined, key])(
    'is accepted in its order, each stored, queued and marked, with the key %s',
    async (each) => {
      const world = aWorld();
      const { broadcasts, replayed } = await accept(world, aBatch({ idempotencyKey: each }));
      expect(replayed).toBe(false);
      expect(broadcasts.map(({ data }) => data['number'])).toEqual([0, 1, 2]);
      expect(world.broadcasts.all()).toEqual(
        broadcasts.map((broadcast) => ({ ...broadcast, dispatchedAtMs: world.clock.nowMs() })),
      );
      const queued = world.queue.waiting().map((message) => ('broadcastId' in message ? message.broadcastId : null));
      expect(queued.sort()).toEqual(broadcasts.map(({ id }) => id).sort());
    },
  );

  it('takes one claim, however many it has', async () => {
    const { ports, calls } = watched(aWorld());
    await accept(ports, aBatch({ commands: commands(100), idempotencyKey: key }));
    expect(calls.filter((call) => call === 'idempotency.claim')).toHaveLength(1);
    expect(calls.filter((call) => call === 'broadcasts.put')).toHaveLength(100);
  });

  it('works on a bounded number at once', async () => {
    let underWay = 0;
    let most = 0;
    const ports = intercepted(aWorld(), async (_call, run) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      return run();
    });
    await accept(ports, aBatch({ commands: commands(100) }));
    expect(most).toBe(batchLimits.acceptedAtOnce);
  });

  it('is kept without sensitive fields', async () => {
    const world = aWorld();
    await createBatch({ ...world, sensitiveFields: ['number'] }, aBatch(), always);
    expect(numbers(world)).toEqual([undefined, undefined, undefined]);
  });

  it('that the queue refuses is accepted, and the next sweep queues it', async () => {
    const world = aWorld();
    world.queue.refuse(true);
    const { broadcasts } = await accept(world, aBatch());
    expect(stored(world)).toEqual(broadcasts.map(({ id }) => id));
    world.queue.refuse(false);
    world.clock.advance(outboxLimits.afterMs + 1);
    expect(await sweepOutbox(world)).toBe(3);
  });
});

describe('a batch with one that is refused', () => {
  const large = { text: 'x'.repeat(requestLimits.notificationBytesMax) };
  const past = { expiresAtMs: 1 };
  const far = { expiresAtMs: Date.UTC(2026, 10, 21, 8, 31) + retention.notificationMs };

  it.each([
    ['too large', { data: large }, 'payload_too_large', 'broadcasts[2]'],
    ['expired', past, 'invalid_field', 'broadcasts[2].expiresAt'],
    ['kept too long', far, 'invalid_field', 'broadcasts[2].expiresAt'],
  ])('for it is %s names its place, and none is accepted', async (_, given, code, field) => {
    for (const idempotencyKey of [undefined, key]) {
      const { ports, calls } = watched(aWorld());
      const batch = aBatch({ commands: [...commands(2), aCommand(given), ...commands(2)], idempotencyKey });
      const refusal = await refusalOf(ports, batch);
      expect([refusal.code, refusal.detail.field]).toEqual([code, field]);
      expect(calls.filter((call) => call !== 'idempotency.claim')).toEqual([]);
    }
  });
});

describe('a repeated batch', () => {
  it('gets the same broadcasts, and nothing is queued again', async () => {
    const world = aWorld();
    const batch = aBatch({ idempotencyKey: key });
    const first = await accept(world, batch);
    world.clock.advance(60_000);
    expect(await accept(world, batch)).toEqual({ broadcasts: first.broadcasts, replayed: true });
    expect(stored(world)).toHaveLength(3);
    expect(world.queue.waiting()).toHaveLength(3);
  });

  it('with more in it is another request: it is refused, and nothing more is accepted', async () => {
    const world = aWorld();
    await accept(world, aBatch({ idempotencyKey: key, commands: commands(1) }));
    const other = aBatch({ idempotencyKey: key, commands: commands(50), requestText: 'POST /batch {"more":1}' });
    expect((await refusalOf(world, other)).code).toBe('idempotency_mismatch');
    expect(stored(world)).toHaveLength(1);
  });

  it('is told apart from a single broadcast with the same key', async () => {
    const world = aWorld();
    const single = { tenant: 'default', command: aCommand(), idempotencyKey: key, requestText: 'POST /b {}' };
    await createBroadcast(world, single);
    expect((await refusalOf(world, aBatch({ idempotencyKey: key }))).code).toBe('idempotency_mismatch');
    expect(stored(world)).toHaveLength(1);
  });

  it('may have a key as long as that of a single broadcast', async () => {
    const idempotencyKey = 'k'.repeat(requestLimits.idempotencyKeyCharactersMax);
    expect(await accept(aWorld(), aBatch({ idempotencyKey, commands: commands(100) }))).toMatchObject({
      replayed: false,
    });
  });

  it('finishes what its first request began, also what has expired since', async () => {
    const world = aWorld();
    const given = { expiresAtMs: world.clock.nowMs() + 1_000 };
    const batch = aBatch({ idempotencyKey: key, commands: commands(4, given) });
    await refusalOf(world, batch, timeFor(2));
    world.clock.advance(1_000);
    const { broadcasts, replayed } = await accept(world, batch);
    expect([broadcasts.length, replayed]).toEqual([4, true]);
    expect(stored(world)).toEqual(broadcasts.map(({ id }) => id));
  });

  it('after its first request died at any moment has each one once, and each is queued', async () => {
    const batch = aBatch({ idempotencyKey: key });
    // Claim; then put, send and mark of each.
    for (let call = 0; call < 10; call += 1) {
      for (const moment of ['before', 'after'] as const) {
        const world = aWorld();
        await accept(killedAt(world, call, moment), batch).catch(() => null);
        const { broadcasts } = await accept(world, batch);
        expect([...numbers(world)].sort(), `${moment} call ${String(call)}`).toEqual([0, 1, 2]);
        const queued = new Set(world.queue.waiting().map((message) => JSON.stringify(message)));
        expect(queued).toEqual(
          new Set(broadcasts.map(({ id }) => JSON.stringify({ kind: 'broadcast', broadcastId: id }))),
        );
      }
    }
  });
});

describe('a batch that could not be accepted as a whole', () => {
  it.each([
    [undefined, 'with an Idempotency-Key'],
    [key, 'same Idempotency-Key'],
  ])('since the time was up says which were, and what to do, with the key %s', async (idempotencyKey, remedy) => {
    const world = aWorld();
    const { code, detail } = await refusalOf(world, aBatch({ commands: commands(5), idempotencyKey }), timeFor(2));
    expect(code).toBe('unavailable');
    expect(detail.message).toBe('2 of 5 broadcasts were accepted, then the time was up');
    expect(detail.remedy).toContain(remedy);
    expect(detail.retryAfterSeconds).toBeGreaterThan(0);
    expect(detail.accepted).toEqual(stored(world).map((broadcastId, index) => ({ index, broadcastId })));
    expect(numbers(world)).toEqual([0, 1]);
  });

  it('since one failed names it by leaving it out, with the error for the log only', async () => {
    const world = aWorld();
    const planted = new Error('planted');
    let puts = 0;
    const isThird = (call: string): boolean => call === 'broadcasts.put' && (puts += 1) === 3;
    const failure = await refusalOf(failing(world, isThird, planted), aBatch({ commands: commands(5) }));
    expect(failure.cause).toBe(planted);
    expect(JSON.stringify(failure.detail)).not.toContain('planted');
    expect(failure.detail.accepted?.map(({ index }) => index)).toEqual([0, 1, 3, 4]);
    expect(failure.detail.accepted?.map(({ broadcastId }) => broadcastId)).toEqual(stored(world));
  });

  it('has nothing of it accepted when the claim fails', async () => {
    const world = aWorld();
    const broken = failing(world, (call) => call === 'idempotency.claim');
    await expect(accept(broken, aBatch({ idempotencyKey: key }))).rejects.toThrow('planted');
    expect(stored(world)).toEqual([]);
  });
});
