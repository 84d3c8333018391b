// The brief of the repair shop: the admin's endpoints, and the three curls.
import assert from 'node:assert/strict';
import type { Brief, Row } from '../row.ts';
import type { Message } from '../site.ts';
import { accepted, does, heardNothing, personAt } from './socketio.ts';

const brief: Brief = 'repair-shop';
const stats = '/api/websocket/stats';

/** As printed under "Test Message Emission". */
const printed = { event: 'test', data: { message: 'Hello' } };

const watching: readonly Row[] = [
  {
    brief,
    what: 'curl http://localhost:3001/api/websocket/health',
    run: async (site) => {
      const { status, body } = await site.call('GET', '/api/websocket/health');
      assert.equal(status, 200);
      assert.equal(body['status'], 'healthy');
      assert.ok(Math.abs(Date.parse(String(body['timestamp'])) - Date.now()) < 60_000);
    },
  },
  {
    brief,
    what: 'curl -H "Authorization: Bearer YOUR_TOKEN" http://localhost:3001/api/websocket/stats: admins can see all connected users',
    run: async (site) => {
      const admin = await personAt(site, ['admin']);
      const technician = await personAt(site, ['technician']);
      await site.socketIo(technician.token);
      const { status, body } = await site.person(admin.token, 'GET', stats);
      assert.equal(status, 200);
      assert.equal(body['success'], true);
      const data = body['data'] as Message;
      const users = data['users'] as readonly Message[];
      const connectionsOf = (user: string) => users.find(({ userId }) => userId === user)?.['connections'];
      assert.deepEqual([connectionsOf(admin.user), connectionsOf(technician.user)], [1, 2]);
      assert.equal(data['connectedUsers'], users.length);
      const sum = users.reduce((connections, user) => connections + Number(user['connections']), 0);
      assert.equal(data['totalConnections'], sum);
    },
  },
  {
    brief,
    what: 'GET /api/websocket/user/:id/rooms: the rooms from the start, and those that were joined',
    run: async (site) => {
      const [admin, person] = await Promise.all([
        site.token('boss', ['admin']),
        personAt(site, ['manager', 'technician']),
      ]);
      const room = `ticket_${site.fresh('ticket')}`;
      await does(person, 'join_room', room);
      const { status, body } = await site.person(admin, 'GET', `/api/websocket/user/${person.user}/rooms`);
      assert.equal(status, 200);
      const rooms = [`user_${person.user}`, 'role_manager', 'role_technician', room];
      assert.deepEqual(body, { userId: person.user, rooms, connections: 1 });
    },
  },
];

const emitting: readonly Row[] = [
  {
    brief,
    what: 'curl -X POST … -d \'{"event": "test", "data": {"message": "Hello"}}\' http://localhost:3001/api/websocket/emit/1',
    run: async (site) => {
      const [user, other] = await Promise.all([personAt(site, ['technician'], '1'), personAt(site, ['technician'])]);
      const admin = await site.token('boss', ['admin']);
      accepted(await site.person(admin, 'POST', '/api/websocket/emit/1', printed));
      assert.deepEqual(await user.page.next('test'), { message: 'Hello' });
      await heardNothing(site, other, 'test');
    },
  },
  {
    brief,
    what: 'POST /api/websocket/emit/room/:roomName: Emit test message to room',
    run: async (site) => {
      const [person, other] = await Promise.all([personAt(site, ['technician']), personAt(site, ['technician'])]);
      const room = `work_order_${site.fresh('order')}`;
      await does(person, 'join_room', room);
      const admin = await site.token('boss', ['admin']);
      accepted(await site.person(admin, 'POST', `/api/websocket/emit/room/${room}`, printed));
      assert.deepEqual(await person.page.next('test'), printed.data);
      await heardNothing(site, other, 'test');
    },
  },
  {
    brief,
    what: 'POST /api/websocket/emit/role/:role: Emit test message to role',
    run: async (site) => {
      const role = site.fresh('role');
      const [person, other] = await Promise.all([personAt(site, [role]), personAt(site, ['technician'])]);
      const admin = await site.token('boss', ['admin']);
      accepted(await site.person(admin, 'POST', `/api/websocket/emit/role/${role}`, printed));
      assert.deepEqual(await person.page.next('test'), printed.data);
      await heardNothing(site, other, 'test');
    },
  },
];

const adminOnly: readonly Row[] = (
  [
    ['GET', stats],
    ['GET', '/api/websocket/user/1/rooms'],
    ['POST', '/api/websocket/emit/1'],
    ['POST', '/api/websocket/emit/room/work_order_1'],
    ['POST', '/api/websocket/emit/role/technician'],
  ] as const
).map(([method, path]): Row => ({
  brief,
  what: `Admin-only endpoints for monitoring: ${method} ${path}: 401 without a valid token, 403 for who is no admin`,
  run: async (site) => {
    const body = method === 'POST' ? { ...printed, event: 'test:admin' } : undefined;
    assert.equal((await site.call(method, path, { body })).status, 401);
    assert.equal((await site.office(method, path, body)).status, 401);
    assert.equal((await site.person('YOUR_TOKEN', method, path, body)).status, 401);
    for (const role of ['manager', 'technician']) {
      assert.equal((await site.person(await site.token('staff', [role]), method, path, body)).status, 403);
    }
    const answer = await site.person(await site.token('boss', ['admin']), method, path, body);
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
  },
}));

const refusals: readonly Row[] = [
  {
    brief,
    what: 'Event payload validation: each call says which field is wrong, and events have no name that Socket.IO uses itself',
    run: async (site) => {
      const admin = await site.token('boss', ['admin']);
      const emitted = async (body: object) => refused(await site.person(admin, 'POST', '/api/websocket/emit/1', body));
      assert.equal(await emitted({ data: {} }), 'event');
      assert.equal(await emitted({ event: 'disconnect' }), 'event');
      for (const [path, field] of [
        ['notifications', 'notification'],
        ['work-orders/1/update', 'workOrder'],
        ['work-orders/1/assignment', 'technicianId'],
        ['tickets/1/update', 'ticket'],
      ] as const) {
        assert.equal(refused(await site.office('POST', `/api/websocket/${path}`, {})), field);
      }
    },
  },
  {
    brief,
    what: 'the routes that emitted (work orders, tickets, notifications) are for the back office or an admin',
    run: async (site) => {
      const notification = { title: 'Work order', message: 'Done' };
      const body = { userIds: [site.fresh('person')], notification };
      const path = '/api/websocket/notifications';
      assert.equal((await site.call('POST', path, { body })).status, 401);
      assert.equal((await site.person(await site.token('staff', ['technician']), 'POST', path, body)).status, 403);
      accepted(await site.person(await site.token('boss', ['admin']), 'POST', path, body));
    },
  },
  {
    brief,
    what: 'Verify CORS configuration: a page of another origin may call',
    run: async (site) => {
      const { status, headers } = await site.call('OPTIONS', stats, {
        headers: {
          origin: 'http://localhost:5173',
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'authorization',
        },
      });
      assert.equal(status, 204);
      assert.equal(headers.get('access-control-allow-origin'), '*');
      assert.match(String(headers.get('access-control-allow-headers')), /authorization/);
    },
  },
];

export const repairShopAdminRows: readonly Row[] = [...watching, ...emitting, ...adminOnly, ...refusals];

/** The field of a refusal. */
function refused({ status, body }: { readonly status: number; readonly body: Message }): unknown {
  assert.equal(status, 400, JSON.stringify(body));
  return (body['error'] as Message)['field'];
}
