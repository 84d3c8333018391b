// What the API documents say of the routes of the hotel.
import {
  createCommunicationAnswer,
  createCommunicationBody,
  getGuestConnectionsAnswer,
  listCommunicationsAnswer,
  listCommunicationsQuery,
  sendGuestTestAnswer,
  sendGuestTestBody,
} from './hotel-bodies.ts';
import type { Operation } from './operation.ts';
import type { HttpRouteName } from './routes.ts';

export const hotelOperations = {
  createCommunication: {
    product: 'Hotel',
    summary: 'Tell guests something',
    description:
      '`guest` and `specific` are for the guest in `recipient_id`; `all` and `walkin` are for every guest, and take no `recipient_id`. Who is away gets it at the next connection.',
    body: createCommunicationBody,
    example: {
      body: {
        hotel_id: 1,
        type: 'notification',
        title: 'Pool Maintenance',
        message: 'The pool will be closed for maintenance from 2-4 PM',
        category: 'service',
        recipient_type: 'all',
        priority: 'normal',
        sender_type: 'hotel',
      },
    },
    answers: { 201: { description: 'Stored, as guests get it.', schema: createCommunicationAnswer } },
    refusals: ['forbidden'],
  },
  listCommunications: {
    product: 'Hotel',
    summary: 'What a guest has not got yet',
    description:
      'For guests whose network does not let a socket through: ask with the `next` of the answer before as `after`. Polling alone does not count as delivery: `PATCH /api/inbox` acknowledges.',
    query: listCommunicationsQuery,
    answers: { 200: { description: 'One page, oldest first within each topic.', schema: listCommunicationsAnswer } },
    refusals: ['forbidden'],
  },
  getGuestConnections: {
    product: 'Hotel',
    summary: 'Who is connected',
    answers: { 200: { description: 'The guests with an open socket.', schema: getGuestConnectionsAnswer } },
  },
  sendGuestTest: {
    product: 'Hotel',
    summary: 'Try the path to one guest',
    description: 'Only reaches sockets that are open now.',
    body: sendGuestTestBody,
    example: { body: { guestId: 42, message: 'This is a test notification' } },
    answers: { 200: { description: 'It is on its way.', schema: sendGuestTestAnswer } },
  },
} as const satisfies Partial<Record<HttpRouteName, Operation>>;
