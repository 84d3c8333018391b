// Posts to one connection, in its dialect: tries again what may succeed, and forgets a connection that is gone.
import { postBackoffMs } from '../domain/backoff.ts';
import type { Subscriber } from '../domain/connection.ts';
import type { PostResult } from '../domain/fan-out-plan.ts';
import { goneMeansClosed } from '../domain/fan-out-plan.ts';
import type { Clock, ConnectionGateway, ConnectionStore, SocketDialects } from '../ports.ts';
import { fanOutLimits } from '../protocol/limits.ts';
import type { ServerFrame } from '../protocol/server-frames.ts';

export interface PostFramePorts {
  readonly gateway: ConnectionGateway;
  readonly connections: ConnectionStore;
  readonly clock: Clock;
  readonly dialects: SocketDialects;
}

/** What is needed of a connection to post to it. */
export type Addressee = Pick<Subscriber, 'connectionId' | 'connectedAtMs' | 'dialect'>;

/** Near the deadline, when `goOn` says no, nothing is tried again: a post and its waits may take longer than what is left. */
export async function postFrame(
  ports: PostFramePorts,
  addressee: Addressee,
  frame: ServerFrame,
  goOn: () => boolean,
): Promise<PostResult> {
  return postTexts(ports, addressee, ports.dialects.write(addressee.dialect, frame), goOn);
}

/** As `postFrame`, for texts that are written already. What a dialect has no word for is posted without a post. */
export async function postTexts(
  ports: PostFramePorts,
  addressee: Addressee,
  texts: readonly string[],
  goOn: () => boolean,
): Promise<PostResult> {
  for (const text of texts) {
    const result = await postText(ports, addressee, text, goOn);
    if (result !== 'posted') return result;
  }
  return 'posted';
}

async function postText(
  ports: PostFramePorts,
  addressee: Addressee,
  text: string,
  goOn: () => boolean,
): Promise<PostResult> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await ports.gateway.post(addressee.connectionId, text);
    switch (outcome) {
      case 'posted':
      case 'too_large':
        return outcome;
      case 'gone': {
        const nowMs = ports.clock.nowMs();
        if (goneMeansClosed(addressee, nowMs)) await forget(ports, addressee.connectionId, nowMs);
        return 'gone';
      }
      case 'throttled':
      case 'unavailable':
        if (attempt >= fanOutLimits.postAttemptsMax || !goOn()) return 'slow';
        await ports.clock.wait(postBackoffMs(attempt));
        // The frame may have expired during the wait.
        if (!goOn()) return 'slow';
    }
  }
}

/** A dead connection harms nobody: if it cannot be removed now, the next post to it tries again. */
async function forget(ports: PostFramePorts, connectionId: string, nowMs: number): Promise<void> {
  await ports.connections.close(connectionId, nowMs).catch(() => undefined);
}
