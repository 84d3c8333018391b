// Who may call what: every HTTP route for every kind of caller, as the table of routes says, and nothing of it for anybody else.
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../commands/api-keys.ts';
import { failureStatus } from '../../shared/protocol/failures.ts';
import type { Callers, HttpRouteName } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';
import type { RawSocket, Site } from '../conformance/site.ts';
import { openSite } from '../conformance/site.ts';
import type { Caller, Tenant } from './callers.ts';
import { admission, callers, expected, headersOf, house, keys, nameOf, team, tenantOf } from './callers.ts';
import { httpRouteNames, requestTo, target } from './route-requests.ts';
import type { Stack } from './stack.ts';
import { broadcastIdOf, startStack } from './stack.ts';

const tenants = [team, house] as const;

let stack: Stack;
let site: Site;
/** In each tenant somebody whom every request tells something. */
let watchers: Readonly<Record<Tenant, RawSocket>>;
let broadcastId: string;
const told: { readonly tenant: Tenant; readonly canary: string }[] = [];
let calls = 0;

beforeAll(async () => {
  stack = await startStack({
    parameters: {
      Teams: team,
      ApiKeyDigests: tenants.map((tenant) => `${tenant}:${digestOf(keys[tenant])}`).join(','),
    },
  });
  site = openSite({
    url: stack.runtime.httpUrl,
    apiKey: keys[team],
    token: (user, roles) => stack.token(user, { tenant: team, roles }),
  });
  watchers = { [team]: await watch(team), [house]: await watch(house) };
  const body = { event: 'first', data: {}, audience: { users: [target.user] } };
  broadcastId = broadcastIdOf(await stack.call('POST', '/api/broadcasts', body, { 'x-api-key': keys[team] }));
});
afterAll(async () => {
  site.close();
  await stack.stop();
});

/** The same person in either tenant, in the same rooms, and somebody beside who is in this one alone. */
async function watch(tenant: Tenant): Promise<RawSocket> {
  await connect(`only-in-${tenant}`, tenant, []);
  const socket = await connect(target.user, tenant, target.roles);
  for (const room of target.rooms) {
    socket.send({ type: 'join', room });
    await socket.next(({ type, room: joined }) => type === 'joined' && joined === room);
  }
  return socket;
}

async function connect(user: string, tenant: Tenant, roles: readonly string[]): Promise<RawSocket> {
  const socket = await site.socket(`/ws?token=${await stack.token(user, { tenant, roles })}`);
  await socket.next(({ type }) => type === 'resumed');
  return socket;
}

/** Told apart by who said it, and by being whole: the one of call 1 is not in that of call 11. */
function canaryOf(tenant: Tenant | null): string {
  calls += 1;
  return `canary(${tenant ?? 'nobody'}/${String(calls)})`;
}

function saidBy(text: string): readonly string[] {
  return [...text.matchAll(/canary\(([\w-]+)\/\d+\)/g)].map(([, tenant = '']) => tenant);
}

const other = (tenant: Tenant): Tenant => (tenant === team ? house : team);

async function callAs(name: HttpRouteName, caller: Caller) {
  const canary = canaryOf(expected(name, caller) === 'admitted' ? tenantOf(caller) : null);
  const request = requestTo(name, canary, broadcastId);
  const headers = await headersOf(stack, caller);
  return { canary, request, answer: await site.call(request.method, request.path, { headers, body: request.body }) };
}

describe.each(httpRouteNames)('%s', (name) => {
  const kinds = callers.map((caller) => ({ caller, who: nameOf(caller), verdict: expected(name, caller) }));
  const admitted = kinds.filter(({ verdict }) => verdict === 'admitted');
  const refused = kinds.filter(({ verdict }) => verdict !== 'admitted');

  it.each(admitted)(`${routes[name].callers}: $who may`, async ({ caller }) => {
    const { canary, request, answer } = await callAs(name, caller);
    const tenant = tenantOf(caller);
    const isAnothers = request.isOfBroadcast && tenant !== team;
    expect(isAnothers ? [404] : [200, 201, 202]).toContain(answer.status);
    // Nothing but the caller's own: neither who is there nor what was said.
    const text = JSON.stringify(answer.body);
    expect(new Set([...saidBy(text), tenant])).toEqual(new Set([tenant]));
    if (tenant !== null) expect(text).not.toContain(`only-in-${other(tenant)}`);
    if (!request.isHeard || tenant === null) return;
    await watchers[tenant].next((message) => JSON.stringify(message).includes(canary));
    told.push({ tenant, canary });
  });

  it.each(refused)(`${routes[name].callers}: $who is told $verdict`, async ({ caller, verdict }) => {
    const { answer } = await callAs(name, caller);
    expect(answer.status).toBe(verdict);
    const error = answer.body['error'] as { readonly code: keyof typeof failureStatus; readonly remedy: string };
    expect(answer.body['success']).toBe(false);
    expect(failureStatus[error.code]).toBe(verdict);
    expect(error.remedy).not.toBe('');
    expect(saidBy(JSON.stringify(answer.body))).toEqual([]);
  });
});

describe('after all of these calls', () => {
  it.each(tenants)('those of %s were told what was said in their tenant, and nothing else', async (tenant) => {
    // Whatever is under way still is taken from the queue before, and comes before what answers a ping.
    await expect.poll(() => waiting(), { timeout: 20_000 }).toBe(0);
    watchers[tenant].send({ type: 'ping', id: 'last' });
    await watchers[tenant].next(({ replyTo }) => replyTo === 'last');
    const heard = JSON.stringify(watchers[tenant].messages);
    expect(new Set(saidBy(heard))).toEqual(new Set([tenant]));
    expect(told.filter((one) => one.tenant === tenant).length).toBeGreaterThan(20);
    for (const { canary } of told) expect(heard.includes(canary)).toBe(canary.includes(tenant));
  });

  it('nothing is stored of what was refused, and nothing of one tenant under the name of another', async () => {
    let said = 0;
    for (const item of await everythingStored()) {
      const [speaker, ...others] = new Set(saidBy(item));
      if (speaker === undefined) continue;
      said += 1;
      expect(others).toEqual([]);
      expect(tenants).toContain(speaker);
      const where = item.replaceAll(/canary\([^)]*\)/g, '');
      expect([where.includes(speaker), where.includes(other(speaker as Tenant))]).toEqual([true, false]);
    }
    expect(said).toBeGreaterThan(told.length);
  });
});

async function waiting(): Promise<number> {
  const { body } = await site.office('GET', '/api/notifications/status');
  const { waiting: queued, inFlight } = body['queue'] as { readonly waiting: number; readonly inFlight: number };
  return queued + inFlight;
}

async function everythingStored(): Promise<readonly string[]> {
  const items: string[] = [];
  for (const { name } of stack.runtime.model.tables) {
    let from: Record<string, unknown> | undefined;
    do {
      const page = await stack.documents().send(new ScanCommand({ TableName: name, ExclusiveStartKey: from }));
      items.push(...(page.Items ?? []).map((item) => JSON.stringify(item)));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  }
  return items;
}

it('says who may call in one table, of which every kind is tried with every kind of caller', () => {
  const kinds = new Set(httpRouteNames.map((name) => routes[name].callers));
  const verdictsOf = (kind: Callers) => new Set(callers.map((caller) => String(admission(kind, caller))));
  expect(Object.fromEntries([...kinds].map((kind) => [kind, [...verdictsOf(kind)].sort()]))).toEqual({
    key: ['401', 'admitted'],
    office: ['401', '403', 'admitted'],
    admin: ['401', '403', 'admitted'],
    person: ['401', 'admitted'],
    anyone: ['admitted'],
  });
});
