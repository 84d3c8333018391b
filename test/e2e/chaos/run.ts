// Clients, a CRM and a runtime that is killed, on real sockets; afterwards everybody is waited for, and judged.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIssuer } from '../../../local/issuer.ts';
import type { Random } from '../../simulation/random.ts';
import { randomFrom } from '../../simulation/random.ts';
import type { ChaosClient } from './client.ts';
import { startClient } from './client.ts';
import type { Crm } from './crm.ts';
import { startCrm } from './crm.ts';
import type { Verdict } from './judge.ts';
import { isAddressed, judge } from './judge.ts';
import type { ChaosServer } from './server.ts';
import { startServer } from './server.ts';

export interface ChaosOptions {
  readonly clients: number;
  readonly kills: number;
  /** How long broadcasts are sent; the kills are spread over this time. */
  readonly seconds: number;
  readonly seed: number;
  /** Gets a line now and then. */
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly verdict: Verdict;
  readonly broadcasts: number;
  /** Calls of the CRM that were repeated. */
  readonly repetitions: number;
  /** Connections that were made, over all clients. */
  readonly connections: number;
  /** How long after the last broadcast was accepted the last client had everything. */
  readonly caughtUpMs: number;
}

const apiKey = 'chaos-key';
const openAtOnce = 20;
const callers = 4;
/** What two cores can take: more clients are each told, and cut, less often. */
const pauseMsPerClient = 5;
const pauseMsMin = 200;
const cutEveryMs = 400;
const sayEveryMs = 5_000;
const lookEveryMs = 200;
const joinWithinMs = 120_000;
const catchUpWithinMs = 120_000;
const tokenLifetimeMs = 3_600_000;

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const directory = await mkdtemp(join(tmpdir(), 'bellhop-chaos-'));
  const random = randomFrom(options.seed);
  const clients: ChaosClient[] = [];
  let server: ChaosServer | undefined;
  try {
    server = await startServer(directory, apiKey);
    await joinAll(options, server, directory, random, clients);
    const users = [...new Set(clients.map(({ user }) => user))];
    const pauseMs = pauseMsMin + pauseMsPerClient * options.clients;
    const crm = startCrm({ ...server, apiKey, users, random: random.fork('crm'), callers, pauseMs });
    const talking = setInterval(() => {
      options.say(progress(clients, crm));
    }, sayEveryMs);
    try {
      await killOnTheWay(options, server, random.fork('kills'));
      await crm.finish();
      const finishedMs = performance.now();
      options.say(`all ${String(crm.accepted.length)} broadcasts are accepted; waiting for the clients`);
      // Whether it came to that is for the judge to say.
      await until(catchUpWithinMs, () => clients.every((client) => hasAll(client, crm)));
      return {
        verdict: judge(clients, crm.accepted),
        broadcasts: crm.accepted.length,
        repetitions: crm.repetitions(),
        connections: clients.reduce((sum, client) => sum + client.connections(), 0),
        caughtUpMs: performance.now() - finishedMs,
      };
    } finally {
      clearInterval(talking);
    }
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await server?.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Every tenth client is the second device of a user. All have been greeted before the first broadcast, so that nobody joins late. */
async function joinAll(
  { clients: count, say }: ChaosOptions,
  { webSocketUrl }: ChaosServer,
  directory: string,
  random: Random,
  clients: ChaosClient[],
): Promise<void> {
  const issuer = await openIssuer(directory);
  for (let from = 0; from < count; from += openAtOnce) {
    for (let index = from; index < Math.min(from + openAtOnce, count); index += 1) {
      const isSecond = index % 10 === 9;
      const user = `user-${String(isSecond ? index - 1 : index)}`;
      const name = isSecond ? `${user} (second device)` : user;
      const claims = { user, tenant: 'default', roles: [], lifetimeMs: tokenLifetimeMs };
      const token = async (): Promise<string> => issuer.sign(claims, Date.now());
      const cutAfterMs = cutEveryMs * count;
      clients.push(startClient({ name, user, webSocketUrl, token, random: random.fork(name), cutAfterMs }));
    }
    const joined = await until(joinWithinMs, () => clients.every((client) => client.connections() > 0));
    if (!joined) throw new Error('not every client was greeted within two minutes');
    say(`${String(clients.length)} clients are connected`);
  }
}

/** The kills come at even distances, each a little earlier or later. */
async function killOnTheWay({ kills, seconds, say }: ChaosOptions, server: ChaosServer, random: Random): Promise<void> {
  const startedMs = performance.now();
  const distanceMs = (seconds * 1_000) / (kills + 1);
  for (let kill = 1; kill <= kills; kill += 1) {
    const atMs = startedMs + distanceMs * (kill + (random.next() - 0.5) / 2);
    await wait(atMs - performance.now());
    say(`kill -9, ${String(kill)} of ${String(kills)}`);
    const downMs = await server.killAndStart();
    say(`the runtime is ready again after ${(downMs / 1_000).toFixed(1)} s`);
  }
  await wait(startedMs + seconds * 1_000 - performance.now());
}

function hasAll({ user, shown }: ChaosClient, { accepted }: Crm): boolean {
  return shown.length >= accepted.filter((broadcast) => isAddressed(broadcast, user)).length;
}

function progress(clients: readonly ChaosClient[], crm: Crm): string {
  const connected = clients.filter((client) => client.isConnected()).length;
  const shown = clients.reduce((sum, client) => sum + client.shown.length, 0);
  const behind = clients.filter((client) => !hasAll(client, crm)).length;
  return `${String(crm.accepted.length)} broadcasts accepted, ${String(shown)} notifications shown; ${String(connected)} clients connected, ${String(behind)} behind`;
}

/** Waits for a condition, at most so long; returns whether it came true. */
async function until(withinMs: number, isThere: () => boolean): Promise<boolean> {
  const untilMs = performance.now() + withinMs;
  while (!isThere() && performance.now() < untilMs) await wait(lookEveryMs);
  return isThere();
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
}
