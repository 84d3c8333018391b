// The sales teams' HTTP API (brief: WebSocket & CRM API) as a pure translation to one command and back.
import { refuseOfficeName, refuseReservedName } from './event-names.ts';
import type { Broadcast, BroadcastCommand } from '../domain/broadcast.ts';
import type { JsonObject } from '../domain/log.ts';
import { isTeam } from '../domain/team.ts';
import { isoTime, parseTime } from '../domain/time.ts';
import { everyone } from '../domain/topic.ts';
import { Failure } from '../protocol/failures.ts';
import type {
  AnnouncementAnswer,
  CrmSyncBody,
  FormSubmissionBody,
  LeadUpdateBody,
  TeamBroadcastBody,
} from '../protocol/leads-bodies.ts';
import { leadsMessageTypes } from '../protocol/leads-bodies.ts';
import { eventLimits } from '../protocol/limits.ts';

/** Who announces something, and to which team: their own, always. */
export interface Announcer {
  readonly tenant: string;
  readonly user: string;
}

/** Throws `forbidden` unless the operator has said that the members of this tenant may tell each other anything. */
export function mustBeTeam(teams: readonly string[], tenant: string): void {
  if (isTeam(teams, tenant)) return;
  throw new Failure('forbidden', {
    message: `the members of ${JSON.stringify(tenant)} may not broadcast to each other`,
    field: 'header Authorization',
    remedy: `Ask the operator to add ${JSON.stringify(tenant)} to the parameter Teams of the stack, if it is a team and not a group of customers.`,
  });
}

/** `POST /api/ws/broadcast` */
export function toTeamCommand(body: TeamBroadcastBody, announcer: Announcer): BroadcastCommand {
  const { type, targetTeam } = body;
  refuseMessageType(type);
  refuseReservedName(type, 'type');
  refuseOfficeName(type, 'type');
  if (targetTeam !== undefined && targetTeam !== announcer.tenant) {
    throw new Failure('forbidden', {
      message: 'targetTeam is not your team',
      field: 'targetTeam',
      remedy: `Send ${JSON.stringify(announcer.tenant)}, or leave targetTeam out.`,
    });
  }
  return announcement(type, body.data, body, announcer);
}

/** On the socket an event is told from the protocol's own messages by its type alone. */
function refuseMessageType(type: string): void {
  const types: readonly string[] = leadsMessageTypes;
  if (!types.includes(type)) return;
  throw new Failure('invalid_field', {
    message: `type is ${JSON.stringify(type)}, which the socket's own messages are called`,
    field: 'type',
    remedy: `Send another name than ${types.join(', ')}.`,
  });
}

/** `POST /api/ws/lead-update` */
export function toLeadCommand(body: LeadUpdateBody, announcer: Announcer): BroadcastCommand {
  const { leadId, leadData, action } = body;
  return announcement('lead_update', { leadId, leadData, action, updatedBy: announcer.user }, body, announcer);
}

/** `POST /api/ws/form-submission` */
export function toFormCommand(body: FormSubmissionBody, announcer: Announcer): BroadcastCommand {
  const { formId, submissionData, leadId } = body;
  const data = { formId, submissionData, ...(leadId === undefined ? {} : { leadId }) };
  return announcement('form_submission', data, body, announcer);
}

/** `POST /api/ws/crm-sync` */
export function toSyncCommand(body: CrmSyncBody, announcer: Announcer): BroadcastCommand {
  const { expiresAt, ...data } = body;
  return announcement('crm_sync', data, { expiresAt }, announcer);
}

/** Nobody is left out: the announcer's other tabs and devices want to know as well. */
function announcement(
  event: string,
  data: JsonObject,
  { expiresAt }: { readonly expiresAt?: string | undefined },
  { user }: Announcer,
): BroadcastCommand {
  return {
    event,
    data,
    // Whoever reads a broadcast can say anything in its data; this is what the token said.
    metadata: { from: user },
    audience: { kind: 'topic', topic: everyone },
    durability: 'durable',
    keptMs: eventLimits.keptMs,
    ...(expiresAt === undefined ? {} : { expiresAtMs: parseTime(expiresAt, 'expiresAt') }),
  };
}

/** Without a link to the deliveries: those are for a back office and for admins, and the caller may be any member. */
export function announcementAnswer(broadcast: Broadcast): AnnouncementAnswer {
  return {
    success: true,
    message: `${broadcast.event} was accepted for the team ${broadcast.tenant}`,
    broadcastId: broadcast.id,
    state: 'accepted',
    event: broadcast.event,
    team: broadcast.tenant,
    acceptedAt: isoTime(broadcast.acceptedAtMs),
    expiresAt: isoTime(broadcast.expiresAtMs),
  };
}
