// The contractor CRM's API (briefs: WebSocket Notification Integration) as a pure translation to one command and back.
import type { Audience, Broadcast, BroadcastCommand } from '../domain/broadcast.ts';
import { audienceSize } from '../domain/broadcast.ts';
import type { BroadcastReport, ServiceStatus } from '../domain/report.ts';
import { isoTime, isoTimes, parseTime } from '../domain/time.ts';
import { everyone } from '../domain/topic.ts';
import { Failure } from '../protocol/failures.ts';
import type { ContractorBroadcastBody, ContractorTestBody } from '../protocol/http-bodies.ts';

/** Both payload fields keep the names that the CRM gave them, so that nothing it sent is dropped or renamed. */
export function toBroadcastCommand(body: ContractorBroadcastBody): BroadcastCommand {
  const required = body.eventType === 'notification:system' ? 'notification' : 'taskData';
  if (body[required] === undefined) {
    throw new Failure('missing_field', {
      message: `${required} is missing: ${body.eventType} needs it`,
      field: required,
      remedy: `Send ${required} as an object.`,
    });
  }
  return {
    event: body.eventType,
    data: {
      ...(body.taskData === undefined ? {} : { taskData: body.taskData }),
      ...(body.notification === undefined ? {} : { notification: body.notification }),
    },
    ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
    audience: toAudience(body),
    durability: 'durable',
    ...(body.expiresAt === undefined ? {} : { expiresAtMs: parseTime(body.expiresAt, 'expiresAt') }),
  };
}

/** A test reaches who is connected now, leaves nothing behind, and is not shown to who connects later. */
export function toTestCommand(body: ContractorTestBody): BroadcastCommand {
  return {
    event: 'notification:test',
    data: { message: body.message ?? 'Bellhop test notification' },
    audience: toAudience(body),
    durability: 'ephemeral',
  };
}

/** Named contractors, each once, in the order in which they were named; nobody named means everybody. */
function toAudience(body: Pick<ContractorBroadcastBody, 'contractorIds' | 'targetContractor'>): Audience {
  const named = [
    ...(body.contractorIds ?? []),
    ...(body.targetContractor === undefined ? [] : [body.targetContractor]),
  ];
  return named.length === 0 ? { kind: 'topic', topic: everyone } : { kind: 'users', users: [...new Set(named)] };
}

export function acceptedAnswer(broadcast: Broadcast): object {
  return {
    success: true,
    broadcastId: broadcast.id,
    state: 'accepted',
    eventType: broadcast.event,
    recipients: recipientsOf(broadcast.audience),
    acceptedAt: isoTime(broadcast.acceptedAtMs),
    links: {
      report: `/api/notifications/broadcasts/${broadcast.id}`,
      deliveries: `/api/broadcasts/${broadcast.id}/deliveries`,
    },
  };
}

export function reportAnswer(report: BroadcastReport): object {
  const { broadcast } = report;
  return {
    broadcastId: broadcast.id,
    eventType: broadcast.event,
    durability: broadcast.durability,
    acceptedAt: isoTime(broadcast.acceptedAtMs),
    expiresAt: isoTime(broadcast.expiresAtMs),
    recipients: recipientsOf(broadcast.audience),
    counts: report.counts,
    deliveries: report.deliveries.map(({ user, times, ...state }) => ({
      contractorId: user,
      ...state,
      times: isoTimes(times),
    })),
    next: report.next,
  };
}

function recipientsOf(audience: Audience): object {
  if (audience.kind === 'users') return { kind: 'contractors', count: audienceSize(audience) };
  return audience.topic === everyone ? { kind: 'everybody' } : { kind: 'followers', topic: audience.topic };
}

export function statusAnswer(status: ServiceStatus): object {
  const { atMs, ...counts } = status;
  return { success: true, status: status.deadLetters === 0 ? 'ok' : 'degraded', ...counts, time: isoTime(atMs) };
}

export function testAnswer(broadcast: Broadcast, status: ServiceStatus): object {
  return { broadcastId: broadcast.id, message: broadcast.data['message'], ...statusAnswer(status) };
}
