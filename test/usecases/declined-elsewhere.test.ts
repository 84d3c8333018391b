// A user with a socket that selects events and a phone of our own: what the socket declines, the phone has all the same.
import { describe, expect, it } from 'vitest';
import { isUnpushed } from '../../shared/domain/cursor.ts';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import { deliveriesOf } from '../../shared/usecases/deliveries-of.ts';
import { connectAs, heardOf, subscribe } from './dialect-clients.ts';
import type { World } from './world.ts';
import { aWorld, connectUser, notificationsOf, publish, send, toEveryone, topicOf, toUsers } from './world.ts';

const event = 'form_submission';

async function statesOf(world: World, { id }: Broadcast): Promise<readonly string[]> {
  const broadcast = await world.broadcasts.get(id);
  const states: string[] = [];
  if (broadcast === null) throw new Error('it is not stored');
  for await (const { state, reason } of deliveriesOf(world, broadcast, null))
    states.push(reason === undefined ? state : `${state}: ${reason}`);
  return states;
}

describe.each([
  ['a named user', toUsers('a')],
  ['everyone', toEveryone],
] as const)('a durable broadcast to %s', (_, audience) => {
  const topic = topicOf(audience, 'a');

  async function acknowledgeBy(world: World, phone: string): Promise<void> {
    const { epoch } = await world.logs.head('default', topic);
    await send(world, phone, { type: 'acknowledge', topic, epoch, seq: 1 });
  }

  it('that is declined when it comes is delivered once the phone has acknowledged it', async () => {
    const world = aWorld();
    const socket = await connectAs(world, 'leads', 'a');
    await subscribe(world, socket, 'lead_update');
    const phone = await connectUser(world, 'a');
    const broadcast = await publish(world, { audience, event });
    expect(await statesOf(world, broadcast)).toEqual(['sent']);
    await acknowledgeBy(world, phone);
    expect(await statesOf(world, broadcast)).toEqual(['delivered']);
    expect(heardOf(world, socket, event)).toEqual([]);
  });

  it('that is declined while the phone is away is suppressed until the phone has it', async () => {
    const world = aWorld();
    const socket = await connectAs(world, 'leads', 'a');
    await subscribe(world, socket, 'lead_update');
    const broadcast = await publish(world, { audience, event });
    expect(await statesOf(world, broadcast)).toEqual(['suppressed: not_selected']);
    const phone = await connectUser(world, 'a');
    expect(notificationsOf(world, phone)).toEqual([[topic, 1, broadcast.id]]);
    await acknowledgeBy(world, phone);
    expect(await statesOf(world, broadcast)).toEqual(['delivered']);
  });

  it('that is declined by a socket that comes later is suppressed, and delivered once the phone has acknowledged it', async () => {
    const world = aWorld();
    const phone = await connectUser(world, 'a');
    world.gateway.answer(phone, 'throttled', 'throttled', 'throttled', 'posted');
    const broadcast = await publish(world, { audience, event });
    expect(await statesOf(world, broadcast)).toEqual(['queued: connection_slow']);
    const socket = await connectAs(world, 'leads', 'a');
    await subscribe(world, socket, 'lead_update');
    expect(await statesOf(world, broadcast)).toEqual(['suppressed: not_selected']);
    const [cursor] = await world.cursors.get('default', [{ topic, user: 'a' }]);
    expect(cursor && isUnpushed(cursor, 1)).toBe(false);
    await acknowledgeBy(world, phone);
    expect(await statesOf(world, broadcast)).toEqual(['delivered']);
  });
});
