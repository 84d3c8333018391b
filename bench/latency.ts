// npm run bench: time from the CRM's call to the app, beside a Socket.IO server that stores nothing, in the same run.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Crowd } from './crowds.ts';
import { bellhopCrowd, peerCrowd } from './crowds.ts';
import { startProcess } from './processes.ts';
import type { Quantiles } from './quantiles.ts';
import { quantilesOf } from './quantiles.ts';

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '1000' },
    broadcasts: { type: 'string', default: '10' },
    unicasts: { type: 'string', default: '200' },
  },
});
const sockets = Number(values.sockets);
const broadcasts = Number(values.broadcasts);
const unicasts = Number(values.unicasts);
const key = 'bench-key';
const warmUpRounds = 30;
const settleMs = 5_000;

process.stdout.write(
  `${String(sockets)} sockets, ${String(broadcasts)} broadcasts to all, ${String(unicasts)} to one\n`,
);
const bellhop = await measureBellhop();
const peer = await measurePeer();
process.stdout.write('\nms from the call to the app                    p50       p99       max   samples\n');
line('Bellhop, to one (stored, queued, logged)', bellhop.toOne);
line('Socket.IO, to one (kept nowhere)', peer.toOne);
line('Bellhop, to all', bellhop.toAll);
line('Socket.IO, to all', peer.toAll);
process.stdout.write(
  `\nBellhop / Socket.IO, p50: to one ${ratio(bellhop.toOne, peer.toOne)}, to all ${ratio(bellhop.toAll, peer.toAll)}\n`,
);

interface Measured {
  readonly toOne: Quantiles;
  readonly toAll: Quantiles;
}

async function measureBellhop(): Promise<Measured> {
  const directory = await mkdtemp(join(tmpdir(), 'bellhop-bench-'));
  const environment = { PORT: '0', BELLHOP_DATA_DIR: directory, INTERNAL_API_SECRET: key };
  const server = await startProcess(
    new URL('../commands/start.ts', import.meta.url),
    ['--parameter', 'RateLimitPerMinute=1000000'],
    environment,
    'Bellhop is ready',
  );
  try {
    const httpUrl = /HTTP API +(\S+)\/api/.exec(server.output)?.[1] ?? '';
    const webSocketUrl = /WebSocket +(\S+)/.exec(server.output)?.[1] ?? '';
    return await measure('Bellhop', await bellhopCrowd({ httpUrl, webSocketUrl, key, directory, sockets }));
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measurePeer(): Promise<Measured> {
  const server = await startProcess(new URL('./peer.ts', import.meta.url), [], {}, 'peer is ready');
  try {
    const url = /http:\S+/.exec(server.output)?.[0] ?? '';
    return await measure('Socket.IO', await peerCrowd(url, sockets));
  } finally {
    await server.stop();
  }
}

async function measure(name: string, crowd: Crowd): Promise<Measured> {
  process.stdout.write(`${name}: ${String(sockets)} sockets are connected\n`);
  try {
    for (let round = 0; round < warmUpRounds; round += 1) await crowd.send(round % sockets);
    const toOne: number[] = [];
    for (let round = 0; round < unicasts; round += 1) toOne.push(...(await crowd.send(round % sockets)));
    const toAll: number[] = [];
    for (let round = 0; round < broadcasts; round += 1) {
      toAll.push(...(await crowd.send(null)));
      // Every socket acknowledges within a second; the next broadcast does not wait behind that.
      await setTimeout(settleMs);
    }
    process.stdout.write(`${name}: every notification arrived at every socket\n`);
    return { toOne: quantilesOf(toOne), toAll: quantilesOf(toAll) };
  } finally {
    crowd.close();
  }
}

function line(name: string, { count, p50, p99, max }: Quantiles): void {
  const columns = [p50, p99, max].map((ms) => ms.toFixed(1).padStart(10)).join('');
  process.stdout.write(`${name.padEnd(42)}${columns}${String(count).padStart(10)}\n`);
}

function ratio(ours: Quantiles, theirs: Quantiles): string {
  return (ours.p50 / theirs.p50).toFixed(1);
}
