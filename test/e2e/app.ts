// An app for tests: connects a user with a real socket, keeps what is shown, and acknowledges it.
import { WebSocket } from 'ws';
import type { Session } from '../../commands/session.ts';
import { createSession } from '../../commands/session.ts';
import type { NotificationFrame, ServerFrame } from '../../shared/protocol/server-frames.ts';
import { serverFrame } from '../../shared/protocol/server-frames.ts';
import type { Stack } from './stack.ts';

export interface App {
  readonly socket: WebSocket;
  /** What was shown, in order. */
  readonly shown: readonly NotificationFrame[];
  /** Every frame that came, shown or not. */
  readonly frames: readonly ServerFrame[];
  /** Resolves once so many were shown. */
  shows(count: number): Promise<readonly NotificationFrame[]>;
  /** Resolves with the first frame of this type, or the first after those that came before. */
  frame(type: ServerFrame['type']): Promise<ServerFrame>;
  send(frame: unknown): void;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly tenant?: string;
  /** The session of an earlier connection of the same app. */
  readonly session?: Session;
  readonly acknowledges?: boolean;
  readonly authenticatesByFrame?: boolean;
}

const patienceMs = 20_000;

/** Connects, and resolves when the app has got what it missed. */
export async function connectApp(stack: Stack, user: string, options: AppOptions = {}): Promise<App> {
  const token = await stack.token(user, options.tenant === undefined ? {} : { tenant: options.tenant });
  const { webSocketUrl } = stack.runtime;
  const byFrame = options.authenticatesByFrame ?? false;
  const app = openApp(byFrame ? webSocketUrl : `${webSocketUrl}?token=${token}`, options);
  if (byFrame) {
    await new Promise((resolve) => app.socket.once('open', resolve));
    app.send({ type: 'authenticate', token });
  }
  await app.frame('resumed');
  return app;
}

export function openApp(url: string, { session = createSession(), acknowledges = true }: AppOptions = {}): App {
  const socket = new WebSocket(url);
  const shown: NotificationFrame[] = [];
  const frames: ServerFrame[] = [];
  const changed = new Set<() => void>();
  const send = (frame: unknown): void => {
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  };
  socket.on('message', (data: Buffer) => {
    const frame = serverFrame.parse(JSON.parse(data.toString()));
    frames.push(frame);
    const step = session.receive(frame);
    shown.push(...step.show);
    step.send.forEach(send);
    if (acknowledges) {
      for (const position of session.unacknowledged()) send({ type: 'acknowledge', ...position });
    }
    for (const check of changed) check();
  });
  const until = <Found>(what: string, find: () => Found | undefined): Promise<Found> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        changed.delete(check);
        reject(new Error(`${what} did not come; frames: ${JSON.stringify(frames).slice(0, 2_000)}`));
      }, patienceMs);
      const check = (): void => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        changed.delete(check);
        resolve(found);
      };
      changed.add(check);
      check();
    });
  return {
    socket,
    shown,
    frames,
    shows: (count) => until(`${String(count)} notifications`, () => (shown.length >= count ? shown : undefined)),
    frame: (type) => until(`a ${type} frame`, () => frames.find((frame) => frame.type === type)),
    send,
    close: () =>
      new Promise((resolve) => {
        socket.once('close', () => {
          resolve();
        });
        socket.close();
      }),
  };
}

/** How the gateway answered an upgrade that it refused. */
export function refusedStatus(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('open', () => {
      socket.terminate();
      reject(new Error('the socket opened'));
    });
    socket.on('error', () => undefined);
  });
}
