// Random histories of one log, and of one client that follows it with interruptions; what the client must have then.
import fc from 'fast-check';
import { expect } from 'vitest';
import { everyone } from '../../shared/domain/topic.ts';
import { handleFrame } from '../../shared/usecases/handle-frame.ts';
import { joinTopics } from '../../shared/usecases/standing-cursors.ts';
import { aNotification } from '../builders/notification.ts';
import { intercepted } from './calls.ts';
import type { Device } from './device.ts';
import { deviceOf } from './device.ts';
import type { World } from './world.ts';
import { aWorld, everyFrameOf, openQuietly, send } from './world.ts';

const topic = everyone;
const connectionId = 'c1';

export type Step =
  | { readonly kind: 'append'; readonly livesMs: number; readonly forOthers: boolean }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'expire' | 'restore'; readonly seq: number }
  | { readonly kind: 'restart' | 'acknowledge' }
  /** `meanwhile` happens when `stopAfter` frames are sent, and then nothing more is: the client asks again. */
  | { readonly kind: 'resume'; readonly stopAfter: number; readonly meanwhile: Step | null };

const append = fc.record({
  kind: fc.constant('append' as const),
  livesMs: fc.integer({ min: 1, max: 6 }),
  forOthers: fc.boolean(),
});
const change = fc.oneof(
  { weight: 8, arbitrary: append },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('expire' as const, 'restore' as const), seq: fc.nat(12) }),
  },
);
const other = fc.record({ kind: fc.constantFrom('restart' as const, 'acknowledge' as const) });
const resume = fc.record({
  kind: fc.constant('resume' as const),
  stopAfter: fc.nat(5),
  meanwhile: fc.option(change),
});

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof({ weight: 8, arbitrary: change }, { weight: 1, arbitrary: other }, { weight: 3, arbitrary: resume }),
  { maxLength: 30 },
);

interface Fact {
  readonly expiresAtMs: number;
  readonly forOthers: boolean;
}

/** What has happened: the ids of the log in each of its epochs, and what is true of each id. */
export interface History {
  readonly world: World;
  readonly facts: Map<string, Fact>;
  readonly epochs: Map<string, string[]>;
  /** Epochs of which the log has forgotten everything. */
  readonly forgotten: Set<string>;
  epoch: string;
  goneSeq: number;
}

/** A log with some entries of which the user, who joins then, gets nothing. */
export async function begin(before: number): Promise<History> {
  const world = aWorld();
  const { epoch } = await world.logs.head('default', topic);
  const history = {
    world,
    facts: new Map(),
    epochs: new Map([[epoch, []]]),
    forgotten: new Set<string>(),
    epoch,
    goneSeq: 0,
  };
  for (let number = 0; number < before; number += 1)
    await happen(history, { kind: 'append', livesMs: 9, forOthers: false });
  await openQuietly(world, { user: 'a', connectionId });
  await joinTopics(world, 'default', 'a', [topic]);
  return history;
}

export function idsOf(history: History, epoch = history.epoch): readonly string[] {
  return history.epochs.get(epoch) ?? [];
}

/** Everything that the client made of its frames so far. */
export function client({ world }: History, start: Place): Device {
  return deviceOf(everyFrameOf(world, connectionId), new Map([[topic, start]]));
}

export interface Place {
  readonly epoch: string;
  readonly seq: number;
}

export function placeOf(device: Device): Place {
  const place = device.positions.get(topic);
  if (place === undefined) throw new Error('the client stands nowhere');
  return place;
}

/** Lets the log and the world change; nothing here asks the client. */
export async function happen(history: History, step: Step): Promise<void> {
  const { world, facts } = history;
  switch (step.kind) {
    case 'append': {
      const createdAtMs = world.clock.nowMs();
      const expiresAtMs = createdAtMs + step.livesMs;
      const except = step.forOthers ? { except: ['a'] } : {};
      const notification = aNotification({ createdAtMs, expiresAtMs, ...except });
      facts.set(notification.id, { expiresAtMs, forOthers: step.forOthers });
      history.epochs.get(history.epoch)?.push(notification.id);
      await world.logs.append('default', topic, notification);
      return;
    }
    case 'advance':
      world.clock.advance(step.ms);
      return;
    case 'expire':
      history.goneSeq = Math.max(history.goneSeq, Math.min(step.seq, idsOf(history).length));
      world.logs.expire('default', topic, step.seq);
      return;
    case 'restore':
    case 'restart': {
      const kept = step.kind === 'restore' ? idsOf(history).slice(0, Math.max(step.seq, history.goneSeq)) : [];
      if (step.kind === 'restore') world.logs.restore('default', topic, step.seq);
      else {
        world.logs.restart('default', topic);
        for (const epoch of history.epochs.keys()) history.forgotten.add(epoch);
        history.goneSeq = 0;
      }
      const { epoch } = await world.logs.head('default', topic);
      history.epochs.set(epoch, [...kept]);
      history.epoch = epoch;
      return;
    }
    case 'acknowledge':
    case 'resume':
  }
}

/** The client does what it does; everything that it is sent is checked at that moment. */
export async function act(history: History, start: Place, step: Step): Promise<void> {
  const { world, facts } = history;
  const position = { topic, ...placeOf(client(history, start)) };
  if (step.kind === 'acknowledge') await send(world, connectionId, { type: 'acknowledge', ...position });
  if (step.kind !== 'resume') return;
  let sent = 0;
  const ports = intercepted(world, async (call, run, [, text]) => {
    if (call !== 'gateway.post') return run();
    sent += 1;
    const frame = JSON.parse(String(text)) as { readonly type: string; readonly id: string };
    const fact = facts.get(frame.id);
    if (frame.type === 'notification') {
      expect(fact).toMatchObject({ forOthers: false });
      expect(fact?.expiresAtMs).toBeGreaterThan(world.clock.nowMs());
    }
    const answer = await run();
    if (sent === step.stopAfter && step.meanwhile !== null) await happen(history, step.meanwhile);
    return answer;
  });
  const text = JSON.stringify({ type: 'resume', positions: [position] });
  await handleFrame(ports, { connectionId, text, atMs: world.clock.nowMs() }, () => sent < step.stopAfter);
}

/** Whether this number may be skipped for this reason. */
export function maySkip(history: History, seq: number, reason: string, joinedSeq: number): boolean {
  const fact = history.facts.get(idsOf(history)[seq - 1] ?? '');
  if (reason === 'before_joining') return seq <= joinedSeq;
  if (reason === 'suppressed') return fact?.forOthers === true;
  return seq <= history.goneSeq || (fact !== undefined && fact.expiresAtMs <= history.world.clock.nowMs());
}

/** How many entries at the beginning of two epochs are the same. */
export function commonLength(history: History, one: string, other: string): number {
  const [first, second] = [idsOf(history, one), idsOf(history, other)];
  const differs = first.findIndex((id, index) => second[index] !== id);
  return differs === -1 ? first.length : differs;
}
