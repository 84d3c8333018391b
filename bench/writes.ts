// npm run bench:writes: DynamoDB write units for each delivered notification, beside a design with a row for each recipient.
import { parseArgs } from 'node:util';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { openHotel } from './hotel.ts';
import { checkMeter } from './meter-check.ts';
import type { MeteredTables } from './metered-tables.ts';
import { openMeteredTables } from './metered-tables.ts';
import { payload } from './payload.ts';
import type { Tally } from './write-units.ts';
import { tallyOf } from './write-units.ts';

const { values } = parseArgs({
  options: { users: { type: 'string', default: '10000' }, broadcasts: { type: 'string', default: '20' } },
});
const users = Number(values.users);
const broadcasts = Number(values.broadcasts);
const claim = 0.1;
const usersPerStep = 2_000;
const broadcastsPerStep = 5;
const peerRows = 500;
const startedMs = performance.now();

interface Counted {
  readonly deliveries: number;
  readonly tally: Tally;
}

say('synthesizing the stack, for its tables');
const tables = await openMeteredTables();
try {
  await checkMeter(tables);
  say('the meter is right for items of 1 to 3 KB, the index, and conditions that fail');
  const { stream, lone } = await measureBellhop();
  const peer = await measurePeer();
  print(stream, lone, peer);
  if (perDelivery(stream) > claim) process.exitCode = 1;
} finally {
  await tables.close();
}

async function measureBellhop(): Promise<{ readonly stream: Counted; readonly lone: Counted }> {
  const hotel = openHotel(tables);
  const names = Array.from({ length: users }, (_, index) => `contractor${String(index)}`);
  for (let from = 0; from < users; from += usersPerStep) {
    await hotel.connect(names.slice(from, from + usersPerStep));
    say(`${String(Math.min(from + usersPerStep, users))} users are connected`);
  }
  const counted = async (work: () => Promise<void>, expected: number): Promise<Counted> => {
    tables.take();
    const before = hotel.shown();
    await work();
    const deliveries = hotel.shown() - before;
    if (deliveries !== expected) throw new Error(`${String(deliveries)} of ${String(expected)} were shown`);
    return { deliveries, tally: tallyOf(tables.take()) };
  };
  const stream = await counted(async () => {
    for (let number = 1; number <= broadcasts; number += 1) {
      await hotel.broadcast(`stream-${String(number)}`);
      if (number % broadcastsPerStep === 0) say(`${String(number)} broadcasts, each to ${String(users)} users`);
    }
    await hotel.settle();
  }, broadcasts * users);
  const lone = await counted(async () => {
    await hotel.broadcast('lone');
    await hotel.settle();
  }, users);
  say('one more broadcast, acknowledged at once');
  return { stream, lone };
}

/** What most would build: a row for each recipient, and a change of it when it is delivered. A sample of them is written. */
async function measurePeer(): Promise<Counted> {
  const { documents, extraName: TableName }: MeteredTables = tables;
  tables.take();
  for (let row = 0; row < peerRows; row += 1) {
    const Key = { pk: `contractor${String(row)}`, sk: '01KAJ7F0QZ3N8V5X2M9T4R6W1B' };
    const createdAt = new Date().toISOString();
    const Item = { ...Key, event: 'task:new', data: { taskData: payload }, status: 'sent', createdAt };
    await documents.send(new PutCommand({ TableName, Item }));
    await documents.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: 'SET #status = :delivered, deliveredAt = :at',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':delivered': 'delivered', ':at': new Date().toISOString() },
      }),
    );
  }
  return { deliveries: peerRows, tally: tallyOf(tables.take()) };
}

function perDelivery({ deliveries, tally }: Counted): number {
  return tally.total / deliveries;
}

function print(stream: Counted, lone: Counted, peer: Counted): void {
  process.stdout.write('\nDynamoDB write units                                     units   a delivery\n');
  table(`(a) ${String(broadcasts)} broadcasts to ${String(users)} users, acknowledged every 20`, stream);
  table(`(b) one broadcast to ${String(users)} users, acknowledged at once`, lone);
  table(`a row for each recipient, and one change of it (${String(peerRows)} written)`, peer);
  const verdict = perDelivery(stream) > claim ? 'MORE than' : 'at most';
  const times = (counted: Counted): string => (perDelivery(peer) / perDelivery(counted)).toFixed(1);
  process.stdout.write(
    `(a) takes ${verdict} ${String(claim)} write units a delivery. A row for each recipient takes ${times(stream)} times as many as (a), and ${times(lone)} times as many as (b).\n` +
      'Not counted, since it is not for a delivery: connecting, and the lease that each ping renews, every five minutes.\n',
  );
}

function table(title: string, { deliveries, tally }: Counted): void {
  process.stdout.write(`${title}\n`);
  for (const [use, units] of [...tally.uses, ['together', tally.total] as const]) {
    const columns = `${String(units).padStart(10)}${(units / deliveries).toFixed(5).padStart(13)}`;
    process.stdout.write(`    ${use.padEnd(46)}${columns}\n`);
  }
}

function say(line: string): void {
  process.stdout.write(`${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(4)} s  ${line}\n`);
}
