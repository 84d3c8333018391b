// Sensitive fields: what an operator has listed is dropped before anything is stored or sent.
import type { JsonObject } from './log.ts';

/** The object without the fields of these names, at any depth; case does not matter. */
export function withoutFields(object: JsonObject, names: readonly string[]): JsonObject {
  if (names.length === 0) return object;
  const dropped = new Set(names.map((name) => name.toLowerCase()));
  return strippedObject(object, dropped);
}

function strippedObject(object: JsonObject, dropped: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([name]) => !dropped.has(name.toLowerCase()))
      .map(([name, value]) => [name, stripped(value, dropped)]),
  );
}

function stripped(value: unknown, dropped: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((element) => stripped(element, dropped));
  return typeof value === 'object' && value !== null ? strippedObject(value as JsonObject, dropped) : value;
}
