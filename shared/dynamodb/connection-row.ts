// Rows of the connections table: what a connection is, the rooms that it has joined, and the events that it has selected.
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AnonymousConnection, Connection, KnownConnection } from '../domain/connection.ts';
import type { Topic } from '../domain/topic.ts';
import { conditionHeld } from './conditional.ts';
import { ttlOf } from './expiry.ts';

export interface ConnectionTables {
  readonly connections: string;
  readonly subscriptions: string;
}

export interface ConnectionTableStore {
  readonly client: DynamoDBDocumentClient;
  readonly tables: ConnectionTables;
}

/** A row of the connections table. That of a closed connection keeps what it was, if it was ever open. */
export interface Row {
  readonly pk: string;
  readonly state: Connection['state'] | 'closed';
  /** Without rooms and events, which have attributes of their own, so that changes of one leave the others alone. */
  readonly connection?: StoredConnection;
  /** The call that wrote it, so that a call whose answer was lost knows its own work when the client tries again. */
  readonly write?: string;
  readonly events?: ReadonlySet<string>;
  /** Counts the changes that every subscription has to follow; absent before the first. */
  readonly version?: number;
  readonly ttl: number;
  /** One for each room, also for those that were left, so that no earlier word makes them joined again. */
  readonly [room: RoomName]: RoomMark;
}

/** Bellhop's own dialect and an identity that is not there are absent. */
type StoredConnection =
  Stored<KnownConnection, 'dialect' | 'events'> | Stored<AnonymousConnection, 'dialect' | 'identity'>;
type Stored<Kind extends Connection, Absent extends keyof Kind> = Omit<Kind, Absent> & Partial<Pick<Kind, Absent>>;

const roomPrefix = 'room ';
type RoomName = `${typeof roomPrefix}${string}`;

/** The last word on one room. Of two words the one with the higher turn stands. */
export interface RoomMark {
  readonly turn: number;
  readonly joined: boolean;
}

/** The row of a connection whose user is known and whose socket is open. */
export type KnownRow = Row & { readonly connection: Stored<KnownConnection, 'dialect' | 'events'> };

export function newRow(connection: Connection, write: string): Row {
  const { connectionId: pk, state, expiresAtMs } = connection;
  const row = { pk, state, write, ttl: ttlOf(expiresAtMs) };
  if (connection.state === 'anonymous') {
    const { dialect, identity, ...rest } = connection;
    const stored = { ...rest, ...storedDialect(dialect), ...(identity === null ? {} : { identity }) };
    return { ...row, connection: stored };
  }
  const { dialect, events = [], ...rest } = connection;
  const selected = events.length === 0 ? {} : { events: new Set(events) };
  return { ...row, connection: { ...rest, ...storedDialect(dialect) }, ...selected };
}

function storedDialect(dialect: Connection['dialect']): Partial<Pick<Connection, 'dialect'>> {
  return dialect === 'bellhop' ? {} : { dialect };
}

/** The connection, be it closed or not, with its rooms after the topics of its token, in order of their names. */
export function connectionOf(row: Row | undefined): Connection | null {
  if (row?.connection === undefined) return null;
  const { connection } = row;
  if (connection.state === 'anonymous') return { dialect: 'bellhop', identity: null, ...connection };
  return { ...tokenConnectionOf({ ...row, connection }), topics: [...connection.topics, ...joinedTopics(row)] };
}

/** The same without the rooms: with the topics of its token alone. */
export function tokenConnectionOf({ connection, events }: KnownRow): KnownConnection {
  return { dialect: 'bellhop', ...connection, ...(events === undefined ? {} : { events: [...events].sort() }) };
}

export function isKnownRow(row: Row | undefined): row is KnownRow {
  return row?.state === 'known' && row.connection !== undefined;
}

export function roomName(topic: Topic): RoomName {
  return `${roomPrefix}${topic}`;
}

function topicOf(name: RoomName): Topic {
  return name.slice(roomPrefix.length) as Topic;
}

export function roomMarks(row: Row): ReadonlyMap<Topic, RoomMark> {
  const names = Object.keys(row).filter((name): name is RoomName => name.startsWith(roomPrefix));
  const marks = names.flatMap((name): readonly (readonly [Topic, RoomMark])[] => {
    const mark = row[name];
    return mark === undefined ? [] : [[topicOf(name), mark]];
  });
  return new Map(marks);
}

export function joinedTopics(row: Row): readonly Topic[] {
  return [...roomMarks(row)].flatMap(([topic, { joined }]) => (joined ? [topic] : [])).sort();
}

export async function getRow({ client, tables }: ConnectionTableStore, connectionId: string): Promise<Row | undefined> {
  const found = await client.send(
    new GetCommand({ TableName: tables.connections, Key: { pk: connectionId }, ConsistentRead: true }),
  );
  return found.Item as Row | undefined;
}

type Change = Pick<
  UpdateCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** The row of a known connection after the change; null when its condition did not hold, or there is no such row. */
export async function changeRow(
  { client, tables }: ConnectionTableStore,
  connectionId: string,
  change: Change,
): Promise<KnownRow | null> {
  let row: KnownRow | null = null;
  const conditions = ['#state = :known', change.ConditionExpression].filter((condition) => condition !== undefined);
  const update = new UpdateCommand({
    ...change,
    TableName: tables.connections,
    Key: { pk: connectionId },
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: { ...change.ExpressionAttributeNames, '#state': 'state' },
    ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':known': 'known' },
    ReturnValues: 'ALL_NEW',
  });
  await conditionHeld(
    client.send(update).then(({ Attributes }) => {
      row = Attributes as KnownRow;
    }),
  );
  return row;
}
