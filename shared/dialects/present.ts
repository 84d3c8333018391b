// Who is there, as the products list it: pages of users, since when each is there, and in which rooms.
import type { KnownConnection, Subscriber } from '../domain/connection.ts';
import { roomOfTopic, roomsFromTheStart } from '../domain/room.ts';
import { isoTime } from '../domain/time.ts';
import { presenceLimits } from '../protocol/limits.ts';

export interface PresentUser {
  readonly user: string;
  /** At least one. */
  readonly connections: readonly Pick<Subscriber, 'connectedAtMs' | 'dialect'>[];
}

export interface PresentPage {
  readonly users: readonly PresentUser[];
  /** What the next page starts after; null when this was the last. */
  readonly next: string | null;
}

/** @param present in order of the name. */
export function pageOfPresent(present: readonly PresentUser[], after: string | undefined): PresentPage {
  const rest = after === undefined ? present : present.filter(({ user }) => user > after);
  const users = rest.slice(0, presenceLimits.listedMax);
  return { users, next: rest.length > users.length ? (users.at(-1)?.user ?? null) : null };
}

export function connectionCount(present: readonly { readonly connections: readonly unknown[] }[]): number {
  return present.reduce((sum, { connections }) => sum + connections.length, 0);
}

/** Since when somebody has been there: the time of the oldest connection. */
export function connectedSince(connections: readonly { readonly connectedAtMs: number }[]): string {
  return isoTime(Math.min(...connections.map(({ connectedAtMs }) => connectedAtMs)));
}

/** The rooms that any of a user's connections is in, each once, those from the start first. */
export function roomsOf(connections: readonly Pick<KnownConnection, 'user' | 'roles' | 'topics'>[]): string[] {
  const own = connections.flatMap((connection) => roomsFromTheStart(connection));
  const joined = connections.flatMap(({ topics }) => topics.flatMap((topic) => roomOfTopic(topic) ?? []));
  return [...new Set([...own, ...joined])];
}
