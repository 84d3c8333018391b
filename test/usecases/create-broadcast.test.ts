// Accepting a broadcast: stored, then queued, then answered; and which idempotency keys are taken.
import { describe, expect, it } from 'vitest';
import { notificationOf } from '../../shared/domain/broadcast.ts';
import { notificationFrame } from '../../shared/domain/frames.ts';
import { userTopic } from '../../shared/domain/topic.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { gatewayLimits, outboxLimits, requestLimits, retention } from '../../shared/protocol/limits.ts';
import type { BroadcastRequest } from '../../shared/usecases/create-broadcast.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { sweepOutbox } from '../../shared/usecases/sweep-outbox.ts';
import { aCommand } from '../builders/broadcast.ts';
import { failing, watched } from './calls.ts';
import type { World } from './world.ts';
import { aWorld } from './world.ts';

function aRequest(given: Partial<BroadcastRequest> = {}): BroadcastRequest {
  return { tenant: 'default', command: aCommand(), idempotencyKey: undefined, requestText: 'POST /b {}', ...given };
}

async function refusalOf(world: World, request: BroadcastRequest): Promise<Failure> {
  const refusal: unknown = await createBroadcast(world, request).catch((error: unknown) => error);
  if (refusal instanceof Failure) return refusal;
  throw new Error('it was not refused');
}

describe('a broadcast', () => {
  it('is stored, then queued, then marked, and only then answered', async () => {
    const world = aWorld();
    const { ports, calls } = watched(world);
    const { broadcast, replayed } = await createBroadcast(ports, aRequest());
    expect(calls).toEqual(['broadcasts.put', 'queue.send', 'broadcasts.markDispatched']);
    expect(replayed).toBe(false);
    expect(world.queue.waiting()).toEqual([{ kind: 'broadcast', broadcastId: broadcast.id }]);
    expect(world.broadcasts.all()).toEqual([{ ...broadcast, dispatchedAtMs: world.clock.nowMs() }]);
  });

  it('with a key takes the claim before anything is stored', async () => {
    const { ports, calls } = watched(aWorld());
    await createBroadcast(ports, aRequest({ idempotencyKey: 'order-7' }));
    expect(calls[0]).toBe('idempotency.claim');
    expect(calls.slice(1)).toEqual(['broadcasts.put', 'queue.send', 'broadcasts.markDispatched']);
  });

  it('keeps what was asked for, whose it is, and until when it lives', async () => {
    const world = aWorld();
    const command = aCommand({ metadata: { source: 'crm' }, durability: 'ephemeral' });
    const { broadcast } = await createBroadcast(world, aRequest({ tenant: 'hotel-1', command }));
    const acceptedAtMs = world.clock.nowMs();
    const expiresAtMs = acceptedAtMs + retention.notificationMs;
    expect(broadcast).toEqual({ ...command, id: broadcast.id, tenant: 'hotel-1', acceptedAtMs, expiresAtMs });
  });

  it('loses the fields that the operator has listed, before anything is stored', async () => {
    const world = { ...aWorld(), sensitiveFields: ['ssn'] };
    const command = aCommand({ data: { guest: { SSN: 'secret', name: 'Ann' } }, metadata: { ssn: 'secret' } });
    for (const idempotencyKey of [undefined, 'order-7']) {
      const { broadcast } = await createBroadcast(world, aRequest({ command, idempotencyKey }));
      expect(broadcast).toMatchObject({ data: { guest: { name: 'Ann' } }, metadata: {} });
    }
    expect(JSON.stringify(world.broadcasts.all())).not.toContain('secret');
  });

  it('is measured without those fields', async () => {
    const world = { ...aWorld(), sensitiveFields: ['scan'] };
    const command = aCommand({ data: { scan: 'x'.repeat(requestLimits.notificationBytesMax) } });
    expect((await createBroadcast(world, aRequest({ command }))).broadcast.data).toEqual({});
  });

  it('without a key is another one each time', async () => {
    const world = aWorld();
    const [first, second] = [await createBroadcast(world, aRequest()), await createBroadcast(world, aRequest())];
    expect(second.broadcast.id).not.toBe(first.broadcast.id);
    expect(world.queue.waiting()).toHaveLength(2);
  });
});

describe('what could never be sent', () => {
  const { notificationBytesMax } = requestLimits;
  const envelope = JSON.stringify({ data: { text: '' } }).length;

  it.each([
    ['numbers that are longer written out than they came', { numbers: Array.from({ length: 8_000 }, () => 1e20) }],
    ['one byte too many', { text: 'x'.repeat(notificationBytesMax - envelope + 1) }],
    ['letters that take more than one byte', { text: 'ü'.repeat(notificationBytesMax / 2) }],
  ])('is refused before anything is stored, key or no key: %s', async (_, data) => {
    for (const idempotencyKey of [undefined, 'order-7']) {
      const { ports, calls } = watched(aWorld());
      const refusal = await refusalOf(ports, aRequest({ command: aCommand({ data }), idempotencyKey }));
      expect(refusal.code).toBe('payload_too_large');
      expect(calls).toEqual([]);
    }
  });

  it('is not what is just as long as allowed', async () => {
    const data = { text: 'x'.repeat(notificationBytesMax - envelope) };
    const { broadcast } = await createBroadcast(aWorld(), aRequest({ command: aCommand({ data }) }));
    const place = { topic: userTopic('u'.repeat(128)), epoch: 'e'.repeat(36), seq: Number.MAX_SAFE_INTEGER };
    const frame = JSON.stringify(notificationFrame(notificationOf(broadcast), place));
    expect(Buffer.byteLength(frame)).toBeLessThan(gatewayLimits.messageBytesMax);
  });
});

describe('an expiry', () => {
  const { notificationMs } = retention;

  it.each([1, notificationMs])('of the future is kept: in %i ms', async (ms) => {
    const world = aWorld();
    const expiresAtMs = world.clock.nowMs() + ms;
    const { broadcast } = await createBroadcast(world, aRequest({ command: aCommand({ expiresAtMs }) }));
    expect(broadcast).toMatchObject({ expiresAtMs, acceptedAtMs: world.clock.nowMs() });
  });

  it.each([
    [0, 'in the past'],
    [-1, 'in the past'],
    [notificationMs + 1, 'more than 30 days away'],
  ])('in %i ms is refused, and nothing is stored or queued: %s', async (ms, why) => {
    const { ports, calls } = watched(aWorld());
    const command = aCommand({ expiresAtMs: ports.clock.nowMs() + ms });
    const { code, detail } = await refusalOf(ports, aRequest({ command, idempotencyKey: 'order-7' }));
    expect([code, detail.field]).toEqual(['invalid_field', 'expiresAt']);
    expect(detail.message).toContain(why);
    expect(calls.filter((call) => call !== 'idempotency.claim')).toEqual([]);
  });

  it('that has passed since the first request does not change the answer to its repetition', async () => {
    const world = aWorld();
    const command = aCommand({ expiresAtMs: world.clock.nowMs() + 1_000 });
    const request = aRequest({ command, idempotencyKey: 'order-7' });
    const first = await createBroadcast(world, request);
    world.clock.advance(1_000);
    expect(await createBroadcast(world, request)).toEqual({ broadcast: first.broadcast, replayed: true });
  });
});

describe('when a port fails', () => {
  it('a queue that refuses delays a durable broadcast: it is accepted, and the next sweep queues it', async () => {
    const world = aWorld();
    world.queue.refuse(true);
    const { broadcast } = await createBroadcast(world, aRequest());
    expect(world.broadcasts.all()).toEqual([broadcast]);
    expect(broadcast).not.toHaveProperty('dispatchedAtMs');
    expect(world.telemetry.lines).toMatchObject([
      { level: 'error', event: 'broadcast_not_queued', fields: { broadcastId: broadcast.id } },
    ]);
    world.queue.refuse(false);
    world.clock.advance(outboxLimits.afterMs + 1);
    expect(await sweepOutbox(world)).toBe(1);
    expect(world.queue.waiting()).toEqual([{ kind: 'broadcast', broadcastId: broadcast.id }]);
  });

  it('a queue that refuses an ephemeral one means unavailable, with a time after which to try again', async () => {
    const world = aWorld();
    world.queue.refuse(true);
    const { code, detail } = await refusalOf(world, aRequest({ command: aCommand({ durability: 'ephemeral' }) }));
    expect(code).toBe('unavailable');
    expect(detail.retryAfterSeconds).toBeGreaterThan(0);
    expect(world.broadcasts.all()).not.toContainEqual(
      expect.objectContaining({ dispatchedAtMs: expect.anything() as number }),
    );
  });

  it('a refused request succeeds when it is repeated with its key, as the same broadcast', async () => {
    const world = aWorld();
    const request = aRequest({ idempotencyKey: 'order-7', command: aCommand({ durability: 'ephemeral' }) });
    world.queue.refuse(true);
    await refusalOf(world, request);
    world.queue.refuse(false);
    const { broadcast } = await createBroadcast(world, request);
    expect(world.broadcasts.all().map(({ id }) => id)).toEqual([broadcast.id]);
    expect(world.queue.waiting()).toEqual([{ kind: 'broadcast', broadcastId: broadcast.id }]);
  });

  it('a store that fails is no acceptance, and nothing is queued', async () => {
    const world = aWorld();
    const broken = failing(world, (call) => call === 'broadcasts.put');
    await expect(createBroadcast(broken, aRequest())).rejects.toThrow('planted');
    expect(world.queue.waiting()).toEqual([]);
  });

  it('a mark that fails is no error: it is stored and queued', async () => {
    const world = aWorld();
    const broken = failing(world, (call) => call === 'broadcasts.markDispatched');
    const { broadcast } = await createBroadcast(broken, aRequest());
    expect(await world.broadcasts.get(broadcast.id)).toEqual(broadcast);
    expect(world.queue.waiting()).toHaveLength(1);
  });
});

describe('an idempotency key', () => {
  it.each([
    ['empty', ''],
    ['too long', 'k'.repeat(256)],
    ['with a space', 'order 7'],
    ['with a line feed', 'order-7\n'],
    ['with a letter beyond ASCII', 'bestellung-ü'],
  ])('that is %s is refused and stores nothing', async (_, idempotencyKey) => {
    const world = aWorld();
    const { code, detail } = await refusalOf(world, aRequest({ idempotencyKey }));
    expect([code, detail.field]).toEqual(['invalid_field', 'header Idempotency-Key']);
    expect(world.broadcasts.all()).toEqual([]);
  });

  it.each(['!', '~', 'k'.repeat(255)])('of allowed length and characters is taken: %s', async (idempotencyKey) => {
    expect(await createBroadcast(aWorld(), aRequest({ idempotencyKey }))).toMatchObject({ replayed: false });
  });

  it('with the same request answers the same broadcast and queues nothing more', async () => {
    const world = aWorld();
    const request = aRequest({ idempotencyKey: 'order-7' });
    const first = await createBroadcast(world, request);
    world.clock.advance(60_000);
    expect(await createBroadcast(world, request)).toEqual({ broadcast: first.broadcast, replayed: true });
    expect(world.queue.waiting()).toHaveLength(1);
    expect(world.clock.waits).toEqual([]);
  });

  it('with another request is refused, and the first one stays as it is', async () => {
    const world = aWorld();
    const { broadcast } = await createBroadcast(world, aRequest({ idempotencyKey: 'order-7' }));
    const other = aRequest({
      idempotencyKey: 'order-7',
      requestText: 'POST /b {"x":1}',
      command: aCommand({ data: {} }),
    });
    expect((await refusalOf(world, other)).code).toBe('idempotency_mismatch');
    expect(world.broadcasts.all().map(({ id, data }) => ({ id, data }))).toEqual([
      { id: broadcast.id, data: broadcast.data },
    ]);
    expect(world.queue.waiting()).toHaveLength(1);
  });

  it('is one for each tenant', async () => {
    const world = aWorld();
    const here = await createBroadcast(world, aRequest({ idempotencyKey: 'order-7' }));
    const there = aRequest({ idempotencyKey: 'order-7', tenant: 'other', requestText: 'POST /b {"x":1}' });
    expect(await createBroadcast(world, there)).toMatchObject({ replayed: false });
    expect(world.broadcasts.all()).toHaveLength(2);
    expect((await createBroadcast(world, there)).broadcast.id).not.toBe(here.broadcast.id);
  });

  it('is free again after 24 hours, and not a moment before', async () => {
    const world = aWorld();
    const request = aRequest({ idempotencyKey: 'order-7' });
    const first = await createBroadcast(world, request);
    world.clock.advance(24 * 60 * 60_000 - 1);
    expect((await createBroadcast(world, request)).broadcast.id).toBe(first.broadcast.id);
    world.clock.advance(1);
    const later = await createBroadcast(world, { ...request, requestText: 'POST /b {"x":1}' });
    expect(later).toMatchObject({ replayed: false, broadcast: { acceptedAtMs: world.clock.nowMs() } });
    expect(later.broadcast.id).not.toBe(first.broadcast.id);
  });
});
