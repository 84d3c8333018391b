// The brief of the repair shop (WebSocket Real-Time Notifications Implementation), line by line: its sockets, rooms and refusals; events and calls have files of their own.
import assert from 'node:assert/strict';
import type { Brief, Row } from '../row.ts';
import type { Message, Site } from '../site.ts';
import { repairShopAdminRows } from './repair-shop-admin.ts';
import { repairShopEventRows, userGoes } from './repair-shop-events.ts';
import type { Person } from './socketio.ts';
import {
  accepted,
  ask,
  clientOf,
  connectError,
  does,
  eventually,
  heardNothing,
  mayNot,
  people,
  personAt,
} from './socketio.ts';

const brief: Brief = 'repair-shop';

/** Enough to pass the limit of a window of ten seconds wherever the window begins, and too few to be cut off. */
const tooManyEvents = 210;

/** Long enough to connect with, and short enough to wait for. */
const expiresWithinMs = 3_000;

/** How long a client that was cut off waits before it comes back. */
const awayMs = 1_000;

const authentication: readonly Row[] = [
  {
    brief,
    what: 'WebSocket connections require valid JWT tokens',
    run: async (site) => {
      const { page } = await personAt(site, ['technician']);
      assert.ok(page.client.connected && typeof page.client.id === 'string');
      const refusal = await connectError(clientOf(site, {}));
      assert.equal((refusal.data as Message)['code'], 'unauthenticated');
    },
  },
  {
    brief,
    what: 'Invalid tokens result in connection rejection: connect_error says why, and the client does not try again',
    run: async (site) => {
      const client = clientOf(site, { auth: { token: 'YOUR_TOKEN' }, reconnection: true });
      const refusal = await connectError(client);
      assert.match(refusal.message, /^the token is not valid/);
      assert.equal((refusal.data as Message)['code'], 'token_invalid');
      assert.equal(client.active, false);
    },
  },
  {
    brief,
    what: 'Token expiration triggers automatic logout: an error says token_expired, and the client does not come back',
    run: async (site) => {
      const token = await site.token(site.fresh('person'), ['technician'], expiresWithinMs);
      const client = clientOf(site, { auth: { token }, reconnection: true });
      const said = new Promise<Message>((resolve) => client.once('error', resolve));
      const reason = await new Promise<string>((resolve) => client.once('disconnect', resolve));
      assert.equal((await said)['code'], 'token_expired');
      assert.equal(reason, 'io server disconnect');
      assert.equal(client.active, false);
    },
  },
  {
    brief,
    what: 'Token refresh handling: a newer token keeps the connection, one of another user does not',
    run: async (site) => {
      const person = await personAt(site, ['technician']);
      const { expiresAt } = await does(person, 'authenticate', { token: await site.token(person.user, ['manager']) });
      assert.ok(Date.parse(String(expiresAt)) > Date.now());
      await does(person, 'join_room', 'role_manager');
      const refusal = await mayNot(person, 'authenticate', { token: await site.token(site.fresh('other'), []) });
      assert.equal(refusal['code'], 'forbidden');
    },
  },
];

const rooms: readonly Row[] = [
  {
    brief,
    what: 'joinRoom("work_order_123") and leaveRoom("work_order_123") of the React example',
    run: async (site) => {
      const person = await personAt(site, ['technician']);
      const joined = await does(person, 'join_room', 'work_order_123');
      assert.equal(joined['room'], 'work_order_123');
      const workOrder = { status: site.fresh('status') };
      accepted(await site.office('POST', '/api/websocket/work-orders/123/update', { workOrder }));
      const told = await person.page.next('work_order_updated');
      assert.deepEqual(told, { workOrderId: '123', workOrder });
      assert.equal((await does(person, 'leave_room', 'work_order_123'))['room'], 'work_order_123');
    },
  },
  {
    brief,
    what: 'leave_room: nothing of the room comes any longer, and the others stay in it',
    run: async (site) => {
      const [leaver, other] = (await people(site, ['technician'], 2)) as [Person, Person];
      const id = site.fresh('order');
      const room = `work_order_${id}`;
      await Promise.all([leaver, other].map(async (person) => does(person, 'join_room', { room })));
      await does(leaver, 'leave_room', { room });
      accepted(await site.office('POST', `/api/websocket/work-orders/${id}/update`, { workOrder: {} }));
      await other.page.next('work_order_updated', ({ workOrderId }) => workOrderId === id);
      await heardNothing(site, leaver, 'work_order_updated');
    },
  },
  {
    brief,
    what: 'User Rooms: user_{userId}, joined from the start and by nobody else',
    run: async (site) => {
      const [person, other] = (await people(site, ['technician'], 2)) as [Person, Person];
      await emitToRoom(site, `user_${person.user}`, person);
      assert.equal((await mayNot(other, 'join_room', `user_${person.user}`))['code'], 'forbidden');
    },
  },
  ...['admin', 'manager', 'technician'].map((role): Row => ({
    brief,
    what: `Role Rooms: role_{role}: users automatically join role_${role} on connection, others may not`,
    run: async (site) => {
      const [person, other] = await Promise.all([personAt(site, [role]), personAt(site, ['customer'])]);
      await emitToRoom(site, `role_${role}`, person);
      assert.equal((await mayNot(other, 'join_room', `role_${role}`))['code'], 'forbidden');
      await heardNothing(site, other, `test:${person.user}`);
    },
  })),
  ...['work_order_', 'ticket_'].map((prefix): Row => ({
    brief,
    what: `Room access validation: rooms ${prefix}{id} are for staff, and only for who has joined`,
    run: async (site) => {
      const [person, other] = (await people(site, ['technician'], 2)) as [Person, Person];
      const customer = await personAt(site, ['customer']);
      const room = `${prefix}${site.fresh('id')}`;
      await does(person, 'join_room', room);
      await emitToRoom(site, room, person);
      await heardNothing(site, other, `test:${person.user}`);
      assert.equal((await mayNot(customer, 'join_room', room))['code'], 'forbidden');
    },
  })),
  {
    brief,
    what: 'Admin Room: admin_room: Admin-only notifications',
    run: async (site) => {
      const [admin, technician] = await Promise.all([personAt(site, ['admin']), personAt(site, ['technician'])]);
      await emitToRoom(site, 'admin_room', admin);
      assert.equal((await mayNot(technician, 'join_room', 'admin_room'))['code'], 'forbidden');
      await heardNothing(site, technician, `test:${admin.user}`);
    },
  },
  {
    brief,
    what: 'Room membership is tracked and cleaned up on disconnection',
    run: async (site) => {
      const [admin, person] = await Promise.all([site.token('boss', ['admin']), personAt(site, ['technician'])]);
      const room = `work_order_${site.fresh('order')}`;
      await does(person, 'join_room', room);
      const look = async () => (await site.person(admin, 'GET', `/api/websocket/user/${person.user}/rooms`)).body;
      assert.ok(((await look())['rooms'] as readonly string[]).includes(room));
      person.page.close();
      await eventually(async () => (await look())['connections'] === 0, 'the connection is gone');
      assert.deepEqual((await look())['rooms'], []);
    },
  },
];

const errors: readonly Row[] = [
  {
    brief,
    what: 'Automatic reconnection attempts: the client comes back by itself, joins again, and gets what it missed and what is new',
    run: async (site) => {
      const person = await personAt(site, ['technician']);
      const { client } = person.page;
      client.io.reconnection(true).reconnectionDelay(awayMs).randomizationFactor(0);
      const id = site.fresh('order');
      await does(person, 'join_room', `work_order_${id}`);
      const back = new Promise((resolve) => client.once('connect', resolve as () => void));
      client.io.engine.close();
      await update(site, id, 1);
      assert.equal(client.connected, false);
      await back;
      await does(person, 'join_room', `work_order_${id}`);
      await person.page.next('work_order_updated', ({ workOrder }) => (workOrder as Message)['number'] === 1);
      await update(site, id, 2);
      await person.page.next('work_order_updated', ({ workOrder }) => (workOrder as Message)['number'] === 2);
    },
  },
  {
    brief,
    what: 'Failed events don’t break the application: an error event, or the ack, says what is wrong, and the next one is obeyed',
    run: async (site) => {
      const person = await personAt(site, ['technician']);
      person.page.client.emit('no_such_event', {});
      const error = await person.page.next('error');
      assert.equal(error['event'], 'no_such_event');
      assert.match(String(error['remedy']), /join_room, leave_room, typing_start, typing_stop, user_presence/);
      assert.equal((await mayNot(person, 'no_such_event'))['code'], 'bad_request');
      await does(person, 'join_room', `work_order_${site.fresh('order')}`);
    },
  },
  {
    brief,
    what: 'Event payload validation: each event says which argument is wrong',
    run: async (site) => {
      const person = await personAt(site, ['technician']);
      for (const event of ['join_room', 'leave_room', 'typing_start', 'typing_stop']) {
        const refusals = [{}, 7, ''].map(async (argument) => mayNot(person, event, argument));
        for (const { field } of await Promise.all(refusals)) assert.equal(field, 'room');
      }
      assert.equal((await mayNot(person, 'user_presence', {}))['field'], 'status');
    },
  },
  {
    brief,
    what: 'Event permission checking: nobody types in, or leaves, a room that is not for that',
    run: async (site) => {
      const person = await personAt(site, ['technician']);
      assert.equal((await mayNot(person, 'typing_start', 'work_order_1'))['code'], 'forbidden');
      assert.equal((await mayNot(person, 'typing_stop', 'work_order_1'))['code'], 'forbidden');
      assert.equal((await mayNot(person, 'leave_room', 'role_technician'))['code'], 'forbidden');
    },
  },
  {
    brief,
    what: 'Rate limiting on WebSocket events: too many are refused, and the connection stays',
    run: async (site) => {
      const person = await personAt(site, ['technician']);
      const acks = await Promise.all(Array.from({ length: tooManyEvents }, async () => ask(person, 'no_such_event')));
      const codes = acks.map(({ error }) => (error as Message)['code']);
      assert.ok(codes.includes('bad_request') && codes.includes('rate_limited'), JSON.stringify([...new Set(codes)]));
      assert.ok(person.page.client.connected);
    },
  },
  {
    brief,
    what: 'Fallback to traditional API calls: without a socket the notification is in GET /api/inbox',
    run: async (site) => {
      const user = site.fresh('away');
      const notification = { title: 'Parts', message: 'The part is in' };
      const { broadcastId } = accepted(
        await site.office('POST', '/api/websocket/notifications', { userIds: [user], notification }),
      );
      const token = await site.token(user, ['technician']);
      const found = async (): Promise<Message | undefined> => {
        const { body } = await site.person(token, 'GET', '/api/inbox');
        return (body['frames'] as readonly Message[]).find(({ id }) => id === broadcastId);
      };
      await eventually(async () => (await found()) !== undefined, 'it is in the inbox');
      const { event, data } = (await found()) ?? {};
      assert.deepEqual({ event, data }, { event: 'notification_received', data: notification });
    },
  },
];

export const repairShopRows: readonly Row[] = [
  ...authentication,
  ...repairShopEventRows,
  ...rooms,
  ...repairShopAdminRows,
  ...errors,
  userGoes,
];

async function update(site: Site, id: string, number: number): Promise<void> {
  accepted(await site.office('POST', `/api/websocket/work-orders/${id}/update`, { workOrder: { number } }));
}

/** An admin's test message to a room reaches this person. */
async function emitToRoom(site: Site, room: string, { user, page }: Person): Promise<void> {
  const admin = await site.token('boss', ['admin']);
  const message = { event: `test:${user}`, data: { room } };
  accepted(await site.person(admin, 'POST', `/api/websocket/emit/room/${room}`, message));
  assert.deepEqual(await page.next(message.event), message.data);
}
