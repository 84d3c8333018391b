// Finds broadcasts that were stored but never queued, because a function died in between, and queues them.
import { runBounded, throwUnlessDone } from '../domain/concurrency.ts';
import type { BroadcastStore, Clock, FanOutQueue } from '../ports.ts';
import { fanOutLimits, outboxLimits } from '../protocol/limits.ts';

export interface SweepOutboxPorts {
  readonly broadcasts: BroadcastStore;
  readonly queue: FanOutQueue;
  readonly clock: Clock;
}

/**
 * Returns how many it queued. What two runs queue both is fanned out once, for fan-out is idempotent. One that fails
 * does not hold up the others; the next run finds it again.
 */
export async function sweepOutbox(ports: SweepOutboxPorts): Promise<number> {
  const ids = await ports.broadcasts.undispatched(ports.clock.nowMs() - outboxLimits.afterMs);
  const outcomes = await runBounded(ids, fanOutLimits.appendsAtOnce, async (id) => dispatch(ports, id));
  throwUnlessDone(outcomes);
  return outcomes.filter((outcome) => outcome.outcome === 'done' && outcome.result).length;
}

/** The outbox is read from an index, which may still name what has left it. */
async function dispatch(ports: SweepOutboxPorts, id: string): Promise<boolean> {
  const broadcast = await ports.broadcasts.get(id);
  if (broadcast?.dispatchedAtMs !== undefined || broadcast === null) return false;
  await ports.queue.send([{ kind: 'broadcast', broadcastId: id }]);
  await ports.broadcasts.markDispatched(id, ports.clock.nowMs());
  return true;
}
