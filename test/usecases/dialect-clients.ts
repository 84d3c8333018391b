// Clients of every dialect: how each comes in, what it sends, and what it heard, whatever its texts look like.
import type { Identity } from '../../shared/domain/connection.ts';
import type { DialectName } from '../../shared/protocol/dialect-names.ts';
import { connect } from '../../shared/usecases/connect.ts';
import { handleFrame } from '../../shared/usecases/handle-frame.ts';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { anIdentity } from '../builders/identity.ts';
import { unique } from '../builders/unique.ts';
import type { World } from './world.ts';
import { aConnectRequest, always } from './world.ts';

type Given = Partial<Pick<Identity, 'tenant' | 'roles' | 'tokenExpiresAtMs'>> & { readonly connectionId?: string };

/** Connects a client of this dialect, up to and including its greeting; leads have selected nothing then. Returns the connection id. */
export async function connectAs(world: World, dialect: DialectName, user: string, given: Given = {}): Promise<string> {
  const { connectionId = unique('connection'), ...claims } = given;
  const token = tokenOf(world, user, claims);
  const request = { connectionId, connectedAtMs: world.clock.nowMs(), dialect };
  switch (dialect) {
    case 'bellhop':
      await connect(world, aConnectRequest({ ...request, token }));
      await openConnection(world, connectionId, always);
      return connectionId;
    case 'hotel':
      await connect(world, aConnectRequest({ ...request, token, guestId: user }));
      await openConnection(world, connectionId, always);
      return connectionId;
    case 'leads':
      await connect(world, aConnectRequest(request));
      await say(world, connectionId, JSON.stringify({ type: 'authenticate', data: { token } }));
      return connectionId;
    case 'socketio':
      await connect(world, aConnectRequest({ ...request, engine: { version: '4', transport: 'websocket' } }));
      await openConnection(world, connectionId, always);
      await say(world, connectionId, `40${JSON.stringify({ token })}`);
      return connectionId;
  }
}

/** A token of somebody of the tenant `default` without roles, unless they are given. */
export function tokenOf(world: World, user: string, given: Given = {}): string {
  return world.tokens.issue(anIdentity({ tenant: 'default', roles: [], user, ...given }));
}

/** One text of a client, as it comes now or came at another time. */
export async function say(world: World, connectionId: string, text: string, atMs = world.clock.nowMs()): Promise<void> {
  await handleFrame(world, { connectionId, text, atMs }, always);
}

/** One event of a Socket.IO client; with an id it waits for an ack. */
export async function emit(world: World, connectionId: string, event: string, ...args: readonly unknown[]) {
  await say(world, connectionId, `42${JSON.stringify([event, ...args])}`);
}

export async function subscribe(world: World, connectionId: string, ...events: readonly string[]): Promise<void> {
  await say(world, connectionId, JSON.stringify({ type: 'subscribe', data: { events } }));
}

export interface Heard {
  /** The name of a notification or event; the type of any other frame; the digits of any other packet. */
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a text says, in whichever dialect it is. */
export function heardIn(text: string): Heard {
  if (text.startsWith('{')) {
    const frame = JSON.parse(text) as Record<string, unknown>;
    const data = (frame['data'] ?? frame) as Heard['data'];
    return {
      event: String(frame['type'] === 'notification' ? (frame['event'] ?? 'notification') : frame['type']),
      data,
    };
  }
  const [digits = ''] = /^\d+/.exec(text) ?? [];
  const rest = text.slice(digits.length);
  if (!digits.startsWith('42'))
    return { event: digits, data: rest.startsWith('{') ? (JSON.parse(rest) as Heard['data']) : {} };
  const [event, data] = JSON.parse(rest) as [string, Heard['data']];
  return { event, data };
}

/** All that a connection heard, in order. */
export function heardBy(world: World, connectionId: string): readonly Heard[] {
  return world.gateway.posts
    .filter((post) => post.connectionId === connectionId && post.outcome === 'posted')
    .map(({ frame }) => heardIn(frame));
}

/** The data of one kind of event that a connection heard, in order. */
export function heardOf(world: World, connectionId: string, event: string): readonly Heard['data'][] {
  return heardBy(world, connectionId)
    .filter((heard) => heard.event === event)
    .map(({ data }) => data);
}
