// Bellhop's own broadcast API as a translation to one command and back: any event, to any audience.
import type { Audience, Broadcast, BroadcastCommand } from '../domain/broadcast.ts';
import { audienceOfRoom, audienceSize } from '../domain/broadcast.ts';
import type { DeliveriesReport } from '../domain/report.ts';
import { isoTime, isoTimes, parseTime } from '../domain/time.ts';
import { everyone } from '../domain/topic.ts';
import { Failure } from '../protocol/failures.ts';
import type { PublishBody } from '../protocol/http-bodies.ts';

export function toPublishCommand(body: PublishBody): BroadcastCommand {
  return {
    event: body.event,
    data: body.data,
    ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
    audience: toAudience(body.audience),
    durability: body.durability ?? 'durable',
    ...(body.expiresAt === undefined ? {} : { expiresAtMs: parseTime(body.expiresAt, 'expiresAt') }),
    ...(body.except === undefined ? {} : { except: [...new Set(body.except)] }),
  };
}

/** Exactly one kind of audience: which of two counts must not depend on who reads first. */
function toAudience({ users, role, room, everyone: all }: PublishBody['audience']): Audience {
  const named: readonly Audience[] = [
    ...(users === undefined ? [] : [{ kind: 'users', users: [...new Set(users)] } as const]),
    ...(room === undefined ? [] : [audienceOfRoom(room)]),
    ...(role === undefined ? [] : [{ kind: 'topic', topic: `role:${role}` } as const]),
    ...(all === undefined ? [] : [{ kind: 'topic', topic: everyone } as const]),
  ];
  const [audience] = named;
  if (audience !== undefined && named.length === 1) return audience;
  throw new Failure(audience === undefined ? 'missing_field' : 'invalid_field', {
    message: audience === undefined ? 'audience names nobody' : 'audience names more than one kind of recipients',
    field: 'audience',
    remedy: 'Send exactly one of users, role, room, or everyone: true.',
  });
}

export function publishedAnswer(broadcast: Broadcast): object {
  return {
    success: true,
    broadcastId: broadcast.id,
    state: 'accepted',
    event: broadcast.event,
    audience: audienceAnswer(broadcast.audience),
    acceptedAt: isoTime(broadcast.acceptedAtMs),
    expiresAt: isoTime(broadcast.expiresAtMs),
    links: { deliveries: `/api/broadcasts/${broadcast.id}/deliveries` },
  };
}

export function deliveriesAnswer({ broadcast, deliveries, next }: DeliveriesReport): object {
  return {
    broadcastId: broadcast.id,
    event: broadcast.event,
    durability: broadcast.durability,
    acceptedAt: isoTime(broadcast.acceptedAtMs),
    expiresAt: isoTime(broadcast.expiresAtMs),
    audience: audienceAnswer(broadcast.audience),
    deliveries: deliveries.map(({ times, ...delivery }) => ({ ...delivery, times: isoTimes(times) })),
    next,
  };
}

function audienceAnswer(audience: Audience): object {
  return audience.kind === 'users' ? { users: audienceSize(audience) } : { topic: audience.topic };
}
