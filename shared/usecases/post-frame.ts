// Posts one frame to one connection: tries again what may succeed, and forgets a connection that is gone.
import { postBackoffMs } from '../domain/backoff.ts';
import type { Subscriber } from '../domain/connection.ts';
import type { PostResult } from '../domain/fan-out-plan.ts';
import { goneMeansClosed } from '../domain/fan-out-plan.ts';
import type { Clock, ConnectionGateway, ConnectionStore } from '../ports.ts';
import { fanOutLimits } from '../protocol/limits.ts';

export interface PostFramePorts {
  readonly gateway: ConnectionGateway;
  readonly connections: ConnectionStore;
  readonly clock: Clock;
}

/** Near the deadline, when `goOn` says no, nothing is tried again: a post and its waits may take longer than what is left. */
export async function postFrame(
  ports: PostFramePorts,
  subscriber: Subscriber,
  frame: string,
  goOn: () => boolean,
): Promise<PostResult> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await ports.gateway.post(subscriber.connectionId, frame);
    switch (outcome) {
      case 'posted':
      case 'too_large':
        return outcome;
      case 'gone': {
        const nowMs = ports.clock.nowMs();
        if (goneMeansClosed(subscriber, nowMs)) await forget(ports, subscriber.connectionId, nowMs);
        return 'gone';
      }
      case 'throttled':
      case 'unavailable':
        if (attempt >= fanOutLimits.postAttemptsMax || !goOn()) return 'slow';
        await ports.clock.wait(postBackoffMs(attempt));
    }
  }
}

/** A dead connection harms nobody: if it cannot be removed now, the next post to it tries again. */
async function forget(ports: PostFramePorts, connectionId: string, nowMs: number): Promise<void> {
  await ports.connections.close(connectionId, nowMs).catch(() => undefined);
}
