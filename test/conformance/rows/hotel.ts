// Every curl, frame and answer that the brief prints: hotel (Real-Time Notifications API Documentation).
import assert from 'node:assert/strict';
import type { Brief, Row } from '../row.ts';
import type { Message, RawSocket, Site } from '../site.ts';

const brief: Brief = 'hotel';
const stats = '/api/communications/websocket/stats';
const test = '/api/communications/websocket/test';

/** As printed under "Create Notification". */
const poolMaintenance = {
  hotel_id: 1,
  type: 'notification',
  title: 'Pool Maintenance',
  message: 'The pool will be closed for maintenance from 2-4 PM',
  category: 'service',
  recipient_type: 'all',
  priority: 'normal',
  sender_type: 'hotel',
};

export const hotelRows: readonly Row[] = [
  {
    brief,
    what: 'ws://…/ws/notifications?token={guestToken}&guestId={guestId}: the connection confirmation as printed',
    run: async (site) => {
      const guestId = site.freshNumber();
      const socket = await open(site, guestId);
      const greeting = await socket.next();
      assert.equal(greeting['type'], 'connection');
      const { timestamp, ...data } = greeting['data'] as Message;
      assert.deepEqual(data, { status: 'connected', guestId });
      assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    },
  },
  {
    brief,
    what: 'token and guestId must match: another guest, no guest and no token are refused',
    run: async (site) => {
      const guestId = site.freshNumber();
      const token = await site.token(String(guestId), []);
      const path = '/ws/notifications';
      assert.equal(await site.upgradeStatus(`${path}?token=${token}&guestId=${String(guestId + 1)}`), 403);
      assert.equal(await site.upgradeStatus(`${path}?token=${token}`), 400);
      assert.equal(await site.upgradeStatus(`${path}?guestId=${String(guestId)}`), 401);
      assert.equal(await site.upgradeStatus(`${path}?token=wrong&guestId=${String(guestId)}`), 401);
    },
  },
  {
    brief,
    what: 'POST /api/communications as printed: created in the answer and shown in the frame, field for field',
    run: async (site) => {
      const guest = await greeted(site, site.freshNumber());
      const answer = await site.office('POST', '/api/communications', poolMaintenance);
      assert.equal(answer.status, 201);
      assert.equal(answer.body['status'], 'success');
      const created = answer.body['data'] as Message;
      assert.deepEqual(Object.keys(created), [
        'id',
        'hotel_id',
        'type',
        'title',
        'message',
        'category',
        'priority',
        'sender_type',
        'recipient_type',
        'status',
        'created_at',
        'updated_at',
      ]);
      assert.equal(typeof created['id'], 'number');
      assert.equal(created['status'], 'sent');
      const { id, status, created_at: createdAt, updated_at: updatedAt, ...fields } = created;
      assert.deepEqual(fields, poolMaintenance);
      assert.equal(createdAt, updatedAt);
      const shown = await guest.next((message) => (message['data'] as Message)['id'] === id);
      assert.deepEqual(shown, { type: 'notification', data: created });
      assert.equal(status, 'sent');
    },
  },
  {
    brief,
    what: 'recipient_type "guest" + recipient_id → that guest only',
    run: async (site) => toOne(site, 'guest'),
  },
  {
    brief,
    what: 'recipient_type "specific" → that guest only, by recipient_id',
    run: async (site) => toOne(site, 'specific'),
  },
  ...(['all', 'walkin'] as const).map((recipientType): Row => ({
    brief,
    what: `recipient_type "${recipientType}" → all connected guests`,
    run: async (site) => {
      const guests = await Promise.all([greeted(site, site.freshNumber()), greeted(site, site.freshNumber())]);
      const body = { ...poolMaintenance, recipient_type: recipientType };
      const { body: answer } = await site.office('POST', '/api/communications', body);
      for (const guest of guests) await shows(guest, (answer['data'] as Message)['id']);
    },
  })),
  {
    brief,
    what: 'invalid recipient: refused with the field, and not sent',
    run: async (site) => {
      const { status, body } = await site.office('POST', '/api/communications', {
        ...poolMaintenance,
        recipient_type: 'guest',
      });
      assert.equal(status, 400);
      assert.equal((body['error'] as Message)['field'], 'recipient_id');
    },
  },
  {
    brief,
    what: 'GET /api/communications/websocket/stats as printed, with several connections of a guest',
    run: async (site) => {
      const [one, other] = [site.freshNumber(), site.freshNumber()];
      await Promise.all([greeted(site, one), greeted(site, one), greeted(site, other)]);
      const { status, body } = await site.office('GET', stats);
      assert.equal(status, 200);
      assert.equal(body['status'], 'success');
      const data = body['data'] as Message;
      const guests = data['guests'] as readonly Message[];
      assert.deepEqual(
        guests.find(({ guestId }) => guestId === one),
        { guestId: one, connections: 2 },
      );
      assert.deepEqual(
        guests.find(({ guestId }) => guestId === other),
        { guestId: other, connections: 1 },
      );
      assert.equal(data['uniqueGuests'], guests.length);
      const sum = guests.reduce((connections, guest) => connections + Number(guest['connections']), 0);
      assert.equal(data['totalConnections'], sum);
    },
  },
  {
    brief,
    what: 'POST /api/communications/websocket/test {"guestId":123,"message":"This is a test notification"}: answer as printed, and shown',
    run: async (site) => {
      const guestId = site.freshNumber();
      const guest = await greeted(site, guestId);
      const answer = await site.office('POST', test, { guestId, message: 'This is a test notification' });
      assert.equal(answer.status, 200);
      const { status, message } = answer.body;
      assert.deepEqual(
        { status, message },
        { status: 'success', message: `Test notification sent to guest ${String(guestId)}` },
      );
      const shown = await guest.next((frame) => frame['type'] === 'notification');
      assert.equal((shown['data'] as Message)['message'], 'This is a test notification');
    },
  },
  {
    brief,
    what: 'system message: {"type":"system","data":{"message","timestamp"}}',
    run: async (site) => {
      const guest = await greeted(site, site.freshNumber());
      const message = `Server maintenance in 5 minutes (${site.fresh('system')})`;
      await site.office('POST', '/api/communications', { ...poolMaintenance, type: 'system', message });
      const shown = await guest.next((frame) => (frame['data'] as Message)['message'] === message);
      assert.equal(shown['type'], 'system');
      assert.ok(Number.isFinite(Date.parse(String((shown['data'] as Message)['timestamp']))));
    },
  },
  {
    brief,
    what: 'several tabs: each connection receives notifications',
    run: async (site) => {
      const guestId = site.freshNumber();
      const tabs = await Promise.all([greeted(site, guestId), greeted(site, guestId)]);
      const { body } = await toGuest(site, guestId);
      for (const tab of tabs) await shows(tab, (body['data'] as Message)['id']);
    },
  },
  {
    brief,
    what: 'guest not connected: stored, delivered on next connection, once',
    run: async (site) => {
      const guestId = site.freshNumber();
      // Who has never been there has no place in the log of a guest yet; who has been, has.
      (await greeted(site, guestId)).close();
      const ids = [];
      for (let number = 0; number < 3; number += 1) {
        ids.push(((await toGuest(site, guestId)).body['data'] as Message)['id']);
      }
      const back = await greeted(site, guestId);
      for (const id of ids) await shows(back, id);
      back.close();
      await back.closed;
      const again = await greeted(site, guestId);
      const last = ((await toGuest(site, guestId)).body['data'] as Message)['id'];
      await shows(again, last);
      const shown = again.messages.filter(({ type }) => type === 'notification');
      assert.deepEqual(
        shown.map(({ data }) => (data as Message)['id']),
        [last],
      );
    },
  },
  {
    brief,
    what: 'graceful degradation to polling: GET /api/communications with the guest’s token',
    run: async (site) => {
      const guestId = site.freshNumber();
      const { body: created } = await toGuest(site, guestId);
      const token = await site.token(String(guestId), []);
      const { status, body } = await site.person(token, 'GET', `/api/communications?guestId=${String(guestId)}`);
      assert.equal(status, 200);
      assert.equal(body['status'], 'success');
      assert.deepEqual(body['data'], [created['data']]);
      const other = await site.person(token, 'GET', `/api/communications?guestId=${String(guestId + 1)}`);
      assert.equal(other.status, 403);
    },
  },
  {
    brief,
    what: 'the back office comes with the internal key in any of its headers, or as an admin; guests and strangers do not',
    run: async (site) => {
      for (const headers of [
        { 'X-Internal-API-Key': site.apiKey },
        { 'X-API-Key': site.apiKey },
        { Authorization: `Bearer ${site.apiKey}` },
        { Authorization: `Bearer ${await site.token('manager', ['admin'])}` },
      ]) {
        assert.equal((await site.call('GET', stats, { headers })).status, 200);
      }
      assert.equal((await site.call('GET', stats)).status, 401);
      assert.equal((await site.person(await site.token('123', []), 'GET', stats)).status, 403);
    },
  },
];

async function open(site: Site, guestId: number): Promise<RawSocket> {
  const token = await site.token(String(guestId), []);
  return site.socket(`/ws/notifications?token=${token}&guestId=${String(guestId)}`);
}

async function greeted(site: Site, guestId: number): Promise<RawSocket> {
  const socket = await open(site, guestId);
  await socket.next(({ type }) => type === 'connection');
  return socket;
}

async function toGuest(site: Site, guestId: number, recipientType = 'guest') {
  const body = { ...poolMaintenance, recipient_type: recipientType, recipient_id: guestId };
  return site.office('POST', '/api/communications', body);
}

async function shows(guest: RawSocket, id: unknown): Promise<void> {
  await guest.next((message) => (message['data'] as Message | undefined)?.['id'] === id);
}

/** One guest is told, another one is not: what is sent to both afterwards comes to the other one first. */
async function toOne(site: Site, recipientType: string): Promise<void> {
  const [guestId, otherId] = [site.freshNumber(), site.freshNumber()];
  const [guest, other] = await Promise.all([greeted(site, guestId), greeted(site, otherId)]);
  const { body } = await toGuest(site, guestId, recipientType);
  await shows(guest, (body['data'] as Message)['id']);
  const { body: next } = await toGuest(site, otherId, recipientType);
  await shows(other, (next['data'] as Message)['id']);
  assert.equal(other.messages.filter(({ type }) => type === 'notification').length, 1);
}
