// The brief of the repair shop: the five events that clients emit, and the ten that they listen for.
import assert from 'node:assert/strict';
import type { Brief, Row } from '../row.ts';
import type { Message, Site } from '../site.ts';
import type { Person } from './socketio.ts';
import { accepted, does, heardNothing, people, personAt, visits } from './socketio.ts';

const brief: Brief = 'repair-shop';
const staffVisits = visits('user_online', 'user_offline', 'userId');

const notifications: readonly Row[] = [
  {
    brief,
    what: 'user_online: User came online',
    run: async (site) => {
      const { user, came } = staffVisits.of(site);
      const { timestamp, ...data } = await came;
      assert.deepEqual(data, { userId: user });
      isTime(timestamp);
    },
  },
  {
    brief,
    what: 'notification_received: New notification received, by whom it is for (user-specific event filtering)',
    run: async (site) => {
      const [person, other] = await twoOf(site);
      const notification = {
        title: 'Work order',
        message: 'A part has come',
        type: 'info',
        orderId: site.fresh('order'),
      };
      const answer = accepted(await notify(site, { userIds: [person.user], notification }));
      const shown = await person.page.next('notification_received', ({ orderId }) => orderId === notification.orderId);
      const { id, created_at: createdAt, ...fields } = shown;
      assert.equal(id, answer['broadcastId']);
      isTime(createdAt);
      assert.deepEqual(fields, notification);
      await heardNothing(site, other, 'notification_received');
    },
  },
  {
    brief,
    what: 'notification_received: for a role, and for everyone',
    run: async (site) => {
      const [manager, technician] = await Promise.all([personAt(site, ['manager']), personAt(site, ['technician'])]);
      const notification = { title: 'Meeting', message: site.fresh('message') };
      const is = ({ message }: Message): boolean => message === notification.message;
      accepted(await notify(site, { role: 'manager', notification }));
      await manager.page.next('notification_received', is);
      await heardNothing(site, technician, 'notification_received');
      accepted(await notify(site, { everyone: true, notification }));
      for (const { page } of [manager, technician]) await page.next('notification_received', is);
    },
  },
  {
    brief,
    what: 'notification_count_updated: Notification count changed: at the connection, with a new one, and when all is read',
    run: async (site) => {
      const { user, token, page } = await personAt(site, ['technician']);
      await count(page, 0);
      const notification = { title: 'Badge', message: 'Live notification count' };
      accepted(await notify(site, { userIds: [user], notification }));
      await count(page, 1);
      accepted(await notify(site, { userIds: [user], notification }));
      await count(page, 2);
      const secondPage = await site.socketIo(token);
      await count(secondPage, 2);
      assert.equal((await site.person(token, 'PATCH', '/api/inbox', { readAll: true })).status, 200);
      for (const each of [page, secondPage]) await count(each, 0);
    },
  },
];

const workOrders: readonly Row[] = [
  {
    brief,
    what: 'work_order_updated: Work order updated: status changes, description and priority changes, to who has joined its room',
    run: async (site) => {
      const [person, other] = await twoOf(site);
      const id = site.fresh('order');
      await does(person, 'join_room', `work_order_${id}`);
      const body = {
        workOrder: { id, status: 'in_progress', description: 'Screen', priority: 'high' },
        changes: { status: 'in_progress', description: 'Screen', priority: 'high' },
        updatedBy: 'manager-1',
      };
      accepted(await site.office('POST', `/api/websocket/work-orders/${id}/update`, body));
      assert.deepEqual(await person.page.next('work_order_updated'), { workOrderId: id, ...body });
      await heardNothing(site, other, 'work_order_updated');
    },
  },
  {
    brief,
    what: 'work_order_assignment_update: instant technician assignment notifications, to each once: both technicians and who has it open',
    run: async (site) => {
      const [technician, previous, viewer] = (await people(site, ['technician'], 3)) as [Person, Person, Person];
      const id = site.fresh('order');
      await join([technician, viewer], `work_order_${id}`);
      const body = {
        technicianId: technician.user,
        previousTechnicianId: previous.user,
        workOrder: { id },
        assignedBy: 'manager-1',
      };
      accepted(await site.office('POST', `/api/websocket/work-orders/${id}/assignment`, body));
      const event = 'work_order_assignment_update';
      for (const { page } of [technician, previous, viewer]) {
        assert.deepEqual(await page.next(event), { workOrderId: id, ...body });
      }
      const told = [technician, previous, viewer].map(async (each) => {
        await heardNothing(site, each);
        assert.equal(each.page.names.filter((name) => name === event).length, 1);
      });
      await Promise.all(told);
    },
  },
  {
    brief,
    what: 'repair_ticket_updated: Repair ticket updated',
    run: async (site) => {
      const [person, other] = await twoOf(site);
      const id = site.fresh('ticket');
      await does(person, 'join_room', `ticket_${id}`);
      const body = { ticket: { id, status: 'ready' }, changes: { status: 'ready' }, updatedBy: 7 };
      accepted(await site.office('POST', `/api/websocket/tickets/${id}/update`, body));
      assert.deepEqual(await person.page.next('repair_ticket_updated'), { ticketId: id, ...body });
      await heardNothing(site, other, 'repair_ticket_updated');
    },
  },
];

const presence: readonly Row[] = [
  {
    brief,
    what: 'typing_start → user_typing_start, scoped to the work order: the others in its room, not who types, nobody else',
    run: async (site) => {
      const { typist, reader, outsider, room } = await typing(site);
      await does(typist, 'typing_start', room);
      const { timestamp, ...told } = await reader.page.next('user_typing_start');
      assert.deepEqual(told, { userId: typist.user, room });
      isTime(timestamp);
      await Promise.all([typist, outsider].map(async (each) => heardNothing(site, each, 'user_typing_start')));
    },
  },
  {
    brief,
    what: 'typing_stop → user_typing_stop',
    run: async (site) => {
      const { typist, reader, outsider, room } = await typing(site);
      await does(typist, 'typing_start', { room });
      await reader.page.next('user_typing_start');
      await does(typist, 'typing_stop', { room });
      const { timestamp, ...told } = await reader.page.next('user_typing_stop');
      assert.deepEqual(told, { userId: typist.user, room });
      isTime(timestamp);
      await Promise.all([typist, outsider].map(async (each) => heardNothing(site, each, 'user_typing_stop')));
    },
  },
  {
    brief,
    what: 'user_presence → user_presence_update: User presence changed',
    run: async (site) => {
      const [person, other] = await twoOf(site);
      for (const [argument, status] of [
        ['away', 'away'],
        [{ status: 'busy' }, 'busy'],
      ] as const) {
        await does(person, 'user_presence', argument);
        const is = (data: Message): boolean => data['userId'] === person.user && data['status'] === status;
        isTime((await other.page.next('user_presence_update', is))['timestamp']);
      }
      await heardNothing(site, person, 'user_presence_update');
    },
  },
];

export const repairShopEventRows: readonly Row[] = [...notifications, ...workOrders, ...presence];

/** The last row, so that the others run while the grace does. */
export const userGoes: Row = {
  brief,
  what: 'user_offline: User went offline (after a grace of ten seconds, so that a page that is loaded anew is no departure)',
  run: async (site) => {
    const { user, left } = staffVisits.of(site);
    staffVisits.end(site);
    const { timestamp, ...data } = await left;
    assert.deepEqual(data, { userId: user });
    isTime(timestamp);
  },
};

async function typing(site: Site) {
  const [typist, reader, outsider] = (await people(site, ['technician'], 3)) as [Person, Person, Person];
  const room = `work_order_${site.fresh('order')}`;
  await Promise.all([join([typist, reader], room), join([outsider], `work_order_${site.fresh('order')}`)]);
  return { typist, reader, outsider, room };
}

async function join(persons: readonly Person[], room: string): Promise<void> {
  await Promise.all(persons.map(async (person) => does(person, 'join_room', room)));
}

async function twoOf(site: Site): Promise<[Person, Person]> {
  return (await people(site, ['technician'], 2)) as [Person, Person];
}

async function notify(site: Site, body: object) {
  return site.office('POST', '/api/websocket/notifications', body);
}

async function count(page: Person['page'], unread: number): Promise<void> {
  const told = await page.next('notification_count_updated', (data) => data['count'] === unread);
  assert.deepEqual(told, { count: unread, unreadCount: unread });
}

function isTime(value: unknown): void {
  assert.match(String(value), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
}
