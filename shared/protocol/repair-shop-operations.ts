// What the API documents say of the routes of the repair shop.
import type { Answer, Operation } from './operation.ts';
import {
  assignWorkOrderAnswer,
  assignWorkOrderBody,
  emitBody,
  notifyStaffBody,
  shopHealthAnswer,
  shopSendAnswer,
  shopStatsAnswer,
  shopStatsQuery,
  updateTicketBody,
  updateWorkOrderBody,
  userRoomsAnswer,
} from './repair-shop-bodies.ts';
import type { HttpRouteName } from './routes.ts';

const product = 'Repair shop';
const onItsWay: Readonly<Record<202, Answer>> = {
  202: { description: 'On its way to who is connected now; nobody else gets it.', schema: shopSendAnswer },
};
const stored: Readonly<Record<202, Answer>> = {
  202: { description: 'Stored. It is sent next, and kept for who is away.', schema: shopSendAnswer },
};
const testMessage = { event: 'test', data: { message: 'Hello' } } as const;
const emits = { product, body: emitBody, answers: onItsWay } as const;

export const repairShopOperations = {
  getShopStats: {
    product,
    summary: 'Who is connected',
    query: shopStatsQuery,
    answers: { 200: { description: 'Counts, and one page of people.', schema: shopStatsAnswer } },
  },
  getShopHealth: {
    product,
    summary: 'Whether the service works',
    description: 'The request itself is counted in a table: an answer means that the tables can be reached.',
    answers: { 200: { description: 'It works.', schema: shopHealthAnswer } },
  },
  getUserRooms: {
    product,
    summary: 'The rooms of a person',
    parameters: { id: 'The user id in the token of the person.' },
    example: { path: { id: '1' } },
    answers: { 200: { description: 'Empty for who is not connected.', schema: userRoomsAnswer } },
  },
  emitToUser: {
    ...emits,
    summary: 'Send a test message to a person',
    example: { path: { userId: '1' }, body: testMessage },
  },
  emitToRoom: {
    ...emits,
    summary: 'Send a test message to a room',
    example: { path: { roomName: 'work_order_7' }, body: testMessage },
  },
  emitToRole: {
    ...emits,
    summary: 'Send a test message to a role',
    example: { path: { role: 'technician' }, body: testMessage },
  },
  notifyStaff: {
    product,
    summary: 'Notify people, a role, or everybody',
    description:
      'People get the event `notification_received`. Exactly one of `userIds`, `role` and `everyone` says whom to tell.',
    body: notifyStaffBody,
    example: {
      body: {
        role: 'technician',
        notification: { title: 'Parts arrived', message: 'The parts for order 7 are here.', type: 'info' },
      },
    },
    answers: stored,
  },
  updateWorkOrder: {
    product,
    summary: 'Tell of a changed work order',
    description: 'Everybody in the room `work_order_<id>` gets the event `work_order_updated`.',
    parameters: { id: 'The id of the work order.' },
    body: updateWorkOrderBody,
    example: { path: { id: '7' }, body: { workOrder: { status: 'in_progress' }, updatedBy: 'ann' } },
    answers: stored,
  },
  assignWorkOrder: {
    product,
    summary: 'Tell of an assigned work order',
    description:
      'Both technicians get the event `work_order_assignment_update`, wherever they are, and so does everybody else in the room `work_order_<id>`.',
    parameters: { id: 'The id of the work order.' },
    body: assignWorkOrderBody,
    example: { path: { id: '7' }, body: { technicianId: 42, previousTechnicianId: 17, assignedBy: 'ann' } },
    answers: {
      202: { description: 'Stored, as two broadcasts.', schema: assignWorkOrderAnswer },
    },
  },
  updateTicket: {
    product,
    summary: 'Tell of a changed ticket',
    description: 'Everybody in the room `ticket_<id>` gets the event `repair_ticket_updated`.',
    parameters: { id: 'The id of the ticket.' },
    body: updateTicketBody,
    example: { path: { id: '9' }, body: { ticket: { status: 'ready' }, changes: { status: 'ready' } } },
    answers: stored,
  },
} as const satisfies Partial<Record<HttpRouteName, Operation>>;
