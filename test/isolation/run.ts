// A run: random operations of many tenants on one stage; then some of the tenants do the same again, each of them alone.
import { enforceDeadline } from '../../shared/usecases/enforce-deadline.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import type { Random } from '../simulation/random.ts';
import { randomFrom } from '../simulation/random.ts';
import { always } from '../usecases/world.ts';
import { comeIn, goAway, saySomething } from './clients.ts';
import { ask, tell } from './office.ts';
import type { Stage, StageOptions, Violation } from './stage.ts';
import { openStage, tenantName } from './stage.ts';
import type { Tenant } from './tenant.ts';

export interface RunOptions extends StageOptions {
  readonly seed: number;
  readonly operations: number;
  readonly tenants: number;
  /** How many of the tenants do theirs again alone, and must be told the same to the byte. */
  readonly alone: number;
}

export interface Outcome {
  readonly violations: readonly Violation[];
  /** In how many operations anybody was told anything. */
  readonly told: number;
  readonly perTenant: readonly number[];
}

interface Step {
  readonly operation: number;
  readonly tenant: string;
  readonly atMs: number;
}

const beginAtMs = Date.UTC(2026, 10, 21, 8, 30);

export async function run(options: RunOptions): Promise<Outcome> {
  const steps = stepsOf(options);
  const together = await perform(
    options,
    steps,
    Array.from({ length: options.tenants }, (_, number) => tenantName(number)),
  );
  const violations = [...together.violations];
  for (let number = 0; number < options.alone; number += 1) {
    const name = tenantName(number);
    const apart = await perform(options, steps, [name]);
    violations.push(...differences(name, together, apart));
  }
  const perTenant = Array.from(
    { length: options.tenants },
    (_, number) => together.transcriptOf(tenantName(number)).size,
  );
  return { violations, told: perTenant.reduce((sum, count) => sum + count, 0), perTenant };
}

/** Who does something when; what they do is up to each. */
function stepsOf({ seed, operations, tenants }: RunOptions): readonly Step[] {
  const random = randomFrom(seed).fork('steps');
  let atMs = beginAtMs;
  return Array.from({ length: operations }, (_, operation) => {
    // In bursts, as people do things.
    atMs += random.chance(0.02) ? random.int(0, 5_000) : random.int(0, 100);
    return { operation, tenant: tenantName(random.int(0, tenants - 1)), atMs };
  });
}

async function perform(options: RunOptions, steps: readonly Step[], names: readonly string[]): Promise<Stage> {
  const stage = openStage(options);
  const tenants = new Map<string, Tenant>();
  for (const name of names)
    tenants.set(
      name,
      newTenant(stage, name, options, (of) => tenants.get(of)),
    );
  for (const { operation, tenant: name, atMs } of steps) {
    const tenant = tenants.get(name);
    if (tenant === undefined) continue;
    try {
      for (let due = stage.takeDue(name, atMs); due !== undefined; due = stage.takeDue(name, atMs)) {
        stage.act(name, operation, due.dueMs);
        await enforceDeadline(stage.ports, due.message, always);
        await drain(stage);
      }
      stage.act(name, operation, atMs);
      await operate(tenant);
      await drain(stage);
    } catch (error) {
      stage.crash(error);
    }
  }
  return stage;
}

function newTenant(
  stage: Stage,
  name: string,
  { seed, tenants }: RunOptions,
  find: (name: string) => Tenant | undefined,
): Tenant {
  return {
    name,
    stage,
    random: randomFrom(seed).fork(name),
    others: tenants - 1,
    broadcastIdOf: (of) => find(of)?.broadcastIds.at(-1),
    clients: [],
    broadcastIds: [],
    count: 0,
  };
}

const operations: readonly (readonly [number, (tenant: Tenant) => Promise<void>])[] = [
  [6, comeIn],
  [3, goAway],
  [60, saySomething],
  [18, tell],
  [13, ask],
];

async function operate(tenant: Tenant): Promise<void> {
  await pickWeighted(tenant.random)(tenant);
}

function pickWeighted(random: Random): (tenant: Tenant) => Promise<void> {
  return random.pick(operations.flatMap(([weight, operation]) => Array.from({ length: weight }, () => operation)));
}

/** What it queued is brought to its people at once, so that none of it is taken for another's doing. */
async function drain({ ports }: Stage): Promise<void> {
  for (let message = ports.queue.take(); message !== undefined; message = ports.queue.take()) {
    await fanOut(ports, message, always);
  }
}

function differences(name: string, together: Stage, apart: Stage): readonly Violation[] {
  const [among, alone] = [together.transcriptOf(name), apart.transcriptOf(name)];
  const numbers = [...new Set([...among.keys(), ...alone.keys()])].sort((a, b) => a - b);
  const first = numbers.find((number) => among.get(number) !== alone.get(number));
  if (first === undefined) return [];
  return [{ what: 'a difference to being alone', operation: first, example: `${name} is told something else` }];
}
