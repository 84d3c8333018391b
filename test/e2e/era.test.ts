// The table of logs was restored: a new era begins, and clients that come back with their old session lose and repeat nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSession } from '../../commands/session.ts';
import type { NotificationFrame } from '../../shared/protocol/server-frames.ts';
import type { App } from './app.ts';
import { connectApp } from './app.ts';
import type { Stack } from './stack.ts';
import { broadcastIdOf, reportWhen, startStack } from './stack.ts';

let directory: string;
let stack: Stack;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bellhop-era-'));
  stack = await startStack({ directory });
});
afterAll(async () => {
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
});

async function publish(audience: object): Promise<string> {
  return broadcastIdOf(await stack.call('POST', '/api/broadcasts', { event: 'news', data: {}, audience }));
}

const toBoth = { users: ['stays', 'leaves'] };

function idsIn(topic: string, ...shown: readonly (readonly NotificationFrame[])[]): readonly string[] {
  return shown.flat().flatMap((frame) => (frame.topic === topic ? [frame.id] : []));
}

async function closeAll(...apps: readonly App[]): Promise<void> {
  await Promise.all(apps.map((app) => app.close()));
}

it('a client that comes back is told of the new epoch, and goes on where it was', async () => {
  const sessions = { stays: createSession(), leaves: createSession() };
  const stays = await connectApp(stack, 'stays', { session: sessions.stays });
  const leaves = await connectApp(stack, 'leaves', { session: sessions.leaves });
  const first = await publish(toBoth);
  await Promise.all([stays.shows(1), leaves.shows(1)]);
  await reportWhen(stack, first, (counts) => counts['delivered'] === 2);
  await leaves.close();
  const second = await publish(toBoth);
  await stays.shows(2);
  const wide = await publish({ everyone: true });
  await stays.shows(3);
  for (const id of [second, wide]) await reportWhen(stack, id, (counts) => counts['delivered'] === 1);
  await stays.close();
  await stack.stop();

  stack = await startStack({ directory, parameters: { LogEra: '2' } });
  const third = await publish(toBoth);
  const staysAgain = await connectApp(stack, 'stays', { session: sessions.stays });
  const leavesAgain = await connectApp(stack, 'leaves', { session: sessions.leaves });
  await Promise.all([staysAgain.shows(1), leavesAgain.shows(3)]);
  for (const [app, topic, seq] of [
    [staysAgain, 'user:stays', 2],
    [leavesAgain, 'user:leaves', 1],
  ] as const) {
    const reset = await app.frameWhere('reset', (frame) => frame.topic === topic);
    expect(reset).toMatchObject({ seq, reason: 'new_epoch' });
  }
  const last = await publish({ everyone: true });
  await Promise.all([staysAgain.shows(2), leavesAgain.shows(4)]);
  expect(idsIn('user:stays', stays.shown, staysAgain.shown)).toEqual([first, second, third]);
  expect(idsIn('user:leaves', leaves.shown, leavesAgain.shown)).toEqual([first, second, third]);
  expect(idsIn('all', stays.shown, staysAgain.shown)).toEqual([wide, last]);
  expect(idsIn('all', leaves.shown, leavesAgain.shown)).toEqual([wide, last]);

  for (const id of [first, second, third, wide, last]) {
    const report = await reportWhen(stack, id, (counts) => counts['delivered'] === 2);
    expect(report['counts']).toMatchObject({ queued: 0, sent: 0, delivered: 2 });
  }
  const { topic = '', epoch = '' } = staysAgain.shown.find(({ id }) => id === third) ?? {};
  staysAgain.send({ type: 'read', id: 'all-of-it', topic, epoch, upToSeq: 3 });
  const unread = await staysAgain.frameWhere('unread', ({ replyTo }) => replyTo === 'all-of-it');
  expect(unread).toMatchObject({ topic: 'user:stays', epoch, count: 0, asOfSeq: 3, readSeq: 3 });
  const report = await reportWhen(stack, third, (counts) => counts['read'] === 1);
  expect(report['counts']).toMatchObject({ delivered: 1, read: 1 });
  await closeAll(staysAgain, leavesAgain);
});
