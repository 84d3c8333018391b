// Accepts a broadcast: stored first, then queued, then answered; a repeated request makes no second one.
import type { Broadcast, BroadcastCommand } from '../domain/broadcast.ts';
import { acceptBroadcast } from '../domain/broadcast.ts';
import { withoutFields } from '../domain/sensitive.ts';
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

/** What it takes to accept a broadcast that the system itself makes, or a client over its socket. */
export interface AcceptPorts {
  readonly broadcasts: BroadcastStore;
  readonly queue: FanOutQueue;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Names of fields that are dropped before anything is stored. */
  readonly sensitiveFields: readonly string[];
}

export interface CreateBroadcastPorts extends AcceptPorts {
  readonly idempotency: IdempotencyStore;
  readonly digest: Digest;
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
  const { tenant, idempotencyKey } = request;
  if (idempotencyKey === undefined) {
    return { broadcast: await accept(ports, tenant, request.command), replayed: false };
  }
  const nowMs = ports.clock.nowMs();
  const command = storable(request.command, ports.sensitiveFields);
  const { won, claim } = await takeClaim(ports, request, idempotencyKey, ports.ids.broadcastId(nowMs), nowMs);
  // As of the first request, whose answer a repetition gets also when the broadcast has expired since.
  refuseExpiry(command, claim.acceptedAtMs);
  const broadcast = acceptBroadcast(claim.broadcastId, tenant, command, claim.acceptedAtMs);
  await finishOnce(ports, broadcast, won);
  return { broadcast, replayed: !won };
}

/** Accepts a broadcast that is made once: each call makes another one. */
export async function accept(ports: AcceptPorts, tenant: string, command: BroadcastCommand): Promise<Broadcast> {
  const nowMs = ports.clock.nowMs();
  const kept = storable(command, ports.sensitiveFields);
  refuseExpiry(kept, nowMs);
  const broadcast = acceptBroadcast(ports.ids.broadcastId(nowMs), tenant, kept, nowMs);
  await finish(ports, broadcast);
  return broadcast;
}

/** The command as it may be kept: without sensitive fields, and not too large. Throws `payload_too_large`. */
export function storable(command: BroadcastCommand, sensitiveFields: readonly string[]): BroadcastCommand {
  const { data, metadata } = command;
  const kept = {
    ...command,
    data: withoutFields(data, sensitiveFields),
    ...(metadata === undefined ? {} : { metadata: withoutFields(metadata, sensitiveFields) }),
  };
  refuseExcess(kept);
  return kept;
}

/** Written out again, JSON can be longer than it came (`1e20` gets 21 digits); what no frame can hold would block its logs. */
function refuseExcess({ data, metadata }: BroadcastCommand): void {
  const measured = new TextEncoder().encode(JSON.stringify({ data, metadata })).length;
  if (measured <= requestLimits.notificationBytesMax) return;
  throw new Failure('payload_too_large', {
    message: `the notification is ${String(measured)} bytes when written out, at most ${String(requestLimits.notificationBytesMax)} are allowed`,
    field: 'body',
    remedy: 'Send less, and very large numbers as text.',
  });
}

/** Throws `invalid_field` for an expiry that is over, or too far away. */
export function refuseExpiry({ expiresAtMs }: BroadcastCommand, nowMs: number): void {
  if (expiresAtMs === undefined || (expiresAtMs > nowMs && expiresAtMs <= nowMs + retention.notificationMs)) return;
  const days = String(retention.notificationDays);
  throw new Failure('invalid_field', {
    message: expiresAtMs <= nowMs ? 'expiresAt is in the past' : `expiresAt is more than ${days} days away`,
    field: 'expiresAt',
    remedy: `Send a time within the next ${days} days, or leave it out for ${days} days.`,
  });
}

/** The claim that stands for the key: this request's, or that of the same request before. Throws for another request. */
export async function takeClaim(
  ports: CreateBroadcastPorts,
  request: Pick<BroadcastRequest, 'tenant' | 'requestText'>,
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

/**
 * A repetition never answers "in progress": it waits a little for the first request, and when that one is slow or died
 * it does the same steps again, which are all safe to repeat.
 */
export async function finishOnce(ports: AcceptPorts, broadcast: Broadcast, won: boolean): Promise<void> {
  if (won || !(await isFinished(ports, broadcast.id))) await finish(ports, broadcast);
}

async function isFinished(ports: AcceptPorts, broadcastId: string): Promise<boolean> {
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
async function finish(ports: AcceptPorts, broadcast: Broadcast): Promise<void> {
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
