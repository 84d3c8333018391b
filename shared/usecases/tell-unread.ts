// Tells the clients that show a count, but do not count for themselves, how much is unread now.
import { runBounded } from '../domain/concurrency.ts';
import type { Subscriber } from '../domain/connection.ts';
import { isToldCounts } from '../domain/connection.ts';
import { unreadFrame } from '../domain/frames.ts';
import type { CursorKey, CursorStore } from '../ports.ts';
import { fanOutLimits } from '../protocol/limits.ts';
import type { CountUnreadPorts } from './count-unread.ts';
import { countUnread } from './count-unread.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { PostFramePorts } from './post-frame.ts';
import { postFrame } from './post-frame.ts';

export interface TellUnreadPorts extends PostFramePorts, CountUnreadPorts {
  readonly cursors: CursorStore;
}

/** A count that does not arrive is made good by the next one, so nothing that fails here is worth repeating a broadcast for. */
export async function tellUnread(
  ports: TellUnreadPorts,
  tenant: string,
  key: CursorKey,
  subscribers: readonly Subscriber[],
  goOn: GoOn,
): Promise<void> {
  const shown = subscribers.filter(({ dialect }) => isToldCounts(dialect));
  if (shown.length > 0) await tellCount(ports, tenant, key, shown, goOn).catch(() => undefined);
}

async function tellCount(
  ports: TellUnreadPorts,
  tenant: string,
  key: CursorKey,
  shown: readonly Subscriber[],
  goOn: GoOn,
): Promise<void> {
  const [cursor = null] = await ports.cursors.get(tenant, [key]);
  const head = await ports.logs.head(tenant, key.topic);
  // One of another epoch is brought to this one when its user connects, and is counted then.
  if (cursor?.epoch !== head.epoch) return;
  const frame = unreadFrame(await countUnread(ports, { cursor, head }), cursor, undefined);
  await runBounded(
    shown,
    fanOutLimits.postsAtOnce,
    async (subscriber) => postFrame(ports, subscriber, frame, goOn),
    goOn,
  );
}
