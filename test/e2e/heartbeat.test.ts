// A last frame that is lost: nothing comes after it that would show a gap, so the next heartbeat does.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectApp } from './app.ts';
import type { Stack } from './stack.ts';
import { broadcastIdOf, reportWhen, startStack } from './stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

async function publish(audience: object): Promise<string> {
  return broadcastIdOf(await stack.call('POST', '/api/broadcasts', { event: 'news', data: {}, audience }));
}

it.each([
  ['to one', { users: ['beats'] }, 'user:beats'],
  ['to everybody', { everyone: true }, 'all'],
])('a notification %s that was lost as the last frame is shown after one ping', async (_, audience, topic) => {
  let losing = true;
  const loses = (frame: { readonly type: string; readonly seq?: number | undefined }): boolean =>
    losing && frame.type === 'notification' && frame.seq === 2;
  const app = await connectApp(stack, 'beats', { loses });
  const first = await publish(audience);
  await app.shows(1);
  const lost = await publish(audience);
  await reportWhen(stack, lost, (counts) => counts['sent'] === 1);
  losing = false;
  expect(app.shown.map(({ id }) => id)).toEqual([first]);
  app.send(app.session.heartbeat());
  const pong = await app.frame('pong');
  expect(pong.heads).toContainEqual(expect.objectContaining({ topic, seq: 2 }));
  expect(pong.unread).toContainEqual(expect.objectContaining({ topic, count: 2, asOfSeq: 2 }));
  expect((await app.shows(2)).map(({ id }) => id)).toEqual([first, lost]);
  const report = await reportWhen(stack, lost, (counts) => counts['delivered'] === 1);
  expect(report['counts']).toMatchObject({ sent: 0, delivered: 1 });
  await app.close();
});
