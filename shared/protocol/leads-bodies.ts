// What callers of the leads API send and get, as schemas.
import * as z from 'zod/mini';
import { nameLimits } from './limits.ts';

const jsonObject = z.record(z.string(), z.unknown());
const id = z.string().check(z.minLength(1), z.maxLength(nameLimits.recordIdCharactersMax));
const name = z.string().check(z.minLength(1), z.maxLength(nameLimits.eventCharactersMax));

const lifetime = {
  /** ISO 8601 with its offset; 24 hours from now unless told. */
  expiresAt: z.optional(z.string()),
};

/** The types of the protocol's own messages on the socket: an event of such a name would be taken for one of them. */
export const leadsMessageTypes = [
  'authenticate',
  'authenticated',
  'subscribe',
  'subscribed',
  'unsubscribe',
  'ping',
  'pong',
  'error',
  'connected',
] as const;

export const leadActions = ['created', 'updated', 'deleted', 'assigned'] as const;

/** `POST /api/ws/broadcast` */
export const teamBroadcastBody = z.strictObject({
  /** The name of the event: any but the types of the protocol's own messages. */
  type: name,
  data: jsonObject,
  /** The caller's own team, which is also meant without it. */
  targetTeam: z.optional(z.string().check(z.minLength(1), z.maxLength(nameLimits.tenantCharactersMax))),
  ...lifetime,
});

/** `POST /api/ws/lead-update` */
export const leadUpdateBody = z.strictObject({
  leadId: id,
  leadData: jsonObject,
  action: z.enum(leadActions),
  ...lifetime,
});

/** `POST /api/ws/form-submission` */
export const formSubmissionBody = z.strictObject({
  formId: id,
  submissionData: jsonObject,
  leadId: z.optional(id),
  ...lifetime,
});

/** `POST /api/ws/crm-sync` */
export const crmSyncBody = z.strictObject({
  /** `hubspot`, `salesforce`, or any other. */
  provider: name,
  /** What was tried: `created`, `updated`, or any other. */
  action: name,
  contactId: z.optional(id),
  leadId: z.optional(id),
  success: z.boolean(),
  message: z.optional(z.string()),
  ...lifetime,
});

/** What all four answer. Accepted means stored: it is sent next. */
export const announcementAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  broadcastId: z.string(),
  state: z.literal('accepted'),
  event: z.string(),
  team: z.string(),
  acceptedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

export type TeamBroadcastBody = z.infer<typeof teamBroadcastBody>;
export type LeadUpdateBody = z.infer<typeof leadUpdateBody>;
export type FormSubmissionBody = z.infer<typeof formSubmissionBody>;
export type CrmSyncBody = z.infer<typeof crmSyncBody>;
export type AnnouncementAnswer = z.infer<typeof announcementAnswer>;
