// Presence: whether a user is there, noted by whoever comes and by whoever finds that nobody is left.
import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Presence } from '../domain/presence.ts';
import type { PresenceStore } from '../ports.ts';
import { presenceLimits } from '../protocol/limits.ts';
import { conditionHeld } from './conditional.ts';
import { ttlOf } from './expiry.ts';
import { presenceKey } from './keys.ts';

/** The user is there as long as `onlineSinceMs` is. */
interface PresenceItem {
  readonly arrivals?: number;
  readonly onlineSinceMs?: number;
  readonly offlineSinceMs?: number;
  readonly status?: string;
  /**
   * The calls that brought the user online and offline. A call whose answer was lost is made again by the client: it
   * knows its own work by this, so what it was first to note is told to the others all the same.
   */
  readonly cameBy?: string;
  readonly leftBy?: string;
}

type Update = Omit<UpdateCommandInput, 'TableName' | 'Key'>;

export function presenceStore(client: DynamoDBDocumentClient, tableName: string): PresenceStore {
  const update = async (tenant: string, user: string, wanted: Update): Promise<PresenceItem> => {
    const Key = { pk: presenceKey(tenant, user) };
    const updated = await client.send(
      new UpdateCommand({ TableName: tableName, Key, ReturnValues: 'ALL_NEW', ...wanted }),
    );
    return updated.Attributes as PresenceItem;
  };
  return {
    arrive: async (tenant, user, nowMs) => {
      const write = randomUUID();
      const item = await update(tenant, user, arrival(write, nowMs));
      return item.cameBy === write ? 'came' : 'was_there';
    },
    get: async (tenant, user) => {
      const Key = { pk: presenceKey(tenant, user) };
      const found = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
      return found.Item === undefined ? null : presenceOf(found.Item as PresenceItem);
    },
    depart: async (tenant, user, arrivals, nowMs) => {
      const held = await conditionHeld(update(tenant, user, departure(arrivals, randomUUID(), nowMs)));
      return held ? 'left' : 'stayed';
    },
    setStatus: async (tenant, user, status, nowMs) => {
      await update(tenant, user, {
        UpdateExpression: 'SET #status = :status, offlineSinceMs = if_not_exists(offlineSinceMs, :now), #ttl = :ttl',
        ExpressionAttributeNames: { '#status': 'status', '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':status': status, ':now': nowMs, ':ttl': ttlAt(nowMs) },
      });
    },
  };
}

function arrival(write: string, nowMs: number): Update {
  return {
    UpdateExpression: [
      'SET onlineSinceMs = if_not_exists(onlineSinceMs, :now), cameBy = if_not_exists(cameBy, :write), #ttl = :ttl',
      'REMOVE leftBy',
      'ADD arrivals :one',
    ].join(' '),
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':now': nowMs, ':write': write, ':one': 1, ':ttl': ttlAt(nowMs) },
  };
}

function departure(arrivals: number, write: string, nowMs: number): Update {
  return {
    UpdateExpression: 'SET offlineSinceMs = :now, leftBy = :write, #ttl = :ttl REMOVE onlineSinceMs, cameBy',
    ConditionExpression: '(attribute_exists(onlineSinceMs) AND arrivals = :arrivals) OR leftBy = :write',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':now': nowMs, ':write': write, ':arrivals': arrivals, ':ttl': ttlAt(nowMs) },
  };
}

function presenceOf({ arrivals = 0, onlineSinceMs, offlineSinceMs = 0, status }: PresenceItem): Presence {
  return {
    state: onlineSinceMs === undefined ? 'offline' : 'online',
    arrivals,
    sinceMs: onlineSinceMs ?? offlineSinceMs,
    ...(status === undefined ? {} : { status }),
  };
}

function ttlAt(nowMs: number): number {
  return ttlOf(nowMs + presenceLimits.keptMs);
}
