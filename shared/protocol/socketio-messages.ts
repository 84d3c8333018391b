// The events that Socket.IO clients of the repair shop and of the support desk emit and hear, as schemas of their argument.
import * as z from 'zod/mini';
import { roomName } from './client-frames.ts';
import type { DialectMessages } from './dialect-message.ts';
import { jsonObject, refusal, time, token } from './dialect-message.ts';
import { nameLimits } from './limits.ts';

const status = z.string().check(z.minLength(1), z.maxLength(nameLimits.statusCharactersMax));
/** A room by its name, or an object that has it. */
export const roomArgument = z.union([roomName, z.object({ room: roomName }), z.object({ roomName })]);
export const userMoment = z.object({ userId: z.string(), timestamp: time });
export const userInRoom = z.object({ userId: z.string(), room: z.string(), timestamp: time });
export const clientMoment = z.object({ clientId: z.string(), timestamp: time });

/** What both products' clients may emit and hear, besides their own events. */
const socketIo = {
  client: {
    SocketIoAuthenticate: {
      name: 'authenticate',
      summary: 'Sends a newer token of the same user, to stay longer than the first one allows.',
      payload: z.object({ token }),
    },
  },
  server: {
    SocketIoConnected: {
      name: 'connected',
      summary: 'Welcome.',
      payload: z.object({ message: z.string(), clientId: z.string(), socketId: z.string(), timestamp: time }),
    },
    SocketIoAuthenticated: {
      name: 'authenticated',
      summary: 'The newer token was accepted; to who asked without an ack.',
      payload: z.object({ expiresAt: time }),
    },
    SocketIoError: {
      name: 'error',
      summary: 'An event of yours was refused; to who asked without an ack.',
      payload: z.object({ ...refusal, event: z.optional(z.string()) }),
    },
    SocketIoEvent: {
      name: null,
      summary: 'Any other event of the tenant, with its data as it was sent.',
      payload: jsonObject,
    },
  },
} as const satisfies DialectMessages;

export const shopMessages = {
  client: {
    ShopJoinRoom: { name: 'join_room', summary: 'Follows a room from now on.', payload: roomArgument },
    ShopLeaveRoom: { name: 'leave_room', summary: 'Follows a room no more.', payload: roomArgument },
    ShopTypingStart: {
      name: 'typing_start',
      summary: 'Shows the others in a room that you are typing, for some seconds. Repeat it while it lasts.',
      payload: roomArgument,
    },
    ShopTypingStop: { name: 'typing_stop', summary: 'Shows that you have stopped typing.', payload: roomArgument },
    ShopUserPresence: {
      name: 'user_presence',
      summary: 'Says how you are there: `away`, `busy`.',
      payload: z.union([status, z.object({ status })]),
    },
    ...socketIo.client,
  },
  server: {
    ShopNotificationReceived: {
      name: 'notification_received',
      summary: 'A notification for you, your role, or everybody.',
      payload: z.looseObject({
        id: z.unknown(),
        created_at: z.unknown(),
        title: z.string(),
        message: z.string(),
        type: z.optional(z.string()),
      }),
    },
    ShopNotificationCount: {
      name: 'notification_count_updated',
      summary: 'How many notifications of your own you have not read.',
      payload: z.object({ count: z.int(), unreadCount: z.int() }),
    },
    ShopWorkOrderUpdated: {
      name: 'work_order_updated',
      summary: 'A work order has changed; to the room `work_order_<id>`.',
      payload: z.object({
        workOrderId: z.string(),
        workOrder: jsonObject,
        changes: z.optional(jsonObject),
        updatedBy: z.optional(z.union([z.string(), z.int()])),
      }),
    },
    ShopWorkOrderAssignment: {
      name: 'work_order_assignment_update',
      summary: 'A work order has another technician; to both technicians and the room `work_order_<id>`.',
      payload: z.object({
        workOrderId: z.string(),
        technicianId: z.union([z.string(), z.int()]),
        previousTechnicianId: z.optional(z.nullable(z.union([z.string(), z.int()]))),
        workOrder: z.optional(jsonObject),
        assignedBy: z.optional(z.union([z.string(), z.int()])),
      }),
    },
    ShopTicketUpdated: {
      name: 'repair_ticket_updated',
      summary: 'A ticket has changed; to the room `ticket_<id>`.',
      payload: z.object({
        ticketId: z.string(),
        ticket: jsonObject,
        changes: z.optional(jsonObject),
        updatedBy: z.optional(z.union([z.string(), z.int()])),
      }),
    },
    ShopUserOnline: { name: 'user_online', summary: 'A user has come.', payload: userMoment },
    ShopUserOffline: { name: 'user_offline', summary: 'A user has left.', payload: userMoment },
    ShopTypingStarted: { name: 'user_typing_start', summary: 'A user is typing in a room.', payload: userInRoom },
    ShopTypingStopped: {
      name: 'user_typing_stop',
      summary: 'A user has stopped typing in a room.',
      payload: userInRoom,
    },
    ShopPresence: {
      name: 'user_presence_update',
      summary: 'How a user is there.',
      payload: z.object({ userId: z.string(), status: z.string(), timestamp: time }),
    },
    ...socketIo.server,
  },
} as const satisfies DialectMessages;

export const deskMessages = {
  client: {
    DeskMessage: {
      name: 'message',
      summary:
        'Says something to all other clients: for members of a team, and for staff (`admin`, `manager`, `technician`).',
      payload: z.union([z.string(), jsonObject]),
    },
    DeskJoinRoom: { name: 'joinRoom', summary: 'Follows a room from now on.', payload: roomArgument },
    DeskLeaveRoom: { name: 'leaveRoom', summary: 'Follows a room no more.', payload: roomArgument },
    DeskSendToRoom: {
      name: 'roomMessage',
      summary: 'Says something to the others in a room that you are in. Fields of your own go along.',
      payload: z.looseObject({ room: roomName }),
    },
    ...socketIo.client,
  },
  server: {
    DeskMessageReceived: {
      name: 'messageReceived',
      summary: 'Your message was accepted.',
      payload: z.looseObject({ id: z.unknown(), timestamp: time }),
    },
    DeskMessageBroadcast: {
      name: 'messageBroadcast',
      summary: 'What another client said to all.',
      payload: z.looseObject({ clientId: z.string(), timestamp: time }),
    },
    DeskRoomJoined: {
      name: 'roomJoined',
      summary: 'You follow the room.',
      payload: z.object({ room: z.string(), message: z.string(), timestamp: time }),
    },
    DeskRoomLeft: {
      name: 'roomLeft',
      summary: 'You follow the room no more.',
      payload: z.object({ room: z.string(), message: z.string(), timestamp: time }),
    },
    DeskRoomMessage: {
      name: 'roomMessage',
      summary: 'What another client said in a room.',
      payload: z.looseObject({ room: z.string(), clientId: z.string(), timestamp: time }),
    },
    DeskClientJoined: { name: 'clientJoined', summary: 'A client has come.', payload: clientMoment },
    DeskClientLeft: { name: 'clientLeft', summary: 'A client has left.', payload: clientMoment },
    DeskNotification: {
      name: 'notification',
      summary: 'A notification.',
      payload: z.looseObject({ type: z.string(), title: z.string(), message: z.string() }),
    },
    DeskChatMessage: {
      name: 'chatMessage',
      summary: 'A chat message of the desk.',
      payload: z.looseObject({ message: z.string() }),
    },
    DeskWhatsappStatus: {
      name: 'whatsappStatusUpdate',
      summary: 'The status of a WhatsApp message.',
      payload: jsonObject,
    },
    DeskWhatsappMessage: { name: 'whatsappMessageUpdate', summary: 'A WhatsApp message.', payload: jsonObject },
    DeskConversation: { name: 'conversationUpdate', summary: 'A conversation has changed.', payload: jsonObject },
    ...socketIo.server,
  },
} as const satisfies DialectMessages;

/** What an ack of the server holds, for events that were emitted with a callback. */
export const socketIoAck = z.union([
  z.looseObject({ success: z.literal(true) }),
  z.object({ success: z.literal(false), error: z.object(refusal) }),
]);
