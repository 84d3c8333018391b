// What the rows of both Socket.IO products share: people with open pages, acks, and a visit that others watch from its beginning to its end.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { Answer, IoSocket, Message, Site } from '../site.ts';

const ackWithinMs = 10_000;
const looksMax = 100;
const lookEveryMs = 100;
/** The grace of ten seconds, and as much again for a slow machine. */
const leftWithinMs = 20_000;

export interface Person {
  readonly user: string;
  readonly token: string;
  /** A page of theirs that is open. */
  readonly page: IoSocket;
}

export async function personAt(site: Site, roles: readonly string[], user = site.fresh('person')): Promise<Person> {
  const token = await site.token(user, roles);
  return { user, token, page: await site.socketIo(token) };
}

export async function people(site: Site, roles: readonly string[], count: number): Promise<readonly Person[]> {
  return Promise.all(Array.from({ length: count }, async () => personAt(site, roles)));
}

/** Emits an event, and returns the ack of the server. */
export async function ask({ page }: Person, event: string, ...args: readonly unknown[]): Promise<Message> {
  return (await page.client.timeout(ackWithinMs).emitWithAck(event, ...args)) as Message;
}

/** Emits an event that must be obeyed. */
export async function does(person: Person, event: string, ...args: readonly unknown[]): Promise<Message> {
  const ack = await ask(person, event, ...args);
  assert.equal(ack['success'], true, JSON.stringify(ack));
  return ack;
}

/** Emits an event that must be refused; returns the refusal. */
export async function mayNot(person: Person, event: string, ...args: readonly unknown[]): Promise<Message> {
  const ack = await ask(person, event, ...args);
  assert.equal(ack['success'], false, `${event} was obeyed: ${JSON.stringify(ack)}`);
  return ack['error'] as Message;
}

/** Whoever should have got it has: then this person, who gets something else now, must not have heard of such an event. */
export async function heardNothing(site: Site, { user, page }: Person, ...events: readonly string[]): Promise<void> {
  const last = site.fresh('last');
  accepted(await site.office('POST', `/websocket/event/client/${user}/${last}`, {}));
  await page.next(last);
  for (const event of events) assert.ok(!page.names.includes(event), `heard ${event}, which was not for them`);
}

export function accepted(answer: Answer): Message {
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  assert.equal(answer.body['success'], true);
  assert.equal(answer.body['state'], 'accepted');
  assert.equal(typeof answer.body['broadcastId'], 'string');
  return answer.body;
}

/** Looks again until it is so. */
export async function eventually(is: () => Promise<boolean>, what: string): Promise<void> {
  for (let look = 0; look < looksMax; look += 1) {
    if (await is()) return;
    await wait(lookEveryMs);
  }
  assert.fail(`it never came about: ${what}`);
}

/** The error with which the client is kept out. */
export async function connectError(client: Socket): Promise<Error & { readonly data?: unknown }> {
  try {
    return await new Promise((resolve, reject) => {
      client.once('connect_error', resolve);
      client.once('connect', () => {
        reject(new Error('it was let in'));
      });
    });
  } finally {
    client.disconnect();
  }
}

/** A client with options of its own; the row closes it. */
export function clientOf(site: Site, options: Parameters<typeof io>[1]): Socket {
  return io(site.url, { transports: ['websocket'], upgrade: false, forceNew: true, reconnection: false, ...options });
}

/** Somebody comes and goes, and somebody else is told. */
export interface Visit {
  readonly user: string;
  readonly came: Promise<Message>;
  /** Some ten seconds after the going. */
  readonly left: Promise<Message>;
}

/**
 * Begun by the row about coming, and asked again by the row about going: between the two lies the grace, in which other
 * rows run. So its sockets are not those of a row.
 */
export function visits(cameEvent: string, leftEvent: string, idField: string) {
  const begun = new WeakMap<Site, Visit>();
  return {
    of: (site: Site): Visit => {
      const visit = begun.get(site) ?? beginVisit(site, { cameEvent, leftEvent, idField });
      begun.set(site, visit);
      return visit;
    },
    end: (site: Site): void => {
      begun.delete(site);
    },
  };
}

interface VisitEvents {
  readonly cameEvent: string;
  readonly leftEvent: string;
  readonly idField: string;
}

function beginVisit(site: Site, { cameEvent, leftEvent, idField }: VisitEvents): Visit {
  const user = site.fresh('visitor');
  const watcher = site
    .token(site.fresh('watcher'), ['technician'])
    .then(async (token) => connected(clientOf(site, { auth: { token } })));
  const came = watcher.then(async (client) => {
    const heard = eventOf(client, cameEvent, (data) => data[idField] === user);
    const visitor = await connected(clientOf(site, { auth: { token: await site.token(user, ['technician']) } }));
    return heard.finally(() => visitor.disconnect());
  });
  const left = came.then(async () => eventOf(await watcher, leftEvent, (data) => data[idField] === user));
  // Rows that are not run leave these promises to themselves.
  void left
    .catch(() => undefined)
    .then(async () => (await watcher).disconnect())
    .catch(() => undefined);
  return { user, came, left };
}

async function connected(client: Socket): Promise<Socket> {
  await new Promise((resolve, reject) => {
    client.once('connect', () => {
      resolve(undefined);
    });
    client.once('connect_error', reject);
  });
  return client;
}

function eventOf(client: Socket, event: string, is: (data: Message) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no ${event} within ${String(leftWithinMs)} ms`));
    }, leftWithinMs);
    client.on(event, (data: Message) => {
      if (!is(data)) return;
      clearTimeout(timer);
      resolve(data);
    });
  });
}
