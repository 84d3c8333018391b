// What the API documents say of every route; the compiler knows when one is missing.
import { contractorOperations } from './contractor-operations.ts';
import { deliveriesAnswer, inboxAnswer, inboxChangeAnswer, publishAnswer } from './http-answers.ts';
import { deliveriesQuery, inboxChange, inboxQuery, publishBody } from './http-bodies.ts';
import { hotelOperations } from './hotel-operations.ts';
import { leadsOperations } from './leads-operations.ts';
import type { Operation } from './operation.ts';
import { repairShopOperations } from './repair-shop-operations.ts';
import type { HttpRouteName } from './routes.ts';
import { supportDeskOperations } from './support-desk-operations.ts';

export const operations: Readonly<Record<HttpRouteName, Operation>> = {
  publish: {
    product: 'Bellhop',
    summary: 'Tell anybody anything',
    description: 'Any event, for named users, for everybody with a role or in a room, or for everybody of the tenant.',
    body: publishBody,
    example: { body: { event: 'invoice:paid', data: { invoiceId: 'inv-7' }, audience: { users: ['contractor1'] } } },
    answers: { 202: { description: 'Stored, or, when ephemeral, on its way.', schema: publishAnswer } },
  },
  getDeliveries: {
    product: 'Bellhop',
    summary: 'What became of a broadcast for each recipient',
    query: deliveriesQuery,
    example: { path: { id: '01KAHJ5X3B9V6C2M4N8P7Q0RST' } },
    answers: { 200: { description: 'One page of deliveries, in order of the user id.', schema: deliveriesAnswer } },
    refusals: ['not_found'],
  },
  getInbox: {
    product: 'Bellhop',
    summary: 'What a person has not got yet',
    description:
      'For clients that cannot have a socket: the same entries from the same logs. Ask with the `next` of the answer before as `after`; asking does not acknowledge.',
    query: inboxQuery,
    answers: { 200: { description: 'One page, in order within each topic.', schema: inboxAnswer } },
  },
  updateInbox: {
    product: 'Bellhop',
    summary: 'Acknowledge, and mark as read',
    description: 'At least one of the three fields. The sockets of the same person are told what is unread afterwards.',
    body: inboxChange,
    example: { body: { readAll: true } },
    answers: { 200: { description: 'What is unread now.', schema: inboxChangeAnswer } },
    refusals: ['forbidden'],
  },
  ...contractorOperations,
  ...hotelOperations,
  ...repairShopOperations,
  ...leadsOperations,
  ...supportDeskOperations,
  getOpenApi: {
    product: 'Documents',
    summary: 'The HTTP API for machines',
    answers: { 200: { description: 'An OpenAPI 3.1 document.' } },
  },
  getAsyncApi: {
    product: 'Documents',
    summary: 'The sockets for machines',
    answers: { 200: { description: 'An AsyncAPI 3.0 document.' } },
  },
  getDocs: {
    product: 'Documents',
    summary: 'This documentation',
    answers: { 200: { description: 'One page, complete in itself.', mediaType: 'text/html' } },
  },
};
