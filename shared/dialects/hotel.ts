// The hotel's API (brief: Real-Time Notifications API) as a pure translation to one command and back.
import { communication, guestId } from './hotel-socket.ts';
import { connectionCount } from './present.ts';
import type { Audience, Broadcast, BroadcastCommand } from '../domain/broadcast.ts';
import { isoTime, parseTime } from '../domain/time.ts';
import { everyone } from '../domain/topic.ts';
import { Failure } from '../protocol/failures.ts';
import type { CreateCommunicationBody, SendGuestTestBody } from '../protocol/hotel-bodies.ts';
import type { NotificationFrame, ServerFrame } from '../protocol/server-frames.ts';

/** The fields stay as they were sent, for the guest's app shows them. */
export function toCommunicationCommand(body: CreateCommunicationBody, tenant: string): BroadcastCommand {
  mustSpeakFor(body.hotel_id, tenant);
  const { expiresAt, ...sent } = body;
  return {
    event: body.type === 'system' ? 'system' : 'notification',
    data: { ...sent, status: 'sent' },
    audience: toAudience(body),
    durability: 'durable',
    ...(expiresAt === undefined ? {} : { expiresAtMs: parseTime(expiresAt, 'expiresAt') }),
  };
}

/** A tenant that is called by a number is the hotel of that number, and speaks for no other one. */
function mustSpeakFor(hotelId: number, tenant: string): void {
  const own = hotelOf(tenant);
  if (own === null || own === hotelId) return;
  throw new Failure('forbidden', {
    message: `hotel_id is ${String(hotelId)}, but you speak for the hotel ${tenant}`,
    field: 'hotel_id',
    remedy: `Send hotel_id ${tenant}, or call with the key of the hotel ${String(hotelId)}.`,
  });
}

/** The hotel of a tenant that is called by a whole number; null for one with another name. */
function hotelOf(tenant: string): number | null {
  return /^\d+$/.test(tenant) ? Number(tenant) : null;
}

/** The hotel's app draws no line between guests who walk in and the others: `walkin` is for everybody, as `all` is. */
function toAudience({ recipient_type: kind, recipient_id: guest }: CreateCommunicationBody): Audience {
  const isForOne = kind === 'guest' || kind === 'specific';
  if (isForOne && guest === undefined) {
    throw new Failure('missing_field', {
      message: `recipient_id is missing: the recipient_type ${kind} needs it`,
      field: 'recipient_id',
      remedy: 'Send recipient_id as the number or the name of the guest.',
    });
  }
  if (!isForOne && guest !== undefined) {
    throw new Failure('invalid_field', {
      message: `recipient_id names one guest, but the recipient_type ${kind} is for all of them`,
      field: 'recipient_id',
      remedy: 'Leave recipient_id out, or send the recipient_type guest.',
    });
  }
  return guest === undefined ? { kind: 'topic', topic: everyone } : { kind: 'users', users: [String(guest)] };
}

export function communicationAnswer(broadcast: Broadcast): object {
  return {
    status: 'success',
    data: communication(broadcast.id, broadcast.data, isoTime(broadcast.acceptedAtMs)),
    broadcastId: broadcast.id,
    links: { deliveries: `/api/broadcasts/${broadcast.id}/deliveries` },
  };
}

/** A guest may say who they are, as on the socket, but polls for nobody else. */
export function mustBeOwn(claimed: string | undefined, user: string): void {
  if (claimed === undefined || claimed === user) return;
  throw new Failure('forbidden', {
    message: 'guestId is another guest than the one whom the token names',
    field: 'query guestId',
    remedy: 'Leave guestId out, or send the guest of the token.',
  });
}

/** What a poll found: the page of an inbox, of which only the notifications are told. */
interface PolledInbox {
  readonly frames: readonly ServerFrame[];
  readonly complete: boolean;
  readonly topics: readonly { readonly count: number }[];
}

export function communicationsAnswer({ frames, complete, topics }: PolledInbox, next: string): object {
  return {
    status: 'success',
    data: frames.flatMap((frame) => (frame.type === 'notification' ? [polled(frame)] : [])),
    next,
    complete,
    unread: topics.reduce((sum, { count }) => sum + count, 0),
  };
}

/** What came in over another API need not say of what type it is: then it is what the event is called. */
function polled({ id, event, data, createdAt }: NotificationFrame): object {
  const type = typeof data['type'] === 'string' ? data['type'] : event;
  return communication(id, { ...data, type }, createdAt);
}

interface PresentGuest {
  readonly user: string;
  readonly connections: readonly unknown[];
}

export function guestConnectionsAnswer(present: readonly PresentGuest[]): object {
  return {
    status: 'success',
    data: {
      totalConnections: connectionCount(present),
      uniqueGuests: present.length,
      guests: present.map(({ user, connections }) => ({ guestId: guestId(user), connections: connections.length })),
    },
  };
}

/** Reaches the guest's sockets that are open now, and is not shown to who connects later. */
export function toGuestTestCommand(body: SendGuestTestBody, tenant: string): BroadcastCommand {
  const hotel = hotelOf(tenant);
  return {
    event: 'notification',
    data: {
      ...(hotel === null ? {} : { hotel_id: hotel }),
      type: 'notification',
      title: 'Test Notification',
      message: body.message ?? 'This is a test notification',
      category: 'test',
      priority: 'normal',
      sender_type: 'system',
      recipient_type: 'guest',
      recipient_id: body.guestId,
      status: 'sent',
    },
    audience: { kind: 'users', users: [String(body.guestId)] },
    durability: 'ephemeral',
  };
}

export function guestTestAnswer({ guestId: guest }: SendGuestTestBody, { id }: Broadcast): object {
  return { status: 'success', message: `Test notification sent to guest ${String(guest)}`, broadcastId: id };
}
