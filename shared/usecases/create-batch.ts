// Accepts several broadcasts in one request: all are checked before any is accepted, and one key stands for all of them.
import { idInBatch, inPlace } from '../domain/batch.ts';
import type { Broadcast, BroadcastCommand } from '../domain/broadcast.ts';
import { acceptBroadcast } from '../domain/broadcast.ts';
import type { Outcome } from '../domain/concurrency.ts';
import { runBounded } from '../domain/concurrency.ts';
import { Failure } from '../protocol/failures.ts';
import { batchLimits } from '../protocol/limits.ts';
import type { BroadcastRequest, CreateBroadcastPorts } from './create-broadcast.ts';
import { finishOnce, refuseExpiry, storable, takeClaim } from './create-broadcast.ts';

export interface BatchRequest extends Omit<BroadcastRequest, 'command'> {
  readonly commands: readonly BroadcastCommand[];
}

export interface AcceptedBatch {
  /** In the order of the commands. */
  readonly broadcasts: readonly Broadcast[];
  /** Whether an earlier request with the same key had begun it. */
  readonly replayed: boolean;
}

/**
 * Throws `unavailable` with what was accepted when not everything could be: repeated with the same key, the rest is
 * accepted, and nothing twice.
 */
export async function createBatch(
  ports: CreateBroadcastPorts,
  request: BatchRequest,
  goOn: () => boolean,
): Promise<AcceptedBatch> {
  const commands = request.commands.map((command, index) =>
    inPlace(index, () => storable(command, ports.sensitiveFields)),
  );
  const { won, acceptedAtMs, idAt } = await begin(ports, request);
  const broadcasts = commands.map((command, index) => {
    inPlace(index, () => {
      refuseExpiry(command, acceptedAtMs);
    });
    return acceptBroadcast(idAt(index), request.tenant, command, acceptedAtMs);
  });
  const outcomes = await runBounded(
    broadcasts,
    batchLimits.acceptedAtOnce,
    async (broadcast) => finishOnce(ports, broadcast, won),
    goOn,
  );
  refuseIncomplete(broadcasts, outcomes, request.idempotencyKey !== undefined);
  return { broadcasts, replayed: !won };
}

interface Beginning {
  readonly won: boolean;
  /** As of the first request with the key, so that a repetition is judged, and finished, like that one. */
  readonly acceptedAtMs: number;
  readonly idAt: (index: number) => string;
}

async function begin(ports: CreateBroadcastPorts, request: BatchRequest): Promise<Beginning> {
  const nowMs = ports.clock.nowMs();
  const { idempotencyKey } = request;
  if (idempotencyKey === undefined) {
    return { won: true, acceptedAtMs: nowMs, idAt: () => ports.ids.broadcastId(nowMs) };
  }
  const { won, claim } = await takeClaim(ports, request, idempotencyKey, ports.ids.broadcastId(nowMs), nowMs);
  return {
    won,
    acceptedAtMs: claim.acceptedAtMs,
    idAt: (index) => idInBatch(claim.broadcastId, index, (text) => ports.digest.sha256Hex(text)),
  };
}

function refuseIncomplete(broadcasts: readonly Broadcast[], outcomes: readonly Outcome<void>[], hasKey: boolean): void {
  const accepted = broadcasts.flatMap(({ id }, index) =>
    outcomes[index]?.outcome === 'done' ? [{ index, broadcastId: id }] : [],
  );
  if (accepted.length === broadcasts.length) return;
  const failed = outcomes.find((outcome) => outcome.outcome === 'threw');
  const why = failed === undefined ? 'the time was up' : 'something failed on our side';
  throw new Failure(
    'unavailable',
    {
      message: `${String(accepted.length)} of ${String(broadcasts.length)} broadcasts were accepted, then ${why}`,
      field: 'broadcasts',
      remedy: hasKey
        ? 'Repeat the request with the same Idempotency-Key: the rest is accepted, and nothing twice.'
        : 'Send those again that are not in accepted; with an Idempotency-Key, repeat the whole request.',
      retryAfterSeconds: batchLimits.retryAfterSeconds,
      accepted,
    },
    failed?.error,
  );
}
