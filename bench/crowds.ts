// Many clients of one server, and the way to send them something and time its arrival at each.
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { createSession } from '../commands/session.ts';
import { openIssuer } from '../local/issuer.ts';
import type { WireFrame } from '../shared/protocol/server-frames.ts';
import { payload } from './payload.ts';

export interface Crowd {
  /** Sends to one socket, or to all when null; resolves when it arrived everywhere, with the ms that it took for each. */
  send(to: number | null): Promise<readonly number[]>;
  close(): void;
}

/** Tells when what is under way has arrived. */
interface Arrivals {
  readonly begin: (expected: number) => Promise<readonly number[]>;
  readonly arrived: () => void;
}

const tokenLifetimeMs = 3_600_000;
const acknowledgeEveryMs = 1_000;
const patienceMs = 60_000;
const openAtOnce = 20;

function arrivals(): Arrivals {
  let startedMs = 0;
  let times: number[] = [];
  let expected = 0;
  let done: (times: readonly number[]) => void = () => undefined;
  return {
    begin: (count) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`${String(times.length)} of ${String(count)} arrived within a minute`));
        }, patienceMs);
        times = [];
        expected = count;
        done = (all) => {
          clearTimeout(timer);
          resolve(all);
        };
        startedMs = performance.now();
      }),
    arrived: () => {
      times.push(performance.now() - startedMs);
      if (times.length === expected) done(times);
    },
  };
}

export interface BellhopTarget {
  readonly httpUrl: string;
  readonly webSocketUrl: string;
  readonly key: string;
  readonly directory: string;
  readonly sockets: number;
}

export async function bellhopCrowd(target: BellhopTarget): Promise<Crowd> {
  const issuer = await openIssuer(target.directory);
  const underWay = arrivals();
  const clients = await openMany(target.sockets, async (index) => {
    const claims = { user: userName(index), tenant: 'default', roles: [], lifetimeMs: tokenLifetimeMs };
    const token = await issuer.sign(claims, Date.now());
    return openBellhop(`${target.webSocketUrl}?token=${token}`, underWay);
  });
  return {
    send: async (to) => {
      const all = underWay.begin(to === null ? target.sockets : 1);
      await post(
        `${target.httpUrl}/api/notifications/broadcast`,
        { 'x-internal-api-key': target.key },
        {
          eventType: 'task:new',
          taskData: payload,
          ...(to === null ? {} : { contractorIds: [userName(to)] }),
        },
      );
      return all;
    },
    close: () => {
      clients.forEach((close) => {
        close();
      });
    },
  };
}

function openBellhop(url: string, underWay: Arrivals): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const session = createSession();
    const socket = new WebSocket(url);
    const timer = setInterval(() => {
      for (const position of session.unacknowledged())
        socket.send(JSON.stringify({ type: 'acknowledge', ...position }));
    }, acknowledgeEveryMs);
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as WireFrame;
      const step = session.receive(frame);
      step.show.forEach(underWay.arrived);
      for (const ask of step.send) socket.send(JSON.stringify(ask));
      if (frame.type === 'resumed') {
        resolve(() => {
          clearInterval(timer);
          socket.terminate();
        });
      }
    });
  });
}

export async function peerCrowd(url: string, sockets: number): Promise<Crowd> {
  const underWay = arrivals();
  const clients = await openMany(
    sockets,
    (index) =>
      new Promise<() => void>((resolve) => {
        const options = { transports: ['websocket'], forceNew: true, query: { user: userName(index) } };
        const socket = io(url, options);
        socket.on('notification', underWay.arrived);
        socket.on('connect', () => {
          resolve(() => socket.disconnect());
        });
      }),
  );
  return {
    send: async (to) => {
      const all = underWay.begin(to === null ? sockets : 1);
      await post(url, {}, { user: to === null ? null : userName(to), payload });
      return all;
    },
    close: () => {
      clients.forEach((close) => {
        close();
      });
    },
  };
}

/** Opens a few at a time: a gateway admits some hundred new connections a second. */
async function openMany(count: number, open: (index: number) => Promise<() => void>): Promise<readonly (() => void)[]> {
  const closers: (() => void)[] = [];
  for (let from = 0; from < count; from += openAtOnce) {
    const some = Array.from({ length: Math.min(openAtOnce, count - from) }, (_, index) => open(from + index));
    closers.push(...(await Promise.all(some)));
  }
  return closers;
}

async function post(url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  await answer.arrayBuffer();
  if (answer.status !== 202) throw new Error(`${url} answered ${String(answer.status)}`);
}

function userName(index: number): string {
  return `contractor${String(index)}`;
}
