// Every curl, frame and answer that the brief prints: contractors (WebSocket Notification Integration).
import assert from 'node:assert/strict';
import type { Brief, Row } from '../row.ts';
import type { Answer, Message, RawSocket, Site } from '../site.ts';

const brief: Brief = 'contractors';
const path = '/api/notifications/broadcast';

/** As printed under "WebSocket Broadcast". */
const taskData = {
  id: 'task-id',
  type: 'Setup',
  description: 'Task description',
  priority: 'Medium',
  scheduledDateTime: '2025-08-04T12:00:00Z',
  address: '123 Main St, San Antonio, TX',
  paymentAmount: 75,
};
const metadata = { source: 'crm', timestamp: '2025-08-04T12:00:00Z' };

export const contractorRows: readonly Row[] = [
  {
    brief,
    what: 'POST /api/notifications/broadcast as printed reaches both contractors with all its data',
    run: async (site) => {
      const [one, other] = [site.fresh('contractor'), site.fresh('contractor')];
      const apps = await Promise.all([app(site, one), app(site, other)]);
      const stranger = await app(site, site.fresh('contractor'));
      const answer = await site.call('POST', path, {
        headers: { 'X-Internal-API-Key': site.apiKey },
        body: { eventType: 'task:new', taskData, contractorIds: [one, other], metadata },
      });
      assert.equal(answer.status, 202);
      for (const contractor of apps) {
        const shown = await notification(contractor, answer);
        assert.equal(shown['event'], 'task:new');
        assert.deepEqual(shown['data'], { taskData });
        assert.deepEqual(pick(shown['metadata'], Object.keys(metadata)), metadata);
      }
      assert.ok(!stranger.messages.some((message) => message['type'] === 'notification'));
    },
  },
  ...['X-Internal-API-Key', 'Authorization', 'X-API-Key'].map((header): Row => ({
    brief,
    what: `the internal key in ${header}`,
    run: async (site) => {
      const value = header === 'Authorization' ? `Bearer ${site.apiKey}` : site.apiKey;
      const answer = await site.call('GET', '/api/notifications/status', { headers: { [header]: value } });
      assert.equal(answer.status, 200);
    },
  })),
  {
    brief,
    what: 'without the key, or with a wrong one: 401',
    run: async (site) => {
      const body = { eventType: 'task:new', taskData };
      assert.equal((await site.call('POST', path, { body })).status, 401);
      const headers = { 'X-Internal-API-Key': 'your-secret-key' };
      assert.equal((await site.call('POST', path, { body, headers })).status, 401);
    },
  },
  {
    brief,
    what: 'task:assigned for targetContractor reaches that one',
    run: async (site) => {
      const user = site.fresh('contractor');
      const contractor = await app(site, user);
      const body = { eventType: 'task:assigned', taskData, targetContractor: user };
      const answer = await site.office('POST', path, body);
      assert.equal((await notification(contractor, answer))['event'], 'task:assigned');
    },
  },
  {
    brief,
    what: 'notification:system without recipients reaches everybody',
    run: async (site) => {
      const contractor = await app(site, site.fresh('contractor'));
      const notified = { title: 'Maintenance', message: 'Tonight at ten' };
      const answer = await site.office('POST', path, { eventType: 'notification:system', notification: notified });
      assert.deepEqual((await notification(contractor, answer))['data'], { notification: notified });
    },
  },
  {
    brief,
    what: 'a task of high priority asks the app for sound and vibration',
    run: async (site) => {
      const user = site.fresh('contractor');
      const contractor = await app(site, user);
      const body = { eventType: 'task:new', taskData: { ...taskData, priority: 'High' }, contractorIds: [user] };
      const shown = await notification(contractor, await site.office('POST', path, body));
      const { alert } = shown['metadata'] as { readonly alert: Message };
      assert.equal(alert['priority'], 'high');
      assert.equal(alert['vibrate'], true);
      assert.equal(typeof alert['sound'], 'string');
    },
  },
  {
    brief,
    what: 'POST /api/notifications/test -d {"message":"test"} tests the connection and returns stats',
    run: async (site) => {
      const contractor = await app(site, site.fresh('contractor'));
      const answer = await site.office('POST', '/api/notifications/test', { message: 'test' });
      assert.equal(answer.status, 200);
      assert.ok(Number(answer.body['connections']) >= 1);
      assert.deepEqual((await notification(contractor, answer))['data'], { message: 'test' });
    },
  },
  {
    brief,
    what: 'GET /api/notifications/status returns service status and connection statistics',
    run: async (site) => {
      await app(site, site.fresh('contractor'));
      const { status, body } = await site.office('GET', '/api/notifications/status');
      assert.equal(status, 200);
      assert.equal(body['status'], 'ok');
      assert.ok(Number(body['connections']) >= 1 && Number(body['users']) >= 1);
    },
  },
  {
    brief,
    what: 'a contractor who is away gets it at the next connection (retry mechanism ensures delivery)',
    run: async (site) => {
      const user = site.fresh('contractor');
      const answer = await site.office('POST', path, { eventType: 'task:new', taskData, contractorIds: [user] });
      const shown = await notification(await app(site, user), answer);
      assert.deepEqual(shown['data'], { taskData });
    },
  },
  {
    brief,
    what: 'many tasks in one call (future: bulk task creation)',
    run: async (site) => {
      const user = site.fresh('contractor');
      const contractor = await app(site, user);
      const broadcasts = [1, 2, 3].map((number) => ({
        eventType: 'task:new',
        taskData: { ...taskData, id: `task-${String(number)}` },
        contractorIds: [user],
      }));
      const answer = await site.office('POST', '/api/notifications/batch', { broadcasts });
      assert.equal(answer.status, 202);
      const ids = (answer.body['broadcasts'] as readonly Message[]).map(({ broadcastId }) => broadcastId);
      for (const id of ids) await contractor.next((message) => message['id'] === id);
    },
  },
  {
    brief,
    what: 'delivery confirmation (future): the report says delivered once the app has acknowledged',
    run: async (site) => {
      const user = site.fresh('contractor');
      const contractor = await app(site, user);
      const answer = await site.office('POST', path, { eventType: 'task:new', taskData, contractorIds: [user] });
      const { topic, epoch, seq } = await notification(contractor, answer);
      contractor.send({ type: 'acknowledge', topic, epoch, seq });
      const report = `/api/notifications/broadcasts/${String(answer.body['broadcastId'])}`;
      for (let attempt = 0; ; attempt += 1) {
        const { body } = await site.office('GET', report);
        if ((body['counts'] as Message)['delivered'] === 1) return;
        assert.ok(attempt < 100, `not delivered: ${JSON.stringify(body)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  },
];

/** The contractor's app, greeted. */
async function app(site: Site, user: string): Promise<RawSocket> {
  const socket = await site.socket('/ws');
  socket.send({ type: 'authenticate', token: await site.token(user, ['contractor']) });
  await socket.next(({ type }) => type === 'connected');
  return socket;
}

async function notification(socket: RawSocket, answer: Answer): Promise<Message> {
  const { broadcastId } = answer.body;
  assert.equal(typeof broadcastId, 'string', JSON.stringify(answer.body));
  return socket.next(({ type, id }) => type === 'notification' && id === broadcastId);
}

function pick(value: unknown, names: readonly string[]): Message {
  const object = (value ?? {}) as Message;
  return Object.fromEntries(names.map((name) => [name, object[name]]));
}
