// The sales teams' HTTP API: its bodies, as printed in the brief, become one command, and results become its answers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
import { acceptBroadcast } from '../../shared/domain/broadcast.ts';
import {
  announcementAnswer as announcementAnswerSchema,
  crmSyncBody,
  formSubmissionBody,
  leadActions,
  leadUpdateBody,
  teamBroadcastBody,
} from '../../shared/protocol/leads-bodies.ts';
import { eventLimits, nameLimits } from '../../shared/protocol/limits.ts';
import { validate } from '../../shared/protocol/validation.ts';

const nowMs = Date.UTC(2026, 10, 21, 8, 30);
const announcer: Announcer = { tenant: 'sales-north', user: 'ann' };

const broadcast = (body: unknown) => toTeamCommand(validate(teamBroadcastBody, body, 'body'), announcer);
const lead = (body: unknown) => toLeadCommand(validate(leadUpdateBody, body, 'body'), announcer);
const form = (body: unknown) => toFormCommand(validate(formSubmissionBody, body, 'body'), announcer);
const sync = (body: unknown) => toSyncCommand(validate(crmSyncBody, body, 'body'), announcer);

/** The bodies of the brief, as they are printed there. */
const printed = {
  broadcast: { type: 'custom_event', data: { message: 'Hello team!' } },
  lead: { leadId: 'lead-uuid', leadData: { name: 'John Doe', email: 'john@example.com' }, action: 'created' },
  form: {
    formId: 'form-uuid',
    submissionData: { name: 'Jane Doe', email: 'jane@example.com' },
    leadId: 'optional-lead-uuid',
  },
  sync: {
    provider: 'hubspot',
    action: 'created',
    contactId: 'crm-contact-id',
    leadId: 'lead-uuid',
    success: true,
    message: 'Contact synced successfully',
  },
};

const toEveryone = {
  metadata: { from: 'ann' },
  audience: { kind: 'topic', topic: 'all' },
  durability: 'durable',
  keptMs: eventLimits.keptMs,
};

function refusalOf(code: string, field: string): unknown {
  return expect.objectContaining({ code, detail: expect.objectContaining({ field }) as object });
}

describe('a body of the brief', () => {
  it.each<readonly [string, BroadcastCommand, string, object]>([
    ['broadcast', broadcast(printed.broadcast), 'custom_event', printed.broadcast.data],
    ['lead-update', lead(printed.lead), 'lead_update', { ...printed.lead, updatedBy: 'ann' }],
    ['form-submission', form(printed.form), 'form_submission', printed.form],
    ['crm-sync', sync(printed.sync), 'crm_sync', printed.sync],
  ])('for %s is kept for a day for the whole team, the announcer included', (_, command, event, data) => {
    expect(command).toEqual({ event, data, ...toEveryone });
  });

  it.each(leadActions)('says that a lead was %s', (action) => {
    expect(lead({ ...printed.lead, action }).data).toMatchObject({ action });
  });

  it('leaves out what was left out', () => {
    const { formId, submissionData } = printed.form;
    expect(form({ formId, submissionData }).data).toEqual({ formId, submissionData });
    expect(sync({ provider: 'zoho', action: 'deleted', success: false }).data).toEqual({
      provider: 'zoho',
      action: 'deleted',
      success: false,
    });
  });

  it('says for how long it is worth something', () => {
    const expiresAt = '2026-11-21T10:00:00+01:00';
    for (const command of [
      broadcast({ ...printed.broadcast, expiresAt }),
      lead({ ...printed.lead, expiresAt }),
      form({ ...printed.form, expiresAt }),
      sync({ ...printed.sync, expiresAt }),
    ]) {
      expect(command.expiresAtMs).toBe(Date.UTC(2026, 10, 21, 9));
      expect(command.data).not.toHaveProperty('expiresAt');
    }
  });

  it.each<readonly [string, () => unknown, string, string]>([
    ['a broadcast without a type', () => broadcast({ data: {} }), 'missing_field', 'type'],
    ['a broadcast of an empty type', () => broadcast({ type: '', data: {} }), 'invalid_field', 'type'],
    [
      'a broadcast of a long type',
      () => broadcast({ type: 'x'.repeat(nameLimits.eventCharactersMax + 1), data: {} }),
      'invalid_field',
      'type',
    ],
    ['a broadcast without data', () => broadcast({ type: 'x' }), 'missing_field', 'data'],
    ['a broadcast of a text', () => broadcast({ type: 'x', data: 'Hello' }), 'invalid_field', 'data'],
    ['an unknown field', () => broadcast({ ...printed.broadcast, team: 'x' }), 'unknown_field', 'team'],
    ['an unknown action', () => lead({ ...printed.lead, action: 'merged' }), 'invalid_field', 'action'],
    ['a lead without an id', () => lead({ ...printed.lead, leadId: '' }), 'invalid_field', 'leadId'],
    ['a lead without data', () => lead({ leadId: '1', action: 'created' }), 'missing_field', 'leadData'],
    ['another updatedBy', () => lead({ ...printed.lead, updatedBy: 'eve' }), 'unknown_field', 'updatedBy'],
    ['a form without its id', () => form({ submissionData: {} }), 'missing_field', 'formId'],
    ['a form without its content', () => form({ formId: '1' }), 'missing_field', 'submissionData'],
    ['a sync that says not whether', () => sync({ ...printed.sync, success: undefined }), 'missing_field', 'success'],
    ['a sync that succeeded in words', () => sync({ ...printed.sync, success: 'yes' }), 'invalid_field', 'success'],
    ['a sync with nobody', () => sync({ ...printed.sync, provider: undefined }), 'missing_field', 'provider'],
    ['a time that is none', () => sync({ ...printed.sync, expiresAt: 'soon' }), 'invalid_field', 'expiresAt'],
  ])('that is not one is refused by name: %s', (_, translate, code, field) => {
    expect(translate).toThrow(refusalOf(code, field));
  });
});

describe('a broadcast', () => {
  it.each([
    ...['authenticate', 'authenticated', 'subscribe', 'subscribed', 'unsubscribe'],
    ...['ping', 'pong', 'error', 'connected'],
    ...['presence:online', 'presence:offline', 'presence:status', 'typing', 'message', 'disconnect'],
    // What the other products' back offices say, or what is said of other people.
    ...['notification', 'system', 'notification_received', 'work_order_updated', 'task:new', 'notification:system'],
    ...['roomMessage', 'messageBroadcast', 'chatMessage', 'user_online', 'clientLeft', 'user_typing_start'],
  ])('is never taken for what only the server says: %s is refused', (type) => {
    expect(() => broadcast({ type, data: {} })).toThrow(refusalOf('invalid_field', 'type'));
  });

  it.each(['lead_update', 'analytics_update', 'Ping', 'ping ', '__proto__x'])('may be called %j', (type) => {
    expect(broadcast({ type, data: {} }).event).toBe(type);
  });

  it('may name the own team, and no other', () => {
    expect(broadcast({ ...printed.broadcast, targetTeam: 'sales-north' })).toEqual(broadcast(printed.broadcast));
    for (const targetTeam of ['sales-south', 'optional-team-id', '*', 'Sales-North']) {
      expect(() => broadcast({ ...printed.broadcast, targetTeam })).toThrow(refusalOf('forbidden', 'targetTeam'));
    }
  });

  it('carries any data as it came, and reaches the team of the token alone', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const command = broadcast({ type: 'custom_event', data });
        expect(command.data).toEqual(data);
        expect(command.audience).toEqual({ kind: 'topic', topic: 'all' });
      }),
    );
  });
});

describe('a team', () => {
  it('is what the operator lists, and the refusal says what to ask for', () => {
    mustBeTeam(['sales-north'], 'sales-north');
    mustBeTeam(['*'], 'hotel-1');
    expect(() => {
      mustBeTeam(['sales-north'], 'hotel-1');
    }).toThrow(
      expect.objectContaining({
        code: 'forbidden',
        detail: expect.objectContaining({ remedy: expect.stringMatching(/"hotel-1".*Teams/) as string }) as object,
      }),
    );
  });
});

it('202 says what was accepted, for whom and for how long', () => {
  const answer = announcementAnswer(acceptBroadcast('B1', 'sales-north', lead(printed.lead), nowMs));
  expect(answer).toEqual({
    success: true,
    message: 'lead_update was accepted for the team sales-north',
    broadcastId: 'B1',
    state: 'accepted',
    event: 'lead_update',
    team: 'sales-north',
    acceptedAt: '2026-11-21T08:30:00.000Z',
    expiresAt: '2026-11-22T08:30:00.000Z',
  });
  expect(validate(announcementAnswerSchema, answer, 'answer')).toEqual(answer);
});
