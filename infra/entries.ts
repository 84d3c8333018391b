// Loops over tables whose keys are all known to the compiler, keeping the types of the keys.

/** The entries of a record that holds no other keys than its type says. */
export function entriesOf<Key extends string, Value>(
  table: Readonly<Partial<Record<Key, Value>>>,
): readonly (readonly [Key, Value])[] {
  return Object.entries(table) as [Key, Value][];
}

/** A record with the same keys and another value for each. */
export function mapValues<Key extends string, Value, Result>(
  table: Readonly<Record<Key, Value>>,
  make: (value: Value, key: Key) => Result,
): Readonly<Record<Key, Result>> {
  return Object.fromEntries(entriesOf<Key, Value>(table).map(([key, value]) => [key, make(value, key)])) as Record<
    Key,
    Result
  >;
}
