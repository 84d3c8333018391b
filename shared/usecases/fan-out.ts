// Brings a stored broadcast to its audience: appends it to logs, posts to connections, and records what became of it.
import type { Broadcast, Page } from '../domain/broadcast.ts';
import { notificationOf, whyTooLate } from '../domain/broadcast.ts';
import { runBounded, throwUnlessDone } from '../domain/concurrency.ts';
import { firstPages } from '../domain/fan-out-plan.ts';
import { Failure } from '../protocol/failures.ts';
import { fanOutLimits } from '../protocol/limits.ts';
import type { FanOutMessage } from '../protocol/queue-messages.ts';
import type { FanOutPorts, GoOn } from './fan-out-ports.ts';
import type { ShardPage, WideBroadcast } from './fan-out-shard-page.ts';
import { postShardPage, readShardPage } from './fan-out-shard-page.ts';
import { fanOutUserPage } from './fan-out-user-page.ts';

/**
 * Works on one queue message. Messages may come twice and in any order: logs append a broadcast once, and recipients
 * whose receipt is settled are left alone. Throws when it must be tried again.
 */
export async function fanOut(ports: FanOutPorts, message: FanOutMessage, goOn: GoOn): Promise<void> {
  const broadcast = await ports.broadcasts.get(message.broadcastId);
  // It is stored before it is queued, and read consistently: waiting will not bring it.
  if (broadcast === null) {
    throw new Failure('not_found', {
      message: `broadcast ${message.broadcastId} is not stored`,
      remedy: 'Send the broadcast again.',
    });
  }
  switch (message.kind) {
    case 'broadcast':
      await start(ports, await place(ports, broadcast), goOn);
      return;
    case 'page':
      await workPage(ports, broadcast, message.page, goOn);
  }
}

/** A wide durable broadcast is stored once, in its topic's log, before anybody is told. */
async function place(ports: FanOutPorts, broadcast: Broadcast): Promise<Broadcast> {
  if (!isForTopic(broadcast) || broadcast.durability === 'ephemeral') return broadcast;
  if (broadcast.position !== undefined) return broadcast;
  const position = await ports.logs.append(broadcast.tenant, broadcast.audience.topic, notificationOf(broadcast));
  await ports.broadcasts.setPosition(broadcast.id, position);
  return { ...broadcast, position };
}

/** A small audience is told in this very call; a larger one becomes page messages that run beside each other. */
async function start(ports: FanOutPorts, broadcast: Broadcast, goOn: GoOn): Promise<void> {
  const pages = firstPages(broadcast);
  const shards = pages.filter((page) => page.kind === 'shard');
  const [firstUsers, ...moreUsers] = pages.filter((page) => page.kind === 'users');
  if (firstUsers !== undefined && moreUsers.length === 0) {
    await workPage(ports, broadcast, firstUsers, goOn);
    return;
  }
  if (isForTopic(broadcast)) {
    if (whyTooLate(broadcast, ports.clock.nowMs()) !== null) return;
    if (await tellFew(ports, broadcast, shards, goOn)) return;
  }
  await ports.queue.send(pages.map((page) => ({ kind: 'page', broadcastId: broadcast.id, page })));
}

async function tellFew(
  ports: FanOutPorts,
  broadcast: WideBroadcast,
  shards: readonly ShardPage[],
  goOn: GoOn,
): Promise<boolean> {
  const contents = await Promise.all(
    shards.map(async (page) => ({ page, content: await readShardPage(ports, broadcast, page) })),
  );
  const connections = contents.reduce((sum, { content }) => sum + content.subscribers.length, 0);
  const isAll = contents.every(({ content }) => content.next === null);
  if (!isAll || connections > fanOutLimits.connectionsPerPage) return false;
  const filled = contents.filter(({ content }) => content.subscribers.length > 0);
  const outcomes = await runBounded(filled, shards.length, async ({ page, content }) =>
    postShardPage(ports, broadcast, page, content, goOn),
  );
  throwUnlessDone(outcomes);
  return true;
}

async function workPage(ports: FanOutPorts, broadcast: Broadcast, page: Page, goOn: GoOn): Promise<void> {
  switch (page.kind) {
    case 'users':
      await fanOutUserPage(ports, broadcast, page, goOn);
      return;
    case 'shard':
      if (!isForTopic(broadcast)) throw new Error(`broadcast ${broadcast.id} has no shards`);
      if (whyTooLate(broadcast, ports.clock.nowMs()) !== null) return;
      await postShardPage(ports, broadcast, page, await readShardPage(ports, broadcast, page), goOn);
  }
}

function isForTopic(broadcast: Broadcast): broadcast is WideBroadcast {
  return broadcast.audience.kind === 'topic';
}
