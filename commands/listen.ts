// npm run listen: a small client that connects, prints what arrives, and acknowledges it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import type { ClientFrame } from '../shared/protocol/client-frames.ts';
import type { ConnectedFrame, NotificationFrame, WireFrame } from '../shared/protocol/server-frames.ts';
import { serverFrame } from '../shared/protocol/server-frames.ts';
import { openIssuer } from '../local/issuer.ts';
import type { Session } from './session.ts';
import { createSession } from './session.ts';
import { dataDirectory, identityOptions, portOf, runCommand, UsageError } from './settings.ts';

/** One acknowledgement covers all that arrived since the last. */
const acknowledgeEveryMs = 1_000;
const reconnectFirstMs = 250;
const reconnectMaxMs = 10_000;
const tokenLifetimeMs = 3_600_000;
const greetingWithinMs = 20_000;
const renewBeforeMs = 60_000;

interface Target {
  readonly url: string;
  readonly token: () => Promise<string>;
}

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      ...identityOptions,
      url: { type: 'string' },
      token: { type: 'string' },
    },
  });
  const { user, tenant, role: roles, token } = values;
  if (user === undefined && token === undefined) {
    throw new UsageError('--user is missing: npm run listen -- --user contractor1');
  }
  const issuer = await openIssuer(dataDirectory(process.env));
  const target: Target = {
    url: values.url ?? localUrl(),
    token: () =>
      token === undefined
        ? issuer.sign({ user: user ?? '', tenant, roles, lifetimeMs: tokenLifetimeMs }, Date.now())
        : Promise.resolve(token),
  };
  const session = createSession();
  // What was shown before a drop is remembered by the session, so it can reconnect for ever.
  for (let failures = 0; ; failures += 1) {
    const opened = await listenOnce(target, session);
    if (opened) failures = 0;
    const ceilingMs = Math.min(reconnectFirstMs * 2 ** failures, reconnectMaxMs);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * ceilingMs));
  }
});

/** The address of the runtime that uses this data folder, or of one that will be started on the usual port. */
function localUrl(): string {
  try {
    const runtime = JSON.parse(readFileSync(join(dataDirectory(process.env), 'runtime.json'), 'utf8')) as unknown;
    if (typeof runtime === 'object' && runtime !== null && 'webSocketUrl' in runtime)
      return String(runtime.webSocketUrl);
  } catch {
    // No runtime has run here yet.
  }
  return `ws://127.0.0.1:${String(portOf(process.env))}/ws`;
}

/** Listens until the socket closes; says whether it had been greeted. */
async function listenOnce(target: Target, session: Session): Promise<boolean> {
  const token = await target.token();
  return new Promise((resolve) => {
    let opened = false;
    const socket = new WebSocket(target.url);
    const send = (frame: ClientFrame): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    };
    const timers = [
      setInterval(() => {
        acknowledge(session, send);
      }, acknowledgeEveryMs),
    ];
    // A socket that opens and is never greeted is of no use; the next one may be.
    const ungreeted = setTimeout(() => {
      socket.close();
    }, greetingWithinMs);
    socket.on('open', () => {
      send({ type: 'authenticate', token });
    });
    socket.on('message', (data: Buffer) => {
      const frame = serverFrame.safeParse(JSON.parse(data.toString()));
      if (!frame.success) {
        say(`not understood: ${data.toString()}`);
        return;
      }
      announce(frame.data);
      if (frame.data.type === 'connected') {
        opened = true;
        clearTimeout(ungreeted);
        timers.push(
          ...keepFresh(
            frame.data,
            () => {
              send(session.heartbeat());
            },
            () => {
              acknowledge(session, send);
              socket.close();
            },
          ),
        );
      }
      const unreadBefore = session.unread();
      const step = session.receive(frame.data);
      step.show.forEach(show);
      step.send.forEach(send);
      if (frame.data.type === 'unread' && session.unread() !== unreadBefore) say(`${String(session.unread())} unread`);
    });
    socket.on('error', (error) => {
      if (!opened) say(`cannot connect to ${target.url}: ${error.message}; trying again`);
    });
    socket.on('close', (code) => {
      clearTimeout(ungreeted);
      timers.forEach(clearTimeout);
      if (opened) say(`closed with code ${String(code)}; connecting again`);
      resolve(opened);
    });
  });
}

function acknowledge(session: Session, send: (frame: ClientFrame) => void): void {
  for (const position of session.unacknowledged()) send({ type: 'acknowledge', ...position });
}

/** Beats as often as the server asks, and closes before the connection expires: the next one has a new token. */
function keepFresh(greeting: ConnectedFrame, beat: () => void, close: () => void): readonly NodeJS.Timeout[] {
  say(`connected as ${greeting.user} of tenant ${greeting.tenant}`);
  const livesMs = Date.parse(greeting.expiresAt) - Date.now();
  return [
    setInterval(beat, greeting.heartbeatEveryMs),
    setTimeout(close, Math.max(livesMs - renewBeforeMs, livesMs / 2)),
  ];
}

/** Says what is nothing to show, and must not go unnoticed. */
function announce(frame: WireFrame): void {
  if (frame.type === 'error') say(`refused: ${frame.message}. ${frame.remedy}`);
  if (frame.type === 'skipped')
    say(`skipped: ${frame.topic} #${String(frame.fromSeq)} to #${String(frame.toSeq)}, ${frame.reason}`);
  if (frame.type === 'reset') say(`history was cut: ${frame.topic} goes on after #${String(frame.seq)}`);
}

function show(frame: NotificationFrame): void {
  const place = frame.topic === undefined ? 'ephemeral' : `${frame.topic} #${String(frame.seq)}`;
  say(`${frame.event}  ${place}  ${JSON.stringify(frame.data)}`);
}

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString()}  ${text}\n`);
}
