// What the API documents say of the routes of the leads.
import {
  announcementAnswer,
  crmSyncBody,
  formSubmissionBody,
  leadUpdateBody,
  teamBroadcastBody,
} from './leads-bodies.ts';
import type { Answer, Operation } from './operation.ts';
import type { HttpRouteName } from './routes.ts';

const answers: Readonly<Record<202, Answer>> = {
  202: { description: 'Stored. Every member of the team gets it, the caller included.', schema: announcementAnswer },
};

export const leadsOperations = {
  broadcastToTeam: {
    product: 'Leads',
    summary: 'Tell the team anything',
    description: 'Members get it as `{type, data, timestamp}` when they have subscribed to events of this type.',
    body: teamBroadcastBody,
    example: { body: { type: 'custom_event', data: { message: 'Hello team!' } } },
    answers,
    refusals: ['forbidden'],
  },
  announceLead: {
    product: 'Leads',
    summary: 'Tell the team of a lead',
    description: 'The event is `lead_update`, and says in `updatedBy` who called.',
    body: leadUpdateBody,
    example: {
      body: { leadId: 'lead-uuid', leadData: { name: 'John Doe', email: 'john@example.com' }, action: 'created' },
    },
    answers,
    refusals: ['forbidden'],
  },
  announceForm: {
    product: 'Leads',
    summary: 'Tell the team of a submitted form',
    description: 'The event is `form_submission`.',
    body: formSubmissionBody,
    example: {
      body: {
        formId: 'form-uuid',
        submissionData: { name: 'Jane Doe', email: 'jane@example.com' },
        leadId: 'lead-uuid',
      },
    },
    answers,
    refusals: ['forbidden'],
  },
  announceSync: {
    product: 'Leads',
    summary: 'Tell the team how a sync with a CRM went',
    description: 'The event is `crm_sync`.',
    body: crmSyncBody,
    example: {
      body: {
        provider: 'hubspot',
        action: 'created',
        contactId: 'crm-contact-id',
        leadId: 'lead-uuid',
        success: true,
        message: 'Contact synced successfully',
      },
    },
    answers,
    refusals: ['forbidden'],
  },
} as const satisfies Partial<Record<HttpRouteName, Operation>>;
