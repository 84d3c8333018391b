// What DynamoDB charges for writes, and what they were for.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html says how it counts.
import type { IndexModel, TableModel } from '../local/contracts.ts';

/** An item as it goes over the wire: each value under the name of its type. */
export type Item = Readonly<Record<string, unknown>>;

export interface Write {
  /** The logical id of the table. */
  readonly table: string;
  readonly operation: string;
  /** The attributes that the write named: the key at least. */
  readonly key: Item;
  readonly to: 'item' | 'index' | 'refused';
  readonly units: number;
}

const unitBytes = 1_024;

/**
 * One unit for each started KB of an entry that is put into an index or taken out of it; an entry that stays as it is
 * costs nothing. Entries of keys alone are a few hundred bytes.
 */
export function indexUnits(model: TableModel, before: Item | null, after: Item | null): number {
  return model.globalIndexes.reduce((sum, index) => {
    const [old, fresh] = [entryOf(model, index, before), entryOf(model, index, after)];
    if (JSON.stringify(old) === JSON.stringify(fresh)) return sum;
    return sum + unitsOf(old) + unitsOf(fresh);
  }, 0);
}

function entryOf(model: TableModel, index: IndexModel, item: Item | null): Item | null {
  const projection = index.Projection.ProjectionType;
  if (projection !== 'KEYS_ONLY') throw new Error(`the meter does not know an index of ${projection}`);
  const names = index.KeySchema.map(({ AttributeName }) => AttributeName);
  if (item === null || names.some((name) => item[name] === undefined)) return null;
  const all = [...names, ...model.key.map(({ AttributeName }) => AttributeName)];
  return Object.fromEntries(all.map((name) => [name, item[name]]));
}

function unitsOf(entry: Item | null): number {
  return entry === null ? 0 : wireUnits(entry);
}

/** A condition that fails costs as much as the item that is there. On the wire it is somewhat longer, so this is no less. */
export function unitsOfRefusal(standing: Item | null): number {
  return standing === null ? 1 : wireUnits(standing);
}

function wireUnits(item: Item): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify(item)) / unitBytes);
}

/** What a write was for, in words. */
export function useOf({ table, operation, key, to }: Write): string {
  const use = tableUse(table, operation, key);
  if (to === 'index') return 'the outbox (index)';
  return to === 'refused' ? `${use}, refused` : use;
}

function tableUse(table: string, operation: string, key: Item): string {
  const text = (name: string): string => JSON.stringify(key[name] ?? null);
  switch (table) {
    case 'GuardsTable':
      return operation === 'PutItem' ? 'idempotency keys' : 'rate limits';
    case 'BroadcastsTable':
      if (!text('sk').includes('"broadcast"')) return 'receipts of pages';
      return operation === 'PutItem' ? 'broadcasts' : 'broadcasts: place and dispatch';
    case 'LogsTable':
      return text('seq').includes('"0"') ? 'log heads' : 'log entries';
    case 'CursorsTable':
      return 'acknowledgements (cursors)';
    default:
      return table;
  }
}

export interface Tally {
  readonly total: number;
  /** Units by use, the largest first. */
  readonly uses: readonly (readonly [string, number])[];
}

export function tallyOf(writes: readonly Write[]): Tally {
  const byUse = new Map<string, number>();
  for (const write of writes) byUse.set(useOf(write), (byUse.get(useOf(write)) ?? 0) + write.units);
  const total = writes.reduce((sum, { units }) => sum + units, 0);
  return { total, uses: [...byUse].sort(([, a], [, b]) => b - a) };
}
