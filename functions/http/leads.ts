// POST /api/ws/...: the members of a sales team tell each other what happens.
import type { Announcer } from '../../shared/dialects/leads.ts';
import {
  announcementAnswer,
  mustBeTeam,
  toFormCommand,
  toLeadCommand,
  toSyncCommand,
  toTeamCommand,
} from '../../shared/dialects/leads.ts';
import type { BroadcastCommand } from '../../shared/domain/broadcast.ts';
import type { Identity } from '../../shared/domain/connection.ts';
import {
  crmSyncBody,
  formSubmissionBody,
  leadUpdateBody,
  teamBroadcastBody,
} from '../../shared/protocol/leads-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { createBroadcastPorts, teams, userAdmissionPorts } from '../ports.ts';
import type { EndpointAnswer, EndpointRequest } from './endpoint.ts';
import { endpoint, frontDoor, repeatable } from './endpoint.ts';

const ports = createBroadcastPorts();
const people = userAdmissionPorts();
const ourTeams = teams();

type ToCommand = (body: unknown, announcer: Announcer) => BroadcastCommand;

export const handler = frontDoor('http/leads', {
  broadcastToTeam: endpoint(
    'broadcastToTeam',
    people,
    announces((body, ...rest) => toTeamCommand(validate(teamBroadcastBody, body, 'body'), ...rest)),
  ),
  announceLead: endpoint(
    'announceLead',
    people,
    announces((body, ...rest) => toLeadCommand(validate(leadUpdateBody, body, 'body'), ...rest)),
  ),
  announceForm: endpoint(
    'announceForm',
    people,
    announces((body, ...rest) => toFormCommand(validate(formSubmissionBody, body, 'body'), ...rest)),
  ),
  announceSync: endpoint(
    'announceSync',
    people,
    announces((body, ...rest) => toSyncCommand(validate(crmSyncBody, body, 'body'), ...rest)),
  ),
});

function announces(toCommand: ToCommand): (request: EndpointRequest<Identity>) => Promise<EndpointAnswer> {
  return async (request) => {
    const { tenant, user } = request.caller;
    mustBeTeam(ourTeams, tenant);
    const { idempotencyKey, requestText } = repeatable(request);
    const { broadcast, replayed } = await createBroadcast(ports, {
      tenant,
      command: toCommand(request.json(), { tenant, user }),
      idempotencyKey,
      // One person's key is nobody else's: another who uses it is refused, and is not given this one's answer.
      requestText: `${user}\n${requestText}`,
    });
    return {
      status: 202,
      body: announcementAnswer(broadcast),
      ...(replayed ? { headers: { 'idempotent-replayed': 'true' } } : {}),
    };
  };
}
