// Every curl, frame and answer that the brief prints: leads (WebSocket & CRM API Implementation, the WebSocket half).
import assert from 'node:assert/strict';
import type { Brief, Row } from '../row.ts';
import type { Message, RawSocket, Site } from '../site.ts';

const brief: Brief = 'leads';
const token = (site: Site, user = site.fresh('seller')): Promise<string> => site.token(user, ['member']);
const now = (): string => new Date().toISOString();

export const leadsRows: readonly Row[] = [
  {
    brief,
    what: "ws://…/ws opens, and {type:'authenticate', data:{token}, timestamp} is accepted",
    run: async (site) => {
      const user = site.fresh('seller');
      const socket = await site.socket('/ws');
      socket.send({ type: 'authenticate', data: { token: await token(site, user) }, timestamp: now() });
      const answer = await socket.next();
      assert.equal(answer['type'], 'authenticated');
      assert.equal((answer['data'] as Message)['userId'], user);
      assert.ok(Number.isFinite(Date.parse(String(answer['timestamp']))));
    },
  },
  {
    brief,
    what: 'a wrong token is refused by an error message, and the socket may try again',
    run: async (site) => {
      const socket = await site.socket('/ws');
      socket.send({ type: 'authenticate', data: { token: 'your-jwt-token' }, timestamp: now() });
      const refusal = await socket.next();
      assert.equal(refusal['type'], 'error');
      assert.equal((refusal['data'] as Message)['code'], 'token_invalid');
      socket.send({ type: 'authenticate', data: { token: await token(site) }, timestamp: now() });
      await socket.next(({ type }) => type === 'authenticated');
    },
  },
  {
    brief,
    what: "{type:'subscribe', data:{events:['lead_update','form_submission']}} is confirmed",
    run: async (site) => {
      const { socket, subscribed } = await seller(site, ['lead_update', 'form_submission']);
      assert.deepEqual(subscribed['data'], { events: ['form_submission', 'lead_update'] });
      socket.close();
    },
  },
  {
    brief,
    what: 'POST /api/ws/lead-update tells subscribers: lead_update',
    run: async (site) => {
      const { socket } = await seller(site, ['lead_update']);
      const body = {
        leadId: site.fresh('lead'),
        leadData: { name: 'John Doe', email: 'john@example.com' },
        action: 'created',
      };
      const answer = await site.person(await token(site), 'POST', '/api/ws/lead-update', body);
      assert.equal(answer.status, 202);
      const told = await socket.next((message) => dataOf(message)['leadId'] === body.leadId);
      assert.equal(told['type'], 'lead_update');
      assert.deepEqual(dataOf(told)['leadData'], body.leadData);
      assert.equal(dataOf(told)['action'], 'created');
    },
  },
  {
    brief,
    what: 'POST /api/ws/form-submission tells subscribers: form_submission',
    run: async (site) => {
      const { socket } = await seller(site, ['form_submission']);
      const body = {
        formId: site.fresh('form'),
        submissionData: { name: 'Jane Doe', email: 'jane@example.com' },
        leadId: 'optional-lead-uuid',
      };
      assert.equal((await site.person(await token(site), 'POST', '/api/ws/form-submission', body)).status, 202);
      const told = await socket.next((message) => dataOf(message)['formId'] === body.formId);
      assert.equal(told['type'], 'form_submission');
      assert.deepEqual(dataOf(told)['submissionData'], body.submissionData);
    },
  },
  {
    brief,
    what: 'POST /api/ws/crm-sync tells subscribers: crm_sync',
    run: async (site) => {
      const { socket } = await seller(site, ['crm_sync']);
      const body = {
        provider: 'hubspot',
        action: 'created',
        contactId: site.fresh('contact'),
        leadId: 'lead-uuid',
        success: true,
        message: 'Contact synced successfully',
      };
      assert.equal((await site.person(await token(site), 'POST', '/api/ws/crm-sync', body)).status, 202);
      const told = await socket.next((message) => dataOf(message)['contactId'] === body.contactId);
      assert.equal(told['type'], 'crm_sync');
      assert.deepEqual({ ...dataOf(told), ...body }, dataOf(told));
    },
  },
  {
    brief,
    what: 'POST /api/ws/broadcast {"type":"custom_event","data":{"message":"Hello team!"}}',
    run: async (site) => {
      const { socket } = await seller(site, ['custom_event']);
      const data = { message: 'Hello team!', number: site.freshNumber() };
      const answer = await site.person(await token(site), 'POST', '/api/ws/broadcast', { type: 'custom_event', data });
      assert.equal(answer.status, 202);
      const told = await socket.next((message) => dataOf(message)['number'] === data.number);
      assert.equal(told['type'], 'custom_event');
    },
  },
  {
    brief,
    what: 'targetTeam may be the own team; another one is refused (team isolation)',
    run: async (site) => {
      const body = { type: 'custom_event', data: { message: 'Hello team!' } };
      const member = await token(site);
      const own = await site.person(member, 'POST', '/api/ws/broadcast', { ...body, targetTeam: 'default' });
      assert.equal(own.status, 202);
      const other = await site.person(member, 'POST', '/api/ws/broadcast', { ...body, targetTeam: 'optional-team-id' });
      assert.equal(other.status, 403);
    },
  },
  {
    brief,
    what: 'analytics_update reaches those who subscribed to it, and nobody else',
    run: async (site) => {
      const [wants, does] = await Promise.all([seller(site, ['analytics_update']), seller(site, ['lead_update'])]);
      const data = { visitors: site.freshNumber() };
      const member = await token(site);
      await site.person(member, 'POST', '/api/ws/broadcast', { type: 'analytics_update', data });
      await wants.socket.next((message) => dataOf(message)['visitors'] === data.visitors);
      const lead = { leadId: site.fresh('lead'), leadData: {}, action: 'updated' };
      await site.person(member, 'POST', '/api/ws/lead-update', lead);
      await does.socket.next((message) => dataOf(message)['leadId'] === lead.leadId);
      assert.ok(!does.socket.messages.some(({ type }) => type === 'analytics_update'));
    },
  },
  {
    brief,
    what: 'unsubscribe: the event comes no longer',
    run: async (site) => {
      const { socket } = await seller(site, ['lead_update', 'crm_sync']);
      socket.send({ type: 'unsubscribe', data: { events: ['lead_update'] }, timestamp: now() });
      const left = await socket.next(({ type }) => type === 'subscribed');
      assert.deepEqual(left['data'], { events: ['crm_sync'] });
      const member = await token(site);
      await site.person(member, 'POST', '/api/ws/lead-update', { leadId: 'gone', leadData: {}, action: 'deleted' });
      const sync = { provider: 'hubspot', action: 'created', contactId: site.fresh('contact'), success: true };
      await site.person(member, 'POST', '/api/ws/crm-sync', sync);
      await socket.next((message) => dataOf(message)['contactId'] === sync.contactId);
      assert.ok(!socket.messages.some(({ type }) => type === 'lead_update'));
    },
  },
  {
    brief,
    what: 'ping is answered with pong',
    run: async (site) => {
      const { socket } = await seller(site, ['lead_update']);
      socket.send({ type: 'ping', data: {}, timestamp: now() });
      assert.equal((await socket.next(({ type }) => type === 'pong'))['type'], 'pong');
    },
  },
  {
    brief,
    what: 'Authorization: Bearer <token> is required',
    run: async (site) => {
      const body = { type: 'custom_event', data: { message: 'Hello team!' } };
      assert.equal((await site.call('POST', '/api/ws/broadcast', { body })).status, 401);
      assert.equal((await site.person('YOUR_JWT_TOKEN', 'POST', '/api/ws/broadcast', body)).status, 401);
    },
  },
  {
    brief,
    what: 'what was missed while the connection was lost comes with the next subscribe',
    run: async (site) => {
      const user = site.fresh('seller');
      const { socket } = await seller(site, ['lead_update'], user);
      socket.close();
      await socket.closed;
      const body = { leadId: site.fresh('lead'), leadData: {}, action: 'assigned' };
      await site.person(await token(site), 'POST', '/api/ws/lead-update', body);
      const again = await seller(site, ['lead_update'], user);
      await again.socket.next((message) => dataOf(message)['leadId'] === body.leadId);
    },
  },
];

/** A seller's page, which has authenticated and subscribed. */
async function seller(
  site: Site,
  events: readonly string[],
  user = site.fresh('seller'),
): Promise<{ readonly socket: RawSocket; readonly subscribed: Message }> {
  const socket = await site.socket('/ws');
  socket.send({ type: 'authenticate', data: { token: await token(site, user) }, timestamp: now() });
  await socket.next(({ type }) => type === 'authenticated');
  socket.send({ type: 'subscribe', data: { events }, timestamp: now() });
  return { socket, subscribed: await socket.next(({ type }) => type === 'subscribed') };
}

function dataOf(message: Message): Message {
  return (message['data'] ?? {}) as Message;
}
