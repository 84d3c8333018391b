// The function behind /api/websocket/…: what admins see and try, and what the back office tells the staff.
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { handler as deployedHandler } from '../../functions/http/repair-shop.ts';
import type { HttpRouteName } from '../../shared/protocol/routes.ts';
import { aConnection } from '../builders/connection.ts';
import type { Claims } from '../jwt/issuer.ts';
import { useIssuer } from '../jwt/issuer.ts';
import { apiKey, deploy, listenToLogs, sdkError } from './deployed.ts';
import { aContext } from './events.ts';
import { bodies, notification, path, testMessage, workOrder } from './repair-shop-requests.ts';
import { routeEvent } from './route-event.ts';
import { emptyTables, keepClaims, stockConnections, storedBroadcasts } from './stocked-tables.ts';

const tables = mockClient(DynamoDBDocumentClient);
const queues = mockClient(SQSClient);
const issuer = useIssuer();
const logged = listenToLogs();

let handler: typeof deployedHandler;

beforeAll(async () => {
  deploy({ tokenJwksUri: issuer.jwksUri(), sensitiveFields: 'password' });
  ({ handler } = await import('../../functions/http/repair-shop.ts'));
});

beforeEach(() => {
  emptyTables(tables);
  queues.reset();
  queues.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
});

const day = 24 * 60 * 60_000;
interface Asked {
  readonly route: HttpRouteName;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

async function bearer(claims: Claims = {}) {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  return { authorization: `Bearer ${await issuer.sign({ exp, tenant: 'shop-1', sub: 'boss', ...claims })}` };
}

const admin = async () => bearer({ roles: ['admin'] });

/** As an admin of shop-1, unless told. */
async function ask({ route, path: parameters = path, body = bodies[route], query, headers }: Asked) {
  const request = {
    headers: { ...(await admin()), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(query === undefined ? {} : { query }),
  };
  const answer = await handler(routeEvent(route, parameters, request), aContext());
  return { ...answer, json: JSON.parse(answer.body ?? '') as Record<string, unknown> };
}

describe('a test message', () => {
  it.each([
    ['emitToUser', { kind: 'users', users: ['1'] }, 'user 1'],
    ['emitToRoom', { kind: 'topic', topic: 'room:work_order_7' }, 'room work_order_7'],
    ['emitToRole', { kind: 'topic', topic: 'role:technician' }, 'role technician'],
  ] as const)('by %s is for %j, ephemeral, and of the tenant of the admin', async (route, audience, whom) => {
    const { statusCode, json, headers } = await ask({ route });
    expect(statusCode).toBe(202);
    const broadcastId = String(json['broadcastId']);
    expect(json).toMatchObject({ success: true, message: `Test message accepted for ${whom}`, state: 'accepted' });
    expect(headers).toMatchObject({ location: `/api/broadcasts/${broadcastId}/deliveries` });
    expect(storedBroadcasts(tables)).toMatchObject([
      { ...testMessage, id: broadcastId, tenant: 'shop-1', audience, durability: 'ephemeral' },
    ]);
    expect(queues.commandCalls(SendMessageBatchCommand)).toHaveLength(1);
    expect(logged()).not.toContain('do-not-log');
  });

  it('that the queue does not take is answered 503, for later would be too late', async () => {
    queues.on(SendMessageBatchCommand).rejects(sdkError('ThrottlingException', 400));
    const { statusCode, headers } = await ask({ route: 'emitToUser' });
    expect([statusCode, headers?.['retry-after']]).toEqual([503, '2']);
  });
});

describe('what the back office tells', () => {
  it.each<readonly [HttpRouteName, string, object, object, number]>([
    ['notifyStaff', 'notification_received', notification, { kind: 'topic', topic: 'role:technician' }, 30 * day],
    [
      'updateWorkOrder',
      'work_order_updated',
      { workOrderId: '7', workOrder, updatedBy: 'ann' },
      { kind: 'topic', topic: 'room:work_order_7' },
      day,
    ],
    [
      'updateTicket',
      'repair_ticket_updated',
      { ticketId: '7', ticket: { id: 't' } },
      { kind: 'topic', topic: 'room:ticket_7' },
      day,
    ],
  ])('by %s is stored as %s %j for %j', async (route, event, data, audience, keptMs) => {
    const { statusCode, json } = await ask({ route, headers: { authorization: '', 'x-api-key': apiKey } });
    expect(statusCode).toBe(202);
    const broadcastId = String(json['broadcastId']);
    expect(json).toMatchObject({ success: true, state: 'accepted' });
    const [stored] = storedBroadcasts(tables);
    expect(stored).toMatchObject({ id: broadcastId, tenant: 'default', event, audience, durability: 'durable' });
    expect(stored?.data).toEqual(data);
    // The time is read once for the expiry, and once more when it is accepted.
    const lifeMs = (stored?.expiresAtMs ?? 0) - (stored?.acceptedAtMs ?? 0);
    expect(lifeMs).toBeLessThanOrEqual(keptMs);
    expect(lifeMs).toBeGreaterThan(keptMs - 60_000);
    expect(queues.commandCalls(SendMessageBatchCommand)).toHaveLength(1);
    expect(logged()).not.toMatch(/do-not-log|the-secret-api-key/);
  });

  it('has the expiry that it asks for', async () => {
    const expiresAtMs = Date.now() + 60_000;
    const body = { workOrder, expiresAt: new Date(expiresAtMs).toISOString() };
    await ask({ route: 'updateWorkOrder', body });
    expect(storedBroadcasts(tables)).toMatchObject([{ expiresAtMs, data: { workOrderId: '7', workOrder } }]);
  });

  it('holds nothing of what the operator calls sensitive', async () => {
    await ask({ route: 'updateWorkOrder', body: { workOrder: { customer: { name: 'Ann', password: 'secret' } } } });
    expect(storedBroadcasts(tables)).toMatchObject([{ data: { workOrder: { customer: { name: 'Ann' } } } }]);
    expect(JSON.stringify(storedBroadcasts(tables))).not.toContain('secret');
  });

  it.each<readonly [string, Asked, string, string]>([
    ['a reserved event', { route: 'emitToUser', body: { event: 'connect' } }, 'invalid_field', 'event'],
    ['nobody to tell', { route: 'notifyStaff', body: { notification } }, 'missing_field', 'userIds'],
    ['no work order', { route: 'updateWorkOrder', body: {} }, 'missing_field', 'workOrder'],
    ['no ticket', { route: 'updateTicket', body: {} }, 'missing_field', 'ticket'],
    [
      'a past expiry',
      { route: 'assignWorkOrder', body: { technicianId: 5, expiresAt: '2020-01-01T00:00:00Z' } },
      'invalid_field',
      'expiresAt',
    ],
    ['an id too long', { route: 'updateTicket', path: { id: 'x'.repeat(128) } }, 'invalid_field', 'path id'],
    [
      'an empty key',
      { route: 'assignWorkOrder', headers: { 'idempotency-key': '' } },
      'invalid_field',
      'header Idempotency-Key',
    ],
  ])('with %s is refused by name, and nothing is stored', async (_, asked, code, field) => {
    const { statusCode, json } = await ask(asked);
    expect(statusCode).toBe(400);
    expect(json).toMatchObject({ success: false, error: { code, field } });
    expect(storedBroadcasts(tables)).toEqual([]);
    expect(queues.calls()).toEqual([]);
  });
});

describe('an assignment', () => {
  const headers = { 'idempotency-key': 'k'.repeat(200) };

  it('is two broadcasts: one for the technicians, one for who else has the work order open', async () => {
    const { statusCode, json } = await ask({ route: 'assignWorkOrder' });
    expect(statusCode).toBe(202);
    const stored = storedBroadcasts(tables);
    const data = { workOrderId: '7', ...bodies.assignWorkOrder };
    const both = { event: 'work_order_assignment_update', data, tenant: 'shop-1', durability: 'durable' };
    expect(stored).toMatchObject([
      { ...both, audience: { kind: 'users', users: ['5', '6'] } },
      { ...both, audience: { kind: 'topic', topic: 'room:work_order_7' }, except: ['5', '6'] },
    ]);
    const [technicians, room] = stored.map(({ id }) => id);
    expect(technicians).not.toBe(room);
    expect(json).toMatchObject({ broadcastId: technicians, broadcastIds: { technicians, room } });
    expect(queues.commandCalls(SendMessageBatchCommand)).toHaveLength(2);
  });

  it('that is repeated with its key makes no further broadcasts', async () => {
    keepClaims(tables);
    const first = await ask({ route: 'assignWorkOrder', headers });
    const second = await ask({ route: 'assignWorkOrder', headers });
    expect(second.json).toEqual(first.json);
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
    expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    expect(storedBroadcasts(tables)).toHaveLength(2);
  });

  it.each([
    ['first', 1, 'undefined', ['technicians', 'technicians', 'room']],
    // The room's has its id since the first request, under which it is put again.
    ['second', 2, 'true', ['technicians', 'room', 'room']],
  ])('of which the %s broadcast failed is made whole by a repetition with its key', async (_, failing, said, puts) => {
    let count = 0;
    keepClaims(tables, () => (count += 1) === failing);
    expect((await ask({ route: 'assignWorkOrder', headers })).statusCode).toBe(500);
    const repeated = await ask({ route: 'assignWorkOrder', headers });
    expect(repeated.statusCode).toBe(202);
    expect(String(repeated.headers?.['idempotent-replayed'])).toBe(said);
    const ids = repeated.json['broadcastIds'] as Record<string, string>;
    expect(storedBroadcasts(tables).map(({ id }) => id)).toEqual(puts.map((put) => ids[put]));
  });

  it.each([244, 255, 256])(
    'with a key of %i characters, which gets too long, is refused as a whole',
    async (length) => {
      const { statusCode, json } = await ask({
        route: 'assignWorkOrder',
        headers: { 'idempotency-key': 'k'.repeat(length) },
      });
      expect([statusCode, json]).toMatchObject([400, { error: { field: 'header Idempotency-Key' } }]);
      expect(storedBroadcasts(tables)).toEqual([]);
    },
  );

  it('with the key of another one is refused', async () => {
    keepClaims(tables);
    await ask({ route: 'assignWorkOrder', headers });
    const { statusCode } = await ask({ route: 'assignWorkOrder', path: { id: '8' }, headers });
    expect(statusCode).toBe(422);
    expect(storedBroadcasts(tables)).toHaveLength(2);
  });
});

describe('an admin', () => {
  const nowMs = Date.now();
  const at = (agoMs: number) => new Date(nowMs - agoMs).toISOString();

  beforeEach(async () => {
    const given = { tenant: 'shop-1', roles: ['technician'] };
    await stockConnections(tables, [
      aConnection({ ...given, user: '2', connectedAtMs: nowMs - 9_000 }),
      aConnection({ ...given, user: '1', connectedAtMs: nowMs - 2_000, roles: ['admin'] }),
      aConnection({ ...given, user: '1', connectedAtMs: nowMs - 5_000, roles: ['admin'] }),
      aConnection({ ...given, user: 'away', connectedAtMs: nowMs - 5_000, leaseUntilMs: nowMs - 1 }),
      aConnection({ ...given, tenant: 'shop-2', user: '3', connectedAtMs: nowMs - 1_000 }),
    ]);
  });

  it('sees who is connected to the own shop', async () => {
    const { statusCode, json } = await ask({ route: 'getShopStats' });
    expect(statusCode).toBe(200);
    expect(json).toEqual({
      success: true,
      data: {
        totalConnections: 3,
        connectedUsers: 2,
        users: [
          { userId: '1', connections: 2, connectedAt: at(5_000) },
          { userId: '2', connections: 1, connectedAt: at(9_000) },
        ],
        timestamp: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/) as string,
        next: null,
      },
    });
    expect((await ask({ route: 'getShopStats', query: { after: '1' } })).json).toMatchObject({
      data: { connectedUsers: 2, users: [{ userId: '2' }] },
    });
  });

  it.each([
    ['1', { rooms: ['user_1', 'role_admin', 'admin_room'], connections: 2 }],
    ['2', { rooms: ['user_2', 'role_technician'], connections: 1 }],
    ['away', { rooms: [], connections: 0 }],
    ['3', { rooms: [], connections: 0 }],
  ])('sees in which rooms the user %s is', async (userId, expected) => {
    const { statusCode, json } = await ask({ route: 'getUserRooms', path: { id: userId } });
    expect([statusCode, json]).toEqual([200, { userId, ...expected }]);
  });

  it('of another shop sees that one alone', async () => {
    const headers = await bearer({ tenant: 'shop-2', roles: ['admin'] });
    const rooms = async (id: string) => (await ask({ route: 'getUserRooms', path: { id }, headers })).json;
    expect(await rooms('3')).toMatchObject({ connections: 1 });
    expect(await rooms('1')).toMatchObject({ connections: 0 });
    expect((await ask({ route: 'getShopStats', headers })).json).toMatchObject({ data: { users: [{ userId: '3' }] } });
  });
});

it('a table that fails means 500 without details', async () => {
  tables.on(PutCommand).rejects(sdkError('ThrottlingException', 400));
  const { statusCode, json } = await ask({ route: 'updateWorkOrder' });
  expect(statusCode).toBe(500);
  expect(JSON.stringify(json)).not.toContain('ThrottlingException');
  expect(queues.calls()).toEqual([]);
});
