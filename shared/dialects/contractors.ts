// The contractor CRM's API (briefs: WebSocket Notification Integration) as a pure translation to one command and back.
import { inPlace } from '../domain/batch.ts';
import type { Audience, Broadcast, BroadcastCommand } from '../domain/broadcast.ts';
import { audienceSize } from '../domain/broadcast.ts';
import type { BroadcastReport, ServiceStatus } from '../domain/report.ts';
import { isoTime, isoTimes, parseTime } from '../domain/time.ts';
import { everyone } from '../domain/topic.ts';
import { Failure } from '../protocol/failures.ts';
import type { ContractorBroadcastBody, ContractorTestBody, CreateBatchBody } from '../protocol/http-bodies.ts';

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
    metadata: { alert: alertOf(priorityIn(body)), ...body.metadata },
    audience: toAudience(body),
    durability: 'durable',
    ...(body.expiresAt === undefined ? {} : { expiresAtMs: parseTime(body.expiresAt, 'expiresAt') }),
  };
}

export function toBatchCommands({ broadcasts }: CreateBatchBody): readonly BroadcastCommand[] {
  return broadcasts.map((body, index) => inPlace(index, () => toBroadcastCommand(body)));
}

/** How the app draws attention: what is urgent is heard and felt, what can wait is only shown. */
export interface Alert {
  readonly priority: 'low' | 'medium' | 'high' | 'urgent';
  /** The name of a sound of the app; null for none. */
  readonly sound: string | null;
  readonly vibrate: boolean;
}

const alerts = {
  low: { priority: 'low', sound: null, vibrate: false },
  medium: { priority: 'medium', sound: 'default', vibrate: true },
  high: { priority: 'high', sound: 'high', vibrate: true },
  urgent: { priority: 'urgent', sound: 'urgent', vibrate: true },
} as const satisfies { readonly [Priority in Alert['priority']]: Alert & { readonly priority: Priority } };

/** By the name of the priority, whose case does not matter. What is no priority, or none that is known, is medium. */
export function alertOf(priority: unknown): Alert {
  const name = typeof priority === 'string' ? priority.trim().toLowerCase() : '';
  return Object.values(alerts).find((alert) => alert.priority === name) ?? alerts.medium;
}

/** The task's priority; a notification without a task has one of its own. */
function priorityIn({ taskData, notification }: ContractorBroadcastBody): unknown {
  return taskData?.['priority'] ?? notification?.['priority'];
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

export function batchAnswer(broadcasts: readonly Broadcast[]): object {
  return { success: true, accepted: broadcasts.length, broadcasts: broadcasts.map(acceptedAnswer) };
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
