// Where many tenants are served by the same ports, and whatever is told to anybody is looked through for what is another's.
import { createHash } from 'node:crypto';
import type { Clock, Ids, LogStore } from '../../shared/ports.ts';
import type { DeadlineMessage } from '../../shared/protocol/queue-messages.ts';
import { socketDialects } from '../../shared/dialects/sockets.ts';
import { digest } from '../../shared/system/digest.ts';
import { fakeQueue } from '../fakes/fake-queue.ts';
import { fakeTelemetry } from '../fakes/fake-telemetry.ts';
import { fakeTokens } from '../fakes/fake-tokens.ts';
import type { MakeStores, Stores } from './stores.ts';

/**
 * The name of a tenant is its canary: whatever its people say holds it, and so does every id and every epoch that is made
 * for it. Its users, rooms, roles and events are called as everybody else's.
 */
export function tenantName(number: number): string {
  return `tenant-${String(number).padStart(2, '0')}`;
}

const canary = /tenant-\d\d/g;

export interface Violation {
  readonly what: 'a foreign byte' | 'a post to a foreign connection' | 'a difference to being alone' | 'a crash';
  readonly operation: number;
  readonly example: string;
}

export type Plant = (stores: Stores, acting: () => string) => Stores;

export type Stage = ReturnType<typeof openStage>;

export interface StageOptions {
  readonly makeStores: MakeStores;
  readonly plant?: Plant;
  /** Hears every text that is posted. */
  readonly onPost?: (text: string) => void;
}

export function openStage({ makeStores, plant = (stores) => stores, onPost }: StageOptions) {
  let nowMs = 0;
  let acting = '';
  let operation = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    wait: async (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
  };
  const record = openRecord(() => operation);
  const closed = new Set<string>();
  const deadlines = openDeadlines(clock, () => acting);
  const queue = fakeQueue();
  const stores = plant(withNamedEpochs(makeStores(clock)), () => acting);
  return {
    ports: {
      ...stores,
      queue,
      depths: queue,
      deadlines,
      clock,
      ids: namedIds(() => acting),
      tokens: fakeTokens(),
      telemetry: fakeTelemetry(),
      opener: { start: async () => Promise.resolve() },
      gateway: {
        post: async (connectionId: string, text: string) => {
          if (closed.has(connectionId)) return Promise.resolve('gone' as const);
          const owner = connectionId.match(canary)?.[0] ?? '';
          if (owner !== acting)
            record.note('a post to a foreign connection', `${acting} posts to ${connectionId}: ${text}`);
          record.told(owner, `${connectionId} ${text}`);
          onPost?.(text);
          return Promise.resolve('posted' as const);
        },
        close: async (connectionId: string) => {
          closed.add(connectionId);
          return Promise.resolve();
        },
      },
      dialects: socketDialects,
      digest,
      allowedOrigins: [],
      sensitiveFields: [],
      // Every other tenant: what its guests may not say is not said.
      teams: Array.from({ length: 50 }, (_, number) => tenantName(2 * number)),
      lookBackMs: 0,
    },
    /** From here on this tenant does something, as the operation of this number. */
    act: (tenant: string, number: number, atMs: number): void => {
      acting = tenant;
      operation = number;
      nowMs = atMs;
    },
    /** What one call of the HTTP API answers. */
    answer: (value: unknown): void => {
      record.told(acting, JSON.stringify(value));
    },
    crash: (error: unknown): void => {
      record.note('a crash', `${acting}: ${error instanceof Error ? String(error.stack) : String(error)}`);
    },
    isClosed: (connectionId: string): boolean => closed.has(connectionId),
    takeDue: deadlines.takeDue,
    violations: record.violations,
    transcriptOf: record.transcriptOf,
  };
}

/** What went wrong, and what each tenant was told in which operation. */
function openRecord(operation: () => number) {
  const violations: Violation[] = [];
  const transcripts = new Map<string, Map<number, number>>();
  const note = (what: Violation['what'], example: string): void => {
    violations.push({ what, operation: operation(), example: example.slice(0, 500) });
  };
  return {
    violations,
    note,
    /** What a tenant, or one of its connections, is told. */
    told: (tenant: string, text: string): void => {
      const foreign = text.match(canary)?.find((name) => name !== tenant);
      if (foreign !== undefined) note('a foreign byte', `${tenant} is told: ${text}`);
      const transcript = transcripts.get(tenant) ?? new Map<number, number>();
      transcripts.set(tenant, transcript);
      // A sum, so that it makes no difference which of several clients is told first.
      transcript.set(operation(), ((transcript.get(operation()) ?? 0) + hashOf(text)) % 2 ** 48);
    },
    /** By operation, what a tenant was told in it, digested. */
    transcriptOf: (tenant: string): ReadonlyMap<number, number> => transcripts.get(tenant) ?? new Map<number, number>(),
  };
}

/** 48 bits. */
function hashOf(text: string): number {
  return createHash('sha1').update(text).digest().readUIntBE(0, 6);
}

/** Deadlines are kept apart by who set them, so that time passes for each tenant as if it were alone. */
function openDeadlines(clock: Clock, acting: () => string) {
  const waiting = new Map<string, { readonly dueMs: number; readonly message: DeadlineMessage }[]>();
  return {
    schedule: async (message: DeadlineMessage, delayMs: number) => {
      const own = waiting.get(acting()) ?? [];
      waiting.set(acting(), own);
      const dueMs = clock.nowMs() + delayMs;
      const behind = own.findIndex((one) => one.dueMs > dueMs);
      own.splice(behind === -1 ? own.length : behind, 0, { dueMs, message });
      return Promise.resolve();
    },
    takeDue: (tenant: string, untilMs: number) => {
      const [first] = waiting.get(tenant) ?? [];
      return first === undefined || first.dueMs > untilMs ? undefined : waiting.get(tenant)?.shift();
    },
  };
}

/** As long as they are unique and in order of time: each says whose it is, and none depends on what others do. */
function namedIds(acting: () => string): Ids {
  const made = new Map<string, number>();
  return {
    broadcastId: (nowMs) => {
      const count = (made.get(acting()) ?? 0) + 1;
      made.set(acting(), count);
      return `${String(nowMs).padStart(13, '0')}-${acting()}-${String(count).padStart(6, '0')}`;
    },
  };
}

/** A log's epoch as it is called here. No log is lost or restored in these runs, so that each has one. */
export function epochOf(tenant: string, topic: string): string {
  return `${tenant}/${topic}`;
}

function withNamedEpochs(stores: Stores): Stores {
  const { logs } = stores;
  const named: LogStore = {
    ...logs,
    head: async (tenant, topic, enoughSeq) => ({
      ...(await logs.head(tenant, topic, enoughSeq)),
      epoch: epochOf(tenant, topic),
    }),
    append: async (tenant, topic, notification) => ({
      ...(await logs.append(tenant, topic, notification)),
      epoch: epochOf(tenant, topic),
    }),
  };
  return { ...stores, logs: named };
}
