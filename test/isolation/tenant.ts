// One tenant's people and back office: what they are called, which is the same in every tenant, and what they have done so far.
import type { Random } from '../simulation/random.ts';
import type { DialectName } from '../../shared/protocol/dialect-names.ts';
import type { Topic } from '../../shared/domain/topic.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import type { Stage } from './stage.ts';
import { epochOf, tenantName } from './stage.ts';

const users = Array.from({ length: 10 }, (_, index) => `u${String(index + 1)}`);
const rooms = ['lobby', 'work_order_7', 'ticket_9', 'role_technician', 'user_u2', 'admin_room'] as const;
export const events = ['news', 'task:new', 'notification', 'system', 'lead_update', 'notification_received'] as const;
const topics: readonly Topic[] = ['all', 'role:guest', 'role:technician', 'room:lobby', 'room:work_order_7'];

export function rolesOf(user: string): readonly string[] {
  const number = Number(user.slice(1));
  if (number <= 3) return ['guest'];
  return number <= 7 ? ['technician'] : ['manager', 'admin'];
}

/** Some are busier than others, so that much happens to the same ones at once in all tenants. */
export function someUser(random: Random): string {
  return random.chance(0.5) ? random.pick(['u2', 'u5', 'u9']) : random.pick(users);
}

export function someRoom(random: Random): string {
  return random.chance(0.4) ? 'lobby' : random.pick(rooms);
}

export interface Client {
  readonly connectionId: string;
  readonly dialect: DialectName;
  readonly user: string;
  /** Whether it has said who it is: who has not yet could come in with any tenant's token, and would be theirs. */
  readonly isKnown: boolean;
}

export interface Tenant {
  readonly name: string;
  readonly stage: Stage;
  /** A source of its own: what it does depends on nobody else. */
  readonly random: Random;
  /** How many tenants there are besides. */
  readonly others: number;
  /** What others have accepted last, by tenant; nothing when there are none. */
  readonly broadcastIdOf: (tenant: string) => string | undefined;
  readonly clients: Client[];
  readonly broadcastIds: string[];
  count: number;
}

export function numberedBy(tenant: Tenant): string {
  tenant.count += 1;
  return String(tenant.count);
}

/** What somebody of this tenant says. */
export function saying(tenant: Tenant): string {
  return `${tenant.name} says ${numberedBy(tenant)}`;
}

/** Another tenant, whether it is there or not: what it is asked for must not depend on that. */
export function another(tenant: Tenant): string {
  const names = Array.from({ length: tenant.others + 1 }, (_, number) => tenantName(number));
  return tenant.random.pick(names.filter((name) => name !== tenant.name));
}

/** Mostly where a log of its own ends; now and then a place that was overheard in another tenant. */
export async function somePlace(tenant: Tenant, user: string) {
  const { random, stage, name } = tenant;
  const topic = random.pick([...topics, `user:${user}` as const, `user:${user}` as const]);
  const { seq } = await stage.ports.logs.head(name, topic);
  const stranger = another(tenant);
  const epoch = epochOf(random.chance(0.1) ? stranger : name, topic);
  return { topic, epoch, seq: random.chance(0.1) ? random.int(0, 50) : seq };
}

export function identityOf(tenant: Tenant, user: string, name = tenant.name) {
  const lifetimeMs = tenant.random.pick([60_000, 600_000, 9_000_000]);
  const tokenExpiresAtMs = tenant.stage.ports.clock.nowMs() + lifetimeMs;
  return { tenant: name, user, roles: rolesOf(user), tokenExpiresAtMs };
}

/** Answers what a call of the HTTP API comes to; a refusal is an answer, too. */
export async function answered({ stage }: Tenant, call: () => Promise<unknown>): Promise<void> {
  try {
    stage.answer((await call()) ?? null);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    stage.answer({ code: error.code, ...error.detail });
  }
}
