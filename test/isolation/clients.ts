// What the clients of a tenant do over their sockets, in all four dialects.
import type { DialectName } from '../../shared/protocol/dialect-names.ts';
import { connect } from '../../shared/usecases/connect.ts';
import { disconnect } from '../../shared/usecases/disconnect.ts';
import { handleFrame } from '../../shared/usecases/handle-frame.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { always } from '../usecases/world.ts';
import type { Client, Tenant } from './tenant.ts';
import { another, answered, events, identityOf, numberedBy, saying, somePlace, someRoom, someUser } from './tenant.ts';

const clientsMax = 14;
const dialects: readonly DialectName[] = ['bellhop', 'hotel', 'leads', 'socketio'];

export async function comeIn(tenant: Tenant): Promise<void> {
  const { random, stage, name, clients } = tenant;
  const user = someUser(random);
  const dialect = random.pick(dialects);
  const connectionId = `${name}-c${numberedBy(tenant)}`;
  const token = stage.ports.tokens.issue(identityOf(tenant, user));
  const isLate = random.chance(0.3);
  const inAddress = dialect === 'hotel' || (dialect !== 'leads' && !isLate);
  await answered(tenant, () =>
    connect(stage.ports, {
      connectionId,
      connectedAtMs: stage.ports.clock.nowMs(),
      // Leads come in by our own door, and are known by their first frame.
      dialect: dialect === 'leads' ? 'bellhop' : dialect,
      token: inAddress ? token : undefined,
      guestId: dialect === 'hotel' && !random.chance(0.1) ? user : undefined,
      origin: undefined,
      engine: { version: '4', transport: 'websocket' },
    }),
  );
  await openConnection(stage.ports, connectionId, always);
  const isKnown = inAddress || !random.chance(0.1);
  clients.push({ connectionId, dialect, user, isKnown });
  const greeting = isKnown ? greetingOf(dialect, inAddress ? null : token) : [];
  for (const text of greeting) await say(tenant, connectionId, text);
  if (clients.length > clientsMax) await goAway(tenant);
}

/** What a client says as soon as it is connected: who it is, unless the address did, and in which room it wants to be. */
function greetingOf(dialect: DialectName, token: string | null): readonly string[] {
  const frame = (type: string, rest: object): string => JSON.stringify({ type, ...rest });
  switch (dialect) {
    case 'bellhop':
      return [...(token === null ? [] : [frame('authenticate', { token })]), frame('join', { room: 'lobby' })];
    case 'leads':
      return token === null ? [] : [frame('authenticate', { data: { token } })];
    case 'socketio':
      return [`40${token === null ? '' : JSON.stringify({ token })}`, '42["join_room","lobby"]'];
    case 'hotel':
      return [];
  }
}

export async function goAway({ clients, random, stage }: Tenant): Promise<void> {
  const [client] = clients.splice(random.int(0, clients.length - 1), 1);
  if (client === undefined) return;
  await stage.ports.gateway.close(client.connectionId);
  await disconnect(stage.ports, client.connectionId);
}

/** One frame of one client. Whose socket was closed by the other side finds that out, and is gone. */
export async function saySomething(tenant: Tenant): Promise<void> {
  const { clients, random, stage } = tenant;
  if (clients.length === 0) return;
  const client = random.pick(clients);
  if (stage.isClosed(client.connectionId)) {
    clients.splice(clients.indexOf(client), 1);
    await disconnect(stage.ports, client.connectionId);
    return;
  }
  await say(tenant, client.connectionId, await textOf(tenant, client));
}

async function say({ stage }: Tenant, connectionId: string, text: string): Promise<void> {
  await handleFrame(stage.ports, { connectionId, text, atMs: stage.ports.clock.nowMs() }, always);
}

async function textOf(tenant: Tenant, client: Client): Promise<string> {
  switch (client.dialect) {
    case 'bellhop':
      return JSON.stringify({ id: numberedBy(tenant), ...(await bellhopFrame(tenant, client)) });
    case 'leads':
      return JSON.stringify({ id: numberedBy(tenant), ...leadsFrame(tenant, client) });
    case 'hotel':
      return JSON.stringify({ id: numberedBy(tenant), type: tenant.random.pick(['ping', 'pong', 'join']) });
    case 'socketio':
      return socketIoPacket(tenant, client);
  }
}

async function bellhopFrame(tenant: Tenant, client: Client): Promise<object> {
  const { random } = tenant;
  const room = someRoom(random);
  const place = await somePlace(tenant, client.user);
  const frames: readonly (() => object)[] = [
    () => ({ type: 'ping' }),
    () => ({ type: 'join', room }),
    () => ({ type: 'join', room }),
    () => ({ type: 'leave', room }),
    () => ({ type: 'send', room, data: { text: saying(tenant) } }),
    () => ({ type: 'send', data: { text: saying(tenant) } }),
    () => ({ type: 'typing', room, active: random.chance(0.7) }),
    () => ({ type: 'acknowledge', ...place }),
    () => ({ type: 'acknowledge', ...place }),
    () => ({ type: 'read', topic: place.topic, epoch: place.epoch, upToSeq: place.seq }),
    () => ({ type: 'resume', positions: [{ ...place, seq: Math.max(place.seq - 5, 0) }] }),
    () => ({ type: 'authenticate', token: newToken(tenant, client) }),
    () => ({ type: 'nonsense', text: saying(tenant) }),
  ];
  return random.pick(frames)();
}

/** A newer token; now and then one of somebody of the same name in another tenant. */
function newToken(tenant: Tenant, { user, isKnown }: Client): string {
  const stranger = another(tenant);
  const of = tenant.random.chance(0.3) && isKnown ? stranger : tenant.name;
  return tenant.stage.ports.tokens.issue(identityOf(tenant, user, of));
}

function leadsFrame(tenant: Tenant, client: Client): object {
  const { random } = tenant;
  const data = { events: [random.pick(events), random.pick(events)] };
  const frames: readonly (() => object)[] = [
    () => ({ type: 'ping' }),
    () => ({ type: 'pong' }),
    () => ({ type: 'subscribe', data }),
    () => ({ type: 'subscribe', data }),
    () => ({ type: 'unsubscribe', data }),
    () => ({ type: 'authenticate', data: { token: newToken(tenant, client) } }),
    () => ({ type: 'subscribe', data: {} }),
  ];
  return random.pick(frames)();
}

function socketIoPacket(tenant: Tenant, client: Client): string {
  const { random } = tenant;
  const room = someRoom(random);
  const packets: readonly (() => readonly unknown[])[] = [
    () => ['join_room', room],
    () => ['join_room', room],
    () => ['leave_room', room],
    () => ['typing_start', room],
    () => ['typing_start', 'lobby'],
    () => ['typing_start', 'lobby'],
    () => ['typing_stop', 'lobby'],
    () => ['user_presence', { status: saying(tenant) }],
    () => ['message', saying(tenant)],
    () => ['roomMessage', { room, message: saying(tenant) }],
    () => ['authenticate', { token: newToken(tenant, client) }],
    () => ['nonsense', saying(tenant)],
  ];
  if (random.chance(0.2)) return random.pick(['2', '3']);
  const ack = random.chance(0.7) ? numberedBy(tenant) : '';
  return `42${ack}${JSON.stringify(random.pick(packets)())}`;
}
