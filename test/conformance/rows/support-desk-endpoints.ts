// The brief of the support desk: its fourteen HTTP endpoints, the three curls, and what its services called.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Brief, Row } from '../row.ts';
import type { Answer, Message, Site } from '../site.ts';
import type { Person } from './socketio.ts';
import { accepted, does, eventually, heardNothing, people, personAt } from './socketio.ts';

const brief: Brief = 'support-desk';

const welcome = { type: 'info', title: 'Welcome', message: 'Welcome to our service!' };
const maintenance = { type: 'warning', title: 'Maintenance', message: 'Scheduled maintenance in 5 minutes' };
const userUpdate = { userId: '123', action: 'profile_updated' };

/** Literally, but for the key: the one difference. */
const curls: readonly Row[] = [
  {
    brief,
    what: 'curl -X POST http://localhost:3000/websocket/notify/client/client123 -d \'{"type":"info","title":"Welcome",…}\'',
    run: async (site) => {
      const [client, other] = await Promise.all([
        personAt(site, ['customer'], 'client123'),
        personAt(site, ['customer']),
      ]);
      const answer = accepted(await site.office('POST', '/websocket/notify/client/client123', welcome));
      assert.deepEqual(await client.page.next('notification'), welcome);
      await isSent(site, answer, ['client123']);
      await heardNothing(site, other, 'notification');
    },
  },
  {
    brief,
    what: 'curl -X POST http://localhost:3000/websocket/notify/broadcast -d \'{"type":"warning","title":"Maintenance",…}\'',
    run: async (site) => reachesAll(site, '/websocket/notify/broadcast', 'notification', maintenance),
  },
  {
    brief,
    what: 'curl -X POST http://localhost:3000/websocket/event/broadcast/userUpdate -d \'{"userId":"123","action":"profile_updated"}\'',
    run: async (site) => reachesAll(site, '/websocket/event/broadcast/userUpdate', 'userUpdate', userUpdate),
  },
];

const chat = { message: 'How can I help?', from: 'agent-1' };
const status = { messageId: 'wamid.1', status: 'delivered' };
const whatsapp = { messageId: 'wamid.2', from: '+4912345', text: 'Hello' };
const conversation = { conversationId: '7', status: 'assigned' };

const toClient = (
  [
    ['/websocket/notify/client', '', 'notification', welcome],
    ['/websocket/chat/client', '', 'chatMessage', chat],
    ['/websocket/event/client', '/orderShipped', 'orderShipped', { orderId: '9' }],
    ['/websocket/whatsapp/status', '', 'whatsappStatusUpdate', status],
    ['/websocket/whatsapp/message', '', 'whatsappMessageUpdate', whatsapp],
    ['/websocket/conversation', '', 'conversationUpdate', conversation],
  ] as const
).map(([path, end, event, body]): Row => ({
  brief,
  what: `POST ${path}/:clientId${end === '' ? '' : '/:eventName'} → ${event}, to every page of that client and nobody else`,
  run: async (site) => {
    const [client, other] = await twoOf(site);
    const secondPage = await site.socketIo(client.token);
    const data = { ...body, marker: site.fresh('marker') };
    const answer = accepted(await site.office('POST', `${path}/${client.user}${end}`, data));
    for (const page of [client.page, secondPage]) assert.deepEqual(await page.next(event), data);
    assert.match(String(answer['message']), new RegExp(`accepted for client ${client.user}$`));
    await heardNothing(site, other, event);
  },
}));

const toRoom = (
  [
    ['/websocket/notify/room', '', 'notification', welcome],
    ['/websocket/chat/room', '', 'chatMessage', chat],
    ['/websocket/event/room', '/orderShipped', 'orderShipped', { orderId: '9' }],
  ] as const
).map(([path, end, event, body]): Row => ({
  brief,
  what: `POST ${path}/:roomName${end === '' ? '' : '/:eventName'} → ${event}, to who is in the room and nobody else`,
  run: async (site) => {
    const [one, two, other] = (await people(site, ['customer'], 3)) as [Person, Person, Person];
    const room = site.fresh('room');
    await Promise.all([one, two].map(async (each) => does(each, 'joinRoom', room)));
    const data = { ...body, marker: site.fresh('marker') };
    accepted(await site.office('POST', `${path}/${room}${end}`, data));
    for (const { page } of [one, two]) assert.deepEqual(await page.next(event), data);
    await heardNothing(site, other, event);
  },
}));

const monitoring: readonly Row[] = [
  {
    brief,
    what: 'GET /websocket/status - Get WebSocket server status',
    run: async (site) => {
      const { token } = await personAt(site, ['customer']);
      await site.socketIo(token);
      const answer = await site.office('GET', '/websocket/status');
      assert.equal(answer.status, 200);
      const { status: running, connectedClients, totalConnections, timestamp } = answer.body;
      assert.equal(running, 'running');
      assert.ok(Number(connectedClients) >= 1 && Number(totalConnections) > Number(connectedClients));
      assert.ok(Number.isFinite(Date.parse(String(timestamp))));
    },
  },
  {
    brief,
    what: 'GET /websocket/clients - Get list of connected clients',
    run: async (site) => {
      const [one, two] = await twoOf(site);
      await site.socketIo(one.token);
      const answer = await site.office('GET', '/websocket/clients');
      assert.equal(answer.status, 200);
      const clients = answer.body['clients'] as readonly Message[];
      assert.equal(answer.body['count'], clients.length);
      for (const [{ user }, connections] of [
        [one, 2],
        [two, 1],
      ] as const) {
        const { connectedAt, ...client } = clients.find(({ clientId }) => clientId === user) ?? {};
        assert.deepEqual(client, { clientId: user, connections, dialects: ['socketio'] });
        assert.ok(Math.abs(Date.parse(String(connectedAt)) - Date.now()) < 60_000);
      }
    },
  },
  {
    brief,
    what: 'GET /websocket/clients/:clientId/status - Get specific client connection status',
    run: async (site) => {
      const client = await personAt(site, ['customer']);
      const room = site.fresh('room');
      await does(client, 'joinRoom', room);
      const { status: code, body } = await site.office('GET', `/websocket/clients/${client.user}/status`);
      assert.equal(code, 200);
      const { connectedAt, ...rest } = body;
      const rooms = [`user_${client.user}`, 'role_customer', room];
      assert.deepEqual(rest, { clientId: client.user, connected: true, connections: 1, rooms });
      assert.ok(Math.abs(Date.parse(String(connectedAt)) - Date.now()) < 60_000);
      const stranger = await site.office('GET', `/websocket/clients/${site.fresh('stranger')}/status`);
      assert.deepEqual([stranger.status, stranger.body['connected']], [200, false]);
    },
  },
];

const services: readonly Row[] = [
  {
    brief,
    what: "sendNotificationToClient(clientId, { type: 'info', title: 'New Message', … }), by one call; who is away gets it later",
    run: async (site) => {
      const user = site.fresh('client');
      const notification = { type: 'info', title: 'New Message', message: 'You have a new message' };
      accepted(await site.office('POST', `/websocket/notify/client/${user}`, notification));
      const { page } = await personAt(site, ['customer'], user);
      assert.deepEqual(await page.next('notification'), notification);
    },
  },
  {
    brief,
    what: "broadcastNotification({ type: 'success', title: 'System Update', … }), by one call",
    run: async (site) => {
      const notification = { type: 'success', title: 'System Update', message: 'System maintenance completed' };
      await reachesAll(site, '/websocket/notify/broadcast', 'notification', notification);
    },
  },
  {
    brief,
    what: "broadcastCustomEvent('whatsappMessageSent', { to, message, timestamp }), by one call",
    run: async (site) => {
      const data = { to: '+4912345', message: 'Hello', timestamp: new Date().toISOString() };
      await reachesAll(site, '/websocket/event/broadcast/whatsappMessageSent', 'whatsappMessageSent', data);
    },
  },
  {
    brief,
    what: "broadcastCustomEvent('customerUpdated', { customerId, changes, timestamp }), by one call",
    run: async (site) => {
      const data = { customerId: '7', changes: { name: 'Jane' }, timestamp: new Date().toISOString() };
      await reachesAll(site, '/websocket/event/broadcast/customerUpdated', 'customerUpdated', data);
    },
  },
];

export const supportDeskEndpointRows: readonly Row[] = [...curls, ...toClient, ...toRoom, ...monitoring, ...services];

async function twoOf(site: Site): Promise<[Person, Person]> {
  return (await people(site, ['customer'], 2)) as [Person, Person];
}

/** Every client hears it, and hears nothing but what was sent. */
async function reachesAll(site: Site, path: string, event: string, data: Message): Promise<void> {
  const clients = await twoOf(site);
  const answer = accepted(await site.office('POST', path, data));
  for (const { page } of clients) await page.next(event, (heard) => isDeepStrictEqual(heard, data));
  await isSent(
    site,
    answer,
    clients.map(({ user }) => user),
  );
}

/** It was this broadcast that reached them. */
async function isSent(site: Site, { links }: Answer['body'], users: readonly string[]): Promise<void> {
  const { deliveries } = links as { readonly deliveries: string };
  const sent = async (): Promise<boolean> => {
    const found: unknown[] = [];
    for (let next: unknown = ''; typeof next === 'string';) {
      const after = next === '' ? '' : `&after=${encodeURIComponent(next)}`;
      const { body } = await site.office('GET', `${deliveries}?limit=500${after}`);
      const page = body['deliveries'] as readonly Message[];
      found.push(...page.filter(({ state }) => state === 'sent').map(({ user }) => user));
      next = body['next'];
    }
    return users.every((user) => found.includes(user));
  };
  await eventually(sent, `the deliveries say that it was sent to ${users.join(', ')}`);
}
