// An unchanged Socket.IO client at the end of a socket whose texts are read and written by the dialect.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { readSocketIo, writeSocketIo } from '../../shared/dialects/socketio-socket.ts';
import type { Spoken } from '../../shared/ports.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import type { NotificationFrame, ServerFrame } from '../../shared/protocol/server-frames.ts';

const time = '2026-11-21T08:30:00.000Z';
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** The least of a server that answers every frame as Bellhop does. `say` sends a frame of the server to its client. */
async function start(): Promise<{ url: string; said: Spoken['frame'][]; say: (frame: ServerFrame) => void }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/socket.io/' });
  const said: Spoken['frame'][] = [];
  const sockets: WebSocket[] = [];
  const say = (frame: ServerFrame): void => {
    for (const socket of sockets) for (const text of writeSocketIo(frame)) socket.send(text);
  };
  server.on('connection', (socket) => {
    sockets.push(socket);
    say({ type: 'open', connectionId: 'L0SM9cOFvHcCIhw=' });
    socket.on('message', (message: Buffer) => {
      const { replyTo, frame } = readSocketIo(message.toString('utf8'));
      said.push(frame);
      for (const answer of answersTo(frame, replyTo)) say(answer);
    });
  });
  await once(server, 'listening');
  ends.push(() => {
    for (const socket of sockets) socket.terminate();
    server.close();
  });
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, said, say };
}

function answersTo(frame: Spoken['frame'], asked: string | undefined): readonly ServerFrame[] {
  const replyTo = asked === undefined ? {} : { replyTo: asked };
  if (frame instanceof Failure) return [{ type: 'error', code: frame.code, ...frame.detail, ...replyTo }];
  const { type } = frame;
  if (type === 'authenticate' && frame.token === 'good') return [{ ...greeting, ...replyTo }];
  if (type === 'authenticate')
    return [{ type: 'error', code: 'token_invalid', message: 'no', remedy: 'Log in.', closing: true, ...replyTo }];
  if (type === 'join') return [{ type: 'joined', room: frame.room, time, ...replyTo }];
  if (type === 'send') return [{ type: 'sent', id: 'n1', data: frame.data, time, ...replyTo }];
  return type === 'typing' ? [{ type: 'done', ...replyTo }] : [];
}

const greeting: ServerFrame = {
  type: 'connected',
  connectionId: 'L0SM9cOFvHcCIhw=',
  user: '7',
  tenant: 'shop',
  roles: [],
  positions: [],
  unread: [],
  heartbeatEveryMs: 300_000,
  time,
  expiresAt: time,
};

function connect(url: string, token: string): Socket {
  const socket = io(url, { transports: ['websocket'], auth: { token }, forceNew: true, reconnection: false });
  ends.push(() => socket.close());
  return socket;
}

async function heard(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => socket.once(event, resolve));
}

describe('a client', () => {
  it('comes in with its token, is welcomed, and answers a heartbeat', async () => {
    const { url, said, say } = await start();
    const socket = connect(url, 'good');
    const welcome = heard(socket, 'connected');
    await heard(socket, 'connect');
    expect(socket.id).toBe('L0SM9cOFvHcCIhw=');
    await expect(welcome).resolves.toMatchObject({ clientId: '7', socketId: socket.id, timestamp: time });
    say({ type: 'heartbeat', time });
    await expect.poll(() => said.at(-1)).toEqual({ type: 'alive' });
    socket.disconnect();
    await expect.poll(() => said.at(-1)).toEqual({ type: 'goodbye' });
  });

  it('with another token hears why not', async () => {
    const { url } = await start();
    const socket = connect(url, 'bad');
    await expect(heard(socket, 'connect_error')).resolves.toMatchObject({
      message: 'no',
      data: { code: 'token_invalid', remedy: 'Log in.' },
    });
    expect(socket.active).toBe(false);
  });

  it('gets its acks and the confirmations of the desk', async () => {
    const { url, said } = await start();
    const socket = connect(url, 'good');
    const joined = heard(socket, 'roomJoined');
    await expect(socket.emitWithAck('joinRoom', { room: 'r' })).resolves.toEqual({
      success: true,
      room: 'r',
      timestamp: time,
    });
    await expect(joined).resolves.toEqual({ room: 'r', message: 'Joined room r', timestamp: time });
    const received = heard(socket, 'messageReceived');
    socket.emit('message', 'hi');
    await expect(received).resolves.toEqual({ id: 'n1', message: 'hi', timestamp: time });
    await expect(socket.emitWithAck('typing_start', 'r')).resolves.toEqual({ success: true });
    expect(said.map((frame) => (frame instanceof Failure ? frame.code : frame.type))).toEqual([
      'authenticate',
      'join',
      'send',
      'typing',
    ]);
  });

  it('hears what is wrong in the ack, or as an error', async () => {
    const { url } = await start();
    const socket = connect(url, 'good');
    await expect(socket.emitWithAck('join_room', 7)).resolves.toMatchObject({
      success: false,
      error: { code: 'invalid_field', field: 'room' },
    });
    const refused = heard(socket, 'error');
    socket.emit('shout', 'hi');
    await expect(refused).resolves.toMatchObject({ code: 'bad_request', event: 'shout' });
    expect(socket.connected).toBe(true);
  });

  it('survives every event, also one that is named like an event of its library', async () => {
    const { url, say } = await start();
    const socket = connect(url, 'good');
    await heard(socket, 'connected');
    const events: string[] = [];
    socket.onAny((event: string) => events.push(event));
    const notification: NotificationFrame = {
      type: 'notification',
      id: 'n1',
      event: 'work_order_updated',
      data: { userId: '8' },
      createdAt: time,
      expiresAt: time,
    };
    for (const event of ['work_order_updated', 'presence:online', 'message', 'connect_error', 'disconnect'])
      say({ ...notification, event });
    await expect
      .poll(() => events)
      .toEqual([
        'work_order_updated',
        'user_online',
        'clientJoined',
        'messageBroadcast',
        'bellhop:connect_error',
        'bellhop:disconnect',
      ]);
    expect(socket.connected).toBe(true);
    const left = heard(socket, 'disconnect');
    say({ type: 'error', code: 'token_expired', message: 'm', remedy: 'r', closing: true });
    await expect(left).resolves.toBe('io server disconnect');
    expect(events.at(-1)).toBe('error');
  });
});
