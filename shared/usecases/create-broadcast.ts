// Accepts a broadcast: stored first, then queued, then answered; a repeated request makes no second one.
import type { Broadcast, BroadcastCommand } from '../domain/broadcast.ts';
import { acceptBroadcast } from '../domain/broadcast.ts';
import type {
  BroadcastStore,
  Clock,
  Digest,
  FanOutQueue,
  IdempotencyClaim,
  IdempotencyStore,
  Ids,
  Telemetry,
} from '../ports.ts';
import { Failure } from '../protocol/failures.ts';
import { requestLimits, retention } from '../protocol/limits.ts';

export interface CreateBroadcastPorts {
  readonly broadcasts: BroadcastStore;
  readonly idempotency: IdempotencyStore;
  readonly queue: FanOutQueue;
  readonly digest: Digest;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface BroadcastRequest {
  readonly tenant: string;
  readonly command: BroadcastCommand;
  readonly idempotencyKey: string | undefined;
  /** The request's method, path and body as they came: the same key with another request is refused. */
  readonly requestText: string;
}

export interface Accepted {
  readonly broadcast: Broadcast;
  /** Whether an earlier request with the same key had made it. */
  readonly replayed: boolean;
}

export async function createBroadcast(ports: CreateBroadcastPorts, request: BroadcastRequest): Promise<Accepted> {
  const nowMs = ports.clock.nowMs();
  refuseExcess(request.command);
  const fresh = ports.ids.broadcastId(nowMs);
  if (request.idempotencyKey === undefined) {
    refuseExpiry(request.command, nowMs);
    const broadcast = acceptBroadcast(fresh, request.tenant, request.command, nowMs);
    await finish(ports, broadcast);
    return { broadcast, replayed: false };
  }
  const { won, claim } = await takeClaim(ports, request, request.idempotencyKey, fresh, nowMs);
  // As of the first request, whose answer a repetition gets also when the broadcast has expired since.
  refuseExpiry(request.command, claim.acceptedAtMs);
  const broadcast = acceptBroadcast(claim.broadcastId, request.tenant, request.command, claim.acceptedAtMs);
  // A repetition never answers "in progress": it waits a little for the first request, and when that one is slow or
  // died it does the same steps again, which are all safe to repeat.
  if (won || !(await isFinished(ports, claim.broadcastId))) await finish(ports, broadcast);
  return { broadcast, replayed: !won };
}

/** Written out again, JSON can be longer than it came (`1e20` gets 21 digits); what no frame can hold would block its logs. */
function refuseExcess({ data, metadata }: BroadcastCommand): void {
  const measured = new TextEncoder().encode(JSON.stringify({ data, metadata })).length;
  if (measured <= requestLimits.bodyBytesMax) return;
  throw new Failure('payload_too_large', {
    message: `the notification is ${String(measured)} bytes when written out, at most ${String(requestLimits.bodyBytesMax)} are allowed`,
    field: 'body',
    remedy: 'Send less, and very large numbers as text.',
  });
}

function refuseExpiry({ expiresAtMs }: BroadcastCommand, nowMs: number): void {
  if (expiresAtMs === undefined || (expiresAtMs > nowMs && expiresAtMs <= nowMs + retention.notificationMs)) return;
  const days = String(retention.notificationDays);
  throw new Failure('invalid_field', {
    message: expiresAtMs <= nowMs ? 'expiresAt is in the past' : `expiresAt is more than ${days} days away`,
    field: 'expiresAt',
    remedy: `Send a time within the next ${days} days, or leave it out for ${days} days.`,
  });
}

async function takeClaim(
  ports: CreateBroadcastPorts,
  request: BroadcastRequest,
  key: string,
  broadcastId: string,
  nowMs: number,
): Promise<{ readonly won: boolean; readonly claim: IdempotencyClaim }> {
  if (key.length > requestLimits.idempotencyKeyCharactersMax || !/^[\x21-\x7e]+$/.test(key)) {
    throw new Failure('invalid_field', {
      message: `the idempotency key has ${String(key.length)} characters; it must be 1 to ${String(requestLimits.idempotencyKeyCharactersMax)} visible ASCII characters`,
      field: 'header Idempotency-Key',
      remedy: 'Send a UUID.',
    });
  }
  const requestHash = ports.digest.sha256Hex(request.requestText);
  const expiresAtMs = nowMs + retention.idempotencyMs;
  const result = await ports.idempotency.claim(
    { tenant: request.tenant, key, requestHash, broadcastId, acceptedAtMs: nowMs, expiresAtMs },
    nowMs,
  );
  if (result.claim.requestHash !== requestHash) {
    throw new Failure('idempotency_mismatch', {
      message: 'this idempotency key was used with another request body',
      field: 'header Idempotency-Key',
      remedy: 'Use a new key for a new request; repeat a request with exactly the same body.',
    });
  }
  return result;
}

async function isFinished(ports: CreateBroadcastPorts, broadcastId: string): Promise<boolean> {
  const isMarked = async (): Promise<boolean> =>
    (await ports.broadcasts.get(broadcastId))?.dispatchedAtMs !== undefined;
  for (const waitMs of requestLimits.repetitionWaitsMs) {
    if (await isMarked()) return true;
    await ports.clock.wait(waitMs);
  }
  return isMarked();
}

/**
 * Stored is accepted: what the queue does not take now, the sweep of the outbox queues within minutes. Only an ephemeral
 * broadcast would be too late by then, so its sender is told.
 */
async function finish(ports: CreateBroadcastPorts, broadcast: Broadcast): Promise<void> {
  await ports.broadcasts.put(broadcast);
  try {
    await ports.queue.send([{ kind: 'broadcast', broadcastId: broadcast.id }]);
  } catch (error) {
    if (broadcast.durability === 'ephemeral') throw notQueued(error);
    ports.telemetry.error('broadcast_not_queued', { broadcastId: broadcast.id }, error);
    return;
  }
  // Without the mark a repetition, or the sweep, only does the same step again.
  await ports.broadcasts.markDispatched(broadcast.id, ports.clock.nowMs()).catch(() => undefined);
}

function notQueued(cause: unknown): Failure {
  return new Failure(
    'unavailable',
    {
      message: 'the broadcast could not be queued, and later would be too late for an ephemeral one',
      remedy: 'Send it again in a moment, with another Idempotency-Key.',
      retryAfterSeconds: 2,
    },
    cause,
  );
}
