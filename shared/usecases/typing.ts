// Who is typing in a room: told to the others there when it begins and ends, and over by itself when nothing more comes.
import { runBounded } from '../domain/concurrency.ts';
import type { KnownConnection } from '../domain/connection.ts';
import { isExpired } from '../domain/connection.ts';
import { notificationFrame } from '../domain/frames.ts';
import { typingEvent } from '../domain/presence.ts';
import { topicOfRoom } from '../domain/room.ts';
import { shardCount } from '../domain/topic.ts';
import type { DeadlineQueue, Ids, SubscriptionStore, TypingStore } from '../ports.ts';
import { fanOutLimits, presenceLimits, retention } from '../protocol/limits.ts';
import type { DeadlineMessage } from '../protocol/queue-messages.ts';
import type { Person } from './acknowledge.ts';
import type { GoOn } from './fan-out-ports.ts';
import { mustBeHeard } from './must-be-in.ts';
import type { PostFramePorts } from './post-frame.ts';
import { tellerOf } from './tell-subscriber.ts';

export interface TypingPorts extends PostFramePorts {
  readonly typing: TypingStore;
  readonly deadlines: DeadlineQueue;
  readonly subscriptions: SubscriptionStore;
  readonly ids: Ids;
}

export interface TypingRequest {
  readonly room: string;
  readonly active: boolean;
  /** When the frame came to the gateway: frames of one socket may overtake each other. */
  readonly atMs: number;
}

/** Only a change is told: a client that says every second that it is typing costs the others nothing. */
export async function changeTyping(
  ports: TypingPorts & { readonly teams: readonly string[] },
  connection: KnownConnection,
  { room, active, atMs }: TypingRequest,
  goOn: GoOn,
): Promise<void> {
  mustBeHeard(ports.teams, connection, room);
  const { tenant, user } = connection;
  if (!active) {
    const stopped = await ports.typing.stop(tenant, room, user, atMs);
    if (stopped === 'stopped') await tellRoom(ports, connection, room, false, goOn);
    return;
  }
  const started = await ports.typing.start(tenant, room, user, atMs);
  // One for each frame, and none that comes again: whoever types on and off gathers no more than was sent.
  await ports.deadlines.schedule({ kind: 'typing', tenant, user, room, atMs }, presenceLimits.typingMs);
  if (started === 'goes_on') return;
  await tellRoom(ports, connection, room, true, goOn);
  // Whoever ended it meanwhile may have told the others before they heard of the beginning.
  if ((await ports.typing.lastMs(tenant, room, user)) === null) await tellRoom(ports, connection, room, false, goOn);
}

/** Nothing more came, and it is over; or something did, which is looked at by a message of its own. */
export async function endTyping(
  ports: TypingPorts,
  { tenant, user, room, atMs }: Extract<DeadlineMessage, { readonly kind: 'typing' }>,
  goOn: GoOn,
): Promise<void> {
  const stopped = await ports.typing.stop(tenant, room, user, atMs);
  if (stopped === 'stopped') await tellRoom(ports, { tenant, user }, room, false, goOn);
}

/** Straight to the connections in the room, and no second time: by then it would not be true any more. */
async function tellRoom(
  ports: TypingPorts,
  { tenant, user }: Person,
  room: string,
  active: boolean,
  goOn: GoOn,
): Promise<void> {
  const nowMs = ports.clock.nowMs();
  const notification = {
    id: ports.ids.broadcastId(nowMs),
    event: typingEvent,
    data: { userId: user, room, active },
    createdAtMs: nowMs,
    expiresAtMs: nowMs + retention.ephemeralMs,
  };
  const tell = tellerOf(ports, notificationFrame(notification, null), typingEvent);
  const topic = topicOfRoom(room);
  const isFresh: GoOn = () => goOn() && ports.clock.nowMs() < notification.expiresAtMs;
  for (let shard = 0; shard < shardCount(topic); shard += 1) {
    let after: string | null = null;
    do {
      const range = { after, through: null };
      const page = await ports.subscriptions.page(tenant, topic, shard, range, fanOutLimits.connectionsPerPage);
      const others = page.subscribers.filter((other) => other.user !== user && !isExpired(other, nowMs));
      await runBounded(others, fanOutLimits.postsAtOnce, async (other) => tell(other, isFresh), isFresh);
      after = page.next;
    } while (after !== null && isFresh());
  }
}
