// Dies before and after every single call that leaves the process, repeats what was done, and holds the world against
// what was promised.
import { expect } from 'vitest';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import type { DeliveryState } from '../../shared/domain/delivery.ts';
import { isWide, userTopic } from '../../shared/domain/topic.ts';
import { deliveriesOf } from '../../shared/usecases/deliveries-of.ts';
import { killedAt, watched } from './calls.ts';
import { resume } from './device.ts';
import type { World } from './world.ts';
import { everyFrameOf } from './world.ts';

/** Something that is about to be done, in a world of its own. */
export interface Scene {
  readonly world: World;
  readonly act: (ports: World) => Promise<unknown>;
  /** What the queue, the schedule or the client does afterwards, whether or not the first time came to its end. */
  readonly repeat: () => Promise<unknown>;
  readonly check: () => Promise<void> | void;
}

/** Returns how many deaths there were. `make` must make the same scene each time. */
export async function everyCrashPoint(make: () => Promise<Scene>): Promise<number> {
  const rehearsal = await make();
  const { ports, calls } = watched(rehearsal.world);
  await rehearsal.act(ports);
  await rehearsal.repeat();
  await rehearsal.check();
  let deaths = 0;
  for (const [number, call] of calls.entries()) {
    for (const moment of ['before', 'after'] as const) {
      const scene = await make();
      try {
        await dieAndRepeat(scene, number, moment, call);
      } catch (error) {
        throw new Error(`after a death ${moment} call ${String(number)}, ${call}: ${String(error)}`, { cause: error });
      }
      deaths += 1;
    }
  }
  return deaths;
}

async function dieAndRepeat(scene: Scene, number: number, moment: 'before' | 'after', call: string): Promise<void> {
  const first = await statesOf(scene.world);
  const dying = watched(killedAt(scene.world, number, moment));
  await scene.act(dying.ports).catch(() => undefined);
  // A point that was not reached would prove nothing.
  expect(dying.calls[number]).toBe(call);
  const second = await statesOf(scene.world);
  await scene.repeat();
  await scene.check();
  const third = await statesOf(scene.world);
  expectForward(first, second);
  expectForward(second, third);
}

const ranks: Readonly<Record<DeliveryState, number>> = {
  accepted: 0,
  queued: 1,
  sent: 2,
  delivered: 3,
  read: 4,
  expired: 5,
  suppressed: 5,
  failed: 5,
};

type States = ReadonlyMap<string, DeliveryState>;

/** The state of every delivery of every broadcast. */
async function statesOf(world: World): Promise<States> {
  const states = new Map<string, DeliveryState>();
  for (const broadcast of world.broadcasts.all()) {
    for await (const { user, state } of deliveriesOf(world, broadcast, null))
      states.set(`${broadcast.id} ${user}`, state);
  }
  return states;
}

function expectForward(before: States, after: States): void {
  for (const [delivery, state] of before) {
    const now = after.get(delivery);
    expect([delivery, state, now, now !== undefined && ranks[now] >= ranks[state]]).toEqual([
      delivery,
      state,
      now,
      true,
    ]);
  }
}

export interface Recipient {
  readonly user: string;
  readonly connectionId: string;
}

/**
 * Everything that is accepted is in its logs once and nothing else is; every connection that it addresses was told or
 * learns it from its next resume, in order and without a gap; no connection was told anything else.
 */
export async function expectSound(world: World, recipients: readonly Recipient[]): Promise<void> {
  const broadcasts = world.broadcasts.all().filter(({ durability }) => durability === 'durable');
  const logged = new Map<string, readonly string[]>();
  for (const broadcast of broadcasts) {
    for (const topic of topicsOf(broadcast)) {
      const ids = world.logs.entries(broadcast.tenant, topic).map(({ notification }) => notification.id);
      expect(ids.filter((id) => id === broadcast.id)).toEqual([broadcast.id]);
      logged.set(topic, ids);
    }
  }
  const stored = new Set(world.broadcasts.all().map(({ id }) => id));
  for (const ids of logged.values()) for (const id of ids) expect(stored).toContain(id);
  for (const { user, connectionId } of recipients) {
    const addressed = world.broadcasts.all().filter((broadcast) => isFor(broadcast, user));
    const addressedIds = new Set(addressed.map(({ id }) => id));
    for (const frame of everyFrameOf(world, connectionId)) {
      if (frame.type === 'notification') expect(addressedIds).toContain(frame.id);
    }
    const durable = addressed.filter(({ durability }) => durability === 'durable').map(({ id }) => id);
    const { shown, faults } = await resume(world, connectionId);
    expect(faults).toEqual([]);
    expect(shown.map(({ id }) => id).sort()).toEqual(durable.sort());
  }
}

/** The logs in which the broadcast must stand. */
function topicsOf({ audience, except }: Broadcast) {
  if (audience.kind === 'topic') return [audience.topic];
  return audience.users.filter((user) => except?.includes(user) !== true).map(userTopic);
}

/** Whether it is for this user, who follows everyone and no other wide topic. */
function isFor({ audience, except }: Broadcast, user: string): boolean {
  if (except?.includes(user) === true) return false;
  return audience.kind === 'topic' ? isWide(audience.topic) : audience.users.includes(user);
}
