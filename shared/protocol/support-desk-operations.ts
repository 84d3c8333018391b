// What the API documents say of the routes of the support desk.
import type { Answer, Operation } from './operation.ts';
import type { HttpRouteName } from './routes.ts';
import {
  clientStatusAnswer,
  deskChatBody,
  deskEventBody,
  deskNotificationBody,
  deskSendAnswer,
  deskSendQuery,
  deskStatusAnswer,
  listClientsAnswer,
  listClientsQuery,
} from './support-desk-bodies.ts';

const product = 'Support desk';
const answers: Readonly<Record<202, Answer>> = {
  202: { description: 'Stored, or, when `durability=ephemeral`, on its way.', schema: deskSendAnswer },
};
const sends = { product, query: deskSendQuery, answers } as const;

const notification = {
  body: deskNotificationBody,
  description: 'Clients get the event `notification`.',
} as const;
const chat = { body: deskChatBody, description: 'Clients get the event `chatMessage`.' } as const;
const custom = {
  body: deskEventBody,
  description: 'Clients get the event of this name, with the body as its data.',
} as const;

const client = { clientId: 'client123' } as const;
const room = { roomName: 'support' } as const;
const welcome = { type: 'info', title: 'Welcome', message: 'Welcome to our service!' } as const;
const maintenance = { type: 'warning', title: 'Maintenance', message: 'Scheduled maintenance in 5 minutes' } as const;
const hello = { message: 'How can I help you?', from: 'agent-1' } as const;
const update = { userId: '123', action: 'profile_updated' } as const;

export const supportDeskOperations = {
  notifyClient: { ...sends, ...notification, summary: 'Notify a client', example: { path: client, body: welcome } },
  notifyRoom: { ...sends, ...notification, summary: 'Notify a room', example: { path: room, body: welcome } },
  notifyEverybody: { ...sends, ...notification, summary: 'Notify everybody', example: { body: maintenance } },
  chatWithClient: { ...sends, ...chat, summary: 'Chat with a client', example: { path: client, body: hello } },
  chatWithRoom: { ...sends, ...chat, summary: 'Chat with a room', example: { path: room, body: hello } },
  sendEventToClient: {
    ...sends,
    ...custom,
    summary: 'Send any event to a client',
    example: { path: { ...client, eventName: 'userUpdate' }, body: update },
  },
  sendEventToRoom: {
    ...sends,
    ...custom,
    summary: 'Send any event to a room',
    example: { path: { ...room, eventName: 'userUpdate' }, body: update },
  },
  sendEventToEverybody: {
    ...sends,
    ...custom,
    summary: 'Send any event to everybody',
    example: { path: { eventName: 'userUpdate' }, body: update },
  },
  getDeskStatus: {
    product,
    summary: 'How many are connected',
    answers: { 200: { description: 'People and connections.', schema: deskStatusAnswer } },
  },
  listClients: {
    product,
    summary: 'Who is connected',
    query: listClientsQuery,
    answers: { 200: { description: 'One page of clients, in order of the id.', schema: listClientsAnswer } },
  },
  getClientStatus: {
    product,
    summary: 'Whether a client is connected',
    example: { path: client },
    answers: {
      200: { description: 'Also for a client of whom nothing is known: not connected.', schema: clientStatusAnswer },
    },
  },
  sendWhatsappStatus: {
    ...sends,
    summary: 'Tell a client the status of a WhatsApp message',
    description: 'The client gets the event `whatsappStatusUpdate`, with the body as its data.',
    body: deskEventBody,
    example: { path: client, body: { messageId: 'wamid-1', status: 'delivered' } },
  },
  sendWhatsappMessage: {
    ...sends,
    summary: 'Tell a client of a WhatsApp message',
    description: 'The client gets the event `whatsappMessageUpdate`, with the body as its data.',
    body: deskEventBody,
    example: { path: client, body: { messageId: 'wamid-1', text: 'Hello' } },
  },
  sendConversation: {
    ...sends,
    summary: 'Tell a client of a conversation',
    description: 'The client gets the event `conversationUpdate`, with the body as its data.',
    body: deskEventBody,
    example: { path: client, body: { conversationId: 'c-1', status: 'closed' } },
  },
} as const satisfies Partial<Record<HttpRouteName, Operation>>;
