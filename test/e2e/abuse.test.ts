// Abuse, in every dialect: what is wrong is refused bound to its frame and the socket stays, too much closes it, and others go on undisturbed.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DialectName } from '../../shared/protocol/dialect-names.ts';
import { dialectNames } from '../../shared/protocol/dialect-names.ts';
import { frameLimits } from '../../shared/protocol/limits.ts';
import type { App } from './app.ts';
import { connectApp } from './app.ts';
import type { Line } from './line.ts';
import type { Reply } from './speakers.ts';
import { replyIn, speakers } from './speakers.ts';
import type { Stack } from './stack.ts';
import { broadcastIdOf, startStack } from './stack.ts';

let stack: Stack;
/** Somebody of the same tenant who does nothing wrong. */
let peer: App;
const lines: Line[] = [];
let frames = 0;

beforeAll(async () => {
  stack = await startStack();
  peer = await connectApp(stack, 'peer');
});
afterEach(() => {
  for (const line of lines.splice(0)) line.close();
});
afterAll(async () => {
  await peer.close();
  await stack.stop();
});

async function open(dialect: DialectName, user: string): Promise<Line> {
  const line = await speakers[dialect].open(stack, user);
  lines.push(line);
  return line;
}

/** Of a number, because Socket.IO's acks have no other ids. */
function newId(): string {
  frames += 1;
  return String(frames);
}

/** What has come so far about frames. */
function repliesOn(dialect: DialectName, line: Line): readonly Reply[] {
  return line.texts.flatMap((text) => replyIn(dialect, text) ?? []);
}

async function replyWhere(dialect: DialectName, line: Line, what: string, is: (reply: Reply) => boolean) {
  const fits = (text: string): boolean => {
    const reply = replyIn(dialect, text);
    return reply !== null && is(reply);
  };
  return replyIn(dialect, await line.until(what, fits));
}

/** Sends so many harmless frames at once; returns their ids. */
function burst(dialect: DialectName, line: Line, user: string, count: number): ReadonlySet<string> {
  const ids = Array.from({ length: count }, newId);
  for (const id of ids) line.send(speakers[dialect].harmless(id, user));
  return new Set(ids);
}

/** The other one gets what is published now, and its own frames are answered. */
async function peerIsWell(): Promise<void> {
  const audience = { users: ['peer'] };
  const id = broadcastIdOf(await stack.call('POST', '/api/broadcasts', { event: 'news', data: {}, audience }));
  await peer.frameWhere('notification', (frame) => frame.id === id);
  const ping = `peer-${newId()}`;
  peer.send({ type: 'ping', id: ping });
  await peer.frameWhere('pong', ({ replyTo }) => replyTo === ping);
}

describe.each(dialectNames)('a client of %s', (dialect) => {
  const user = `abuser-${dialect}`;
  const { bad, harmless } = speakers[dialect];

  it('is told what is wrong with each frame, and goes on', async () => {
    const line = await open(dialect, user);
    for (const { what, text, code, field, isUnbound = false } of bad) {
      const told = repliesOn(dialect, line).length;
      const id = newId();
      line.send(text(id));
      await expect.poll(() => repliesOn(dialect, line).length, { timeout: 20_000, message: what }).toBe(told + 1);
      const reply = repliesOn(dialect, line).at(-1);
      expect({ what, ...reply }).toMatchObject({ what, to: isUnbound ? undefined : id, code, isClosing: false });
      if (field !== undefined) expect({ what, field: reply?.field }).toEqual({ what, field });
    }
    const last = newId();
    line.send(harmless(last, user));
    expect(await replyWhere(dialect, line, 'an answer', ({ to }) => to === last)).toMatchObject({ code: null });
    expect(line.isOpen()).toBe(true);
    await peerIsWell();
  });

  it('is cut off by a frame that is too long, with 1009', async () => {
    const line = await open(dialect, user);
    line.send(`${harmless(newId(), user)}${' '.repeat(33 * 1_024)}`);
    expect(await line.closed).toBe(1009);
    await peerIsWell();
  });

  it('is cut off by a binary frame, with 1003', async () => {
    const line = await open(dialect, user);
    line.send(Buffer.from(harmless(newId(), user)));
    expect(await line.closed).toBe(1003);
    await peerIsWell();
  });

  it('is answered up to the limit, refused frame by frame beyond it, and stays', async () => {
    const line = await open(dialect, user);
    const sent = new Set<string>();
    const refused = (): readonly Reply[] => repliesOn(dialect, line).filter(({ code }) => code !== null);
    // A burst may fall into two windows, so that neither has too many; the next one does not.
    for (let bursts = 0; bursts < 2 && refused().length === 0; bursts += 1) {
      for (const id of burst(dialect, line, user, 150)) sent.add(id);
      await peerIsWell();
      await expect.poll(() => repliesOn(dialect, line).length, { timeout: 25_000 }).toBe(sent.size);
    }
    const replies = repliesOn(dialect, line);
    expect(new Set(replies.map(({ to }) => to))).toEqual(sent);
    expect(replies.filter(({ code }) => code === null).length).toBeGreaterThanOrEqual(frameLimits.framesMax / 2);
    expect(new Set(refused().map(({ code }) => code))).toEqual(new Set(['rate_limited']));
    expect(refused().some(({ isClosing }) => isClosing)).toBe(false);
    expect(line.isOpen()).toBe(true);
  }, 60_000);

  it('is told why and closed when it goes on and on', async () => {
    const line = await open(dialect, user);
    let isClosed = false;
    void line.closed.then(() => {
      isClosed = true;
    });
    burst(dialect, line, user, 600);
    await peerIsWell();
    // Should the first have fallen into two windows, the second is too much in any case.
    const seen = (): boolean => isClosed || repliesOn(dialect, line).length >= 600;
    await expect.poll(seen, { timeout: 40_000 }).toBe(true);
    if (line.isOpen()) burst(dialect, line, user, 600);
    await line.closed;
    const last = repliesOn(dialect, line).filter(({ code }) => code !== null);
    expect(new Set(last.map(({ code }) => code))).toEqual(new Set(['rate_limited']));
    // Socket.IO has a packet that ends a connection; the products' own messages have no word for it.
    if (dialect === 'bellhop') expect(last.some(({ isClosing }) => isClosing)).toBe(true);
    if (dialect === 'socketio') expect(line.texts).toContain('41');
    await peerIsWell();
  }, 90_000);
});
