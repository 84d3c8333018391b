// What the back office of a tenant, and its people without a socket, ask over HTTP.
import type { Audience, BroadcastCommand } from '../../shared/domain/broadcast.ts';
import { audienceOfRoom } from '../../shared/domain/broadcast.ts';
import type { TopicPosition } from '../../shared/domain/log.ts';
import { writeInboxMark } from '../../shared/protocol/inbox-mark.ts';
import { createBatch } from '../../shared/usecases/create-batch.ts';
import { createBroadcast } from '../../shared/usecases/create-broadcast.ts';
import { getBroadcast, getDeliveries } from '../../shared/usecases/get-broadcast.ts';
import { getInbox } from '../../shared/usecases/get-inbox.ts';
import { getStatus } from '../../shared/usecases/get-status.ts';
import { listPresent, presentConnections } from '../../shared/usecases/list-present.ts';
import { updateInbox } from '../../shared/usecases/update-inbox.ts';
import { always } from '../usecases/world.ts';
import type { Tenant } from './tenant.ts';
import { another, answered, events, rolesOf, saying, somePlace, someRoom, someUser } from './tenant.ts';

const keysMax = 40;

export async function tell(tenant: Tenant): Promise<void> {
  const { stage, name, random, broadcastIds } = tenant;
  await answered(tenant, async () => {
    const request = { tenant: name, command: commandOf(tenant), ...repeatable(tenant) };
    const { broadcast, replayed } = await createBroadcast(stage.ports, request);
    broadcastIds.push(broadcast.id);
    return { broadcast, replayed };
  });
  if (!random.chance(0.1)) return;
  await answered(tenant, () => {
    const commands = [commandOf(tenant), commandOf(tenant)];
    return createBatch(stage.ports, { tenant: name, commands, ...repeatable(tenant) }, always);
  });
}

function commandOf(tenant: Tenant): BroadcastCommand {
  const { random, stage } = tenant;
  const lifetimeMs = random.pick([10_000, 300_000, 86_400_000]);
  return {
    event: random.pick(events),
    data: { text: saying(tenant), title: 'News' },
    audience: audienceFrom(tenant),
    durability: random.chance(0.7) ? 'durable' : 'ephemeral',
    expiresAtMs: stage.ports.clock.nowMs() + lifetimeMs,
    ...(random.chance(0.1) ? { except: [someUser(random)] } : {}),
  };
}

function audienceFrom({ random }: Tenant): Audience {
  const room = someRoom(random);
  const named = [...new Set([someUser(random), someUser(random)])];
  return random.pick<Audience>([
    { kind: 'users', users: named },
    { kind: 'users', users: named },
    { kind: 'topic', topic: 'all' },
    { kind: 'topic', topic: 'role:technician' },
    { kind: 'topic', topic: 'role:guest' },
    audienceOfRoom(room),
  ]);
}

/** The keys of all tenants are the same, and so are the requests: only the tenant tells them apart. */
function repeatable({ random }: Tenant): { readonly idempotencyKey: string | undefined; readonly requestText: string } {
  const key = `key-${String(random.int(1, keysMax))}`;
  const requestText = random.pick(['POST one', 'POST one', 'POST one', 'POST another']);
  return { idempotencyKey: random.chance(0.5) ? key : undefined, requestText };
}

export async function ask(tenant: Tenant): Promise<void> {
  const { random, stage, name } = tenant;
  const user = someUser(random);
  const questions: readonly (() => Promise<unknown>)[] = [
    () => getStatus(stage.ports, name),
    () => listPresent(stage.ports, name),
    () => presentConnections(stage.ports, name, user),
    () => inboxOf(tenant, user),
    () => inboxOf(tenant, user),
    () => changeInbox(tenant, user),
    () => report(tenant),
    () => report(tenant),
  ];
  await answered(tenant, random.pick(questions));
}

async function inboxOf(tenant: Tenant, user: string): Promise<unknown> {
  const { random, stage, name } = tenant;
  const claimed = await somePlace(tenant, user);
  const after = random.chance(0.3) ? { after: writeInboxMark([claimed]) } : {};
  const inbox = await getInbox(stage.ports, { tenant: name, user, roles: rolesOf(user) }, { limit: '20', ...after });
  // What the caller said comes back for a topic that the page did not get to, and is nothing that it was told.
  const isClaimed = ({ topic, epoch }: TopicPosition): boolean => topic === claimed.topic && epoch === claimed.epoch;
  return { ...inbox, positions: inbox.positions.map((position) => (isClaimed(position) ? 'as claimed' : position)) };
}

async function changeInbox(tenant: Tenant, user: string): Promise<unknown> {
  const { random, stage, name } = tenant;
  const place = await somePlace(tenant, user);
  const change = random.pick([{ readAll: true as const }, { acknowledge: [place] }]);
  return updateInbox(stage.ports, { tenant: name, user, roles: rolesOf(user) }, change, always);
}

/** Of a broadcast of its own, or of one whose id was overheard in another tenant. */
async function report(tenant: Tenant): Promise<unknown> {
  const { random, stage, name, broadcastIds } = tenant;
  const stranger = another(tenant);
  const ids = broadcastIds.length === 0 ? ['nothing'] : broadcastIds.slice(-20);
  const own = random.pick(ids);
  const broadcastId = random.chance(0.4) ? (tenant.broadcastIdOf(stranger) ?? 'nothing') : own;
  const get = random.pick([getBroadcast, getDeliveries]);
  return get(stage.ports, { tenant: name, broadcastId, limit: '20', after: undefined });
}
