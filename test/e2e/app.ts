// An app for tests: connects a user with a real socket, keeps what is shown, and acknowledges it.
import { WebSocket } from 'ws';
import type { Session } from '../../commands/session.ts';
import { createSession } from '../../commands/session.ts';
import type { NotificationFrame, WireFrame } from '../../shared/protocol/server-frames.ts';
import { serverFrame } from '../../shared/protocol/server-frames.ts';
import type { Stack } from './stack.ts';

export interface App {
  readonly socket: WebSocket;
  readonly session: Session;
  /** What was shown, in order. */
  readonly shown: readonly NotificationFrame[];
  /** Every frame that came, shown or not. */
  readonly frames: readonly WireFrame[];
  /** Resolves once so many were shown. */
  shows(count: number): Promise<readonly NotificationFrame[]>;
  /** Resolves with the first frame of this type. */
  frame<Type extends WireFrame['type']>(type: Type): Promise<FrameOf<Type>>;
  /** Resolves with the first frame of this type that is as described. */
  frameWhere<Type extends WireFrame['type']>(type: Type, is: (frame: FrameOf<Type>) => boolean): Promise<FrameOf<Type>>;
  send(frame: unknown): void;
  /** Acknowledges what was shown. */
  acknowledge(): void;
  close(): Promise<void>;
}

export type FrameOf<Type extends WireFrame['type']> = Extract<WireFrame, { readonly type: Type }>;

export interface AppOptions {
  readonly tenant?: string;
  readonly roles?: readonly string[];
  /** The session of an earlier connection of the same app. */
  readonly session?: Session;
  /** Whether it acknowledges by itself, after each frame; it does unless told. */
  readonly acknowledges?: boolean;
  readonly authenticatesByFrame?: boolean;
  /** Frames that are lost on the way. */
  readonly loses?: (frame: WireFrame) => boolean;
  /** How long it is waited for what must come; less than the test may take. */
  readonly patienceMs?: number;
}

const usualPatienceMs = 20_000;

/** Connects, and resolves when the app has got what it missed. */
export async function connectApp(stack: Stack, user: string, options: AppOptions = {}): Promise<App> {
  const { tenant, roles } = options;
  const token = await stack.token(user, {
    ...(tenant === undefined ? {} : { tenant }),
    ...(roles === undefined ? {} : { roles }),
  });
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

export function openApp(url: string, options: AppOptions = {}): App {
  const { session = createSession(), acknowledges = true, loses = () => false, patienceMs = usualPatienceMs } = options;
  const socket = new WebSocket(url);
  const shown: NotificationFrame[] = [];
  const frames: WireFrame[] = [];
  const changed = new Set<() => void>();
  const send = (frame: unknown): void => {
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  };
  const acknowledge = (): void => {
    for (const position of session.unacknowledged()) send({ type: 'acknowledge', ...position });
  };
  socket.on('message', (data: Buffer) => {
    const frame = serverFrame.parse(JSON.parse(data.toString()));
    if (loses(frame)) return;
    frames.push(frame);
    const step = session.receive(frame);
    shown.push(...step.show);
    step.send.forEach(send);
    if (acknowledges) acknowledge();
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
  const frameWhere: App['frameWhere'] = (type, is) => {
    const fits = (frame: WireFrame): frame is FrameOf<typeof type> =>
      frame.type === type && is(frame as FrameOf<typeof type>);
    return until(`a ${type} frame`, () => frames.find(fits));
  };
  return {
    socket,
    session,
    shown,
    frames,
    shows: (count) => until(`${String(count)} notifications`, () => (shown.length >= count ? shown : undefined)),
    frame: (type) => frameWhere(type, () => true),
    frameWhere,
    send,
    acknowledge,
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
