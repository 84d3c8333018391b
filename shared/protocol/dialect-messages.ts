// What travels over the sockets of the leads and of the hotel, as schemas; the translations are in shared/dialects.
import * as z from 'zod/mini';
import type { DialectMessage, DialectMessages } from './dialect-message.ts';
import { jsonObject, refusal, time, token } from './dialect-message.ts';
import { communication } from './hotel-bodies.ts';
import { leadActions } from './leads-bodies.ts';
import { connectionLimits, nameLimits } from './limits.ts';

const eventName = z.string().check(z.minLength(1), z.maxLength(nameLimits.eventCharactersMax));
const frameId = z.optional(z.string().check(z.minLength(1), z.maxLength(connectionLimits.frameIdCharactersMax)));

function leadsFromClient(name: string, summary: string, fields: z.core.$ZodLooseShape): DialectMessage {
  const rest = { timestamp: z.optional(z.string()), id: frameId };
  return { name, summary, payload: z.object({ type: z.literal(name), ...fields, ...rest }) };
}

function leadsFromServer(name: string, summary: string, data: z.ZodMiniType): DialectMessage {
  const rest = { timestamp: time, id: z.optional(z.string()) };
  return { name, summary, payload: z.object({ type: z.literal(name), data, ...rest }) };
}

const selection = z.object({
  events: z.array(eventName).check(z.minLength(1), z.maxLength(connectionLimits.eventsPerFrameMax)),
});

export const leadsMessages = {
  client: {
    LeadsAuthenticate: leadsFromClient('authenticate', 'Says who is there.', { data: z.object({ token }) }),
    LeadsSubscribe: leadsFromClient('subscribe', 'Asks for events of these types. Until then none come.', {
      data: selection,
    }),
    LeadsUnsubscribe: leadsFromClient('unsubscribe', 'Asks for no more events of these types.', { data: selection }),
    LeadsClientPing: leadsFromClient('ping', 'Asks for a `pong`.', { data: z.optional(jsonObject) }),
    LeadsClientPong: leadsFromClient('pong', 'Answers a `ping`.', { data: z.optional(jsonObject) }),
  },
  server: {
    LeadsAuthenticated: leadsFromServer(
      'authenticated',
      'The token was accepted. After a newer token without user and team, which stay.',
      z.object({
        success: z.literal(true),
        userId: z.optional(z.string()),
        teamId: z.optional(z.string()),
        roles: z.array(z.string()),
        expiresAt: time,
      }),
    ),
    LeadsSubscribed: leadsFromServer(
      'subscribed',
      'Which events come from now on.',
      z.object({ events: z.array(z.string()) }),
    ),
    LeadsServerPong: leadsFromServer('pong', 'Answers a `ping`.', z.object({})),
    LeadsServerPing: leadsFromServer('ping', 'Keeps the socket open; answer with `pong`.', z.object({})),
    LeadsLeadUpdate: leadsFromServer(
      'lead_update',
      'A lead was created, updated, deleted or assigned.',
      z.object({ leadId: z.string(), leadData: jsonObject, action: z.enum(leadActions), updatedBy: z.string() }),
    ),
    LeadsFormSubmission: leadsFromServer(
      'form_submission',
      'A form was submitted.',
      z.object({ formId: z.string(), submissionData: jsonObject, leadId: z.optional(z.string()) }),
    ),
    LeadsCrmSync: leadsFromServer(
      'crm_sync',
      'How a sync with a CRM went.',
      z.object({
        provider: z.string(),
        action: z.string(),
        contactId: z.optional(z.string()),
        leadId: z.optional(z.string()),
        success: z.boolean(),
        message: z.optional(z.string()),
      }),
    ),
    LeadsEvent: {
      name: null,
      summary: 'Any other event, such as `analytics_update` or one of your own.',
      payload: z.object({ type: z.string(), data: jsonObject, timestamp: time }),
    },
    LeadsError: {
      name: 'error',
      summary: 'A message of yours was refused.',
      payload: z.object({
        type: z.literal('error'),
        data: z.object({ ...refusal, request: z.optional(z.string()) }),
        id: z.optional(z.string()),
      }),
    },
  },
} as const satisfies DialectMessages;

function hotelFromServer(name: string, summary: string, data: z.ZodMiniType): DialectMessage {
  return { name, summary, payload: z.object({ type: z.literal(name), data }) };
}

export const hotelMessages = {
  client: {
    HotelClientPing: {
      name: 'ping',
      summary: 'Asks for a `pong`.',
      payload: z.object({ type: z.literal('ping'), id: frameId }),
    },
    HotelClientPong: {
      name: 'pong',
      summary: 'Answers a `ping`.',
      payload: z.object({ type: z.literal('pong'), id: frameId }),
    },
  },
  server: {
    HotelConnection: hotelFromServer(
      'connection',
      'The token was accepted.',
      z.object({ status: z.literal('connected'), guestId: z.union([z.int(), z.string()]), timestamp: time }),
    ),
    HotelNotification: hotelFromServer('notification', 'A communication for the guest.', communication),
    HotelSystem: hotelFromServer(
      'system',
      'A message of the system.',
      z.looseObject({ message: z.string(), timestamp: time }),
    ),
    HotelServerPing: hotelFromServer(
      'ping',
      'Keeps the socket open; answer with `pong`, or not at all.',
      z.object({ timestamp: time }),
    ),
    HotelServerPong: hotelFromServer(
      'pong',
      'Answers a `ping`.',
      z.object({ timestamp: time, replyTo: z.optional(z.string()) }),
    ),
    HotelError: hotelFromServer(
      'error',
      'A message of yours was refused.',
      z.object({ ...refusal, replyTo: z.optional(z.string()) }),
    ),
    HotelEvent: {
      name: null,
      summary: 'Any other event of the tenant, with its data as it was sent.',
      payload: z.object({ type: z.string(), data: jsonObject }),
    },
  },
} as const satisfies DialectMessages;
