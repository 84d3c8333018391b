// The schemas of the API documents: each has one name, is written once, and says what every field of it means.
import * as z from 'zod/mini';
import * as clientFrames from './client-frames.ts';
import { failureCode } from './dialect-message.ts';
import { hotelMessages, leadsMessages } from './dialect-messages.ts';
import { noteOf } from './field-notes.ts';
import * as answers from './http-answers.ts';
import * as bodies from './http-bodies.ts';
import * as hotel from './hotel-bodies.ts';
import * as leads from './leads-bodies.ts';
import * as repairShop from './repair-shop-bodies.ts';
import { schemaNotes } from './schema-notes.ts';
import * as serverFrames from './server-frames.ts';
import * as socketIo from './socketio-messages.ts';
import * as supportDesk from './support-desk-bodies.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface SchemaBook {
  /** A reference to a schema, which is in `components` from then on; or, for one without a name, the schema itself. */
  readonly schemaOf: (schema: z.ZodMiniType) => Json;
  /** What was referred to, and what that refers to, by name. */
  readonly components: () => Readonly<Record<string, Json>>;
}

const place = '#/components/schemas/';

/** The name of a schema is that of its export, as a type is written: `publishBody` -> `PublishBody`. */
function namedSchemas(): ReadonlyMap<z.ZodMiniType, string> {
  const sources = [clientFrames, serverFrames, bodies, answers, hotel, repairShop, leads, supportDesk, socketIo];
  const exported = [...sources, { failureCode }]
    .flatMap((source) => Object.entries<unknown>({ ...source }))
    .map(([name, value]) => [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, value] as const);
  const messages = [leadsMessages, hotelMessages, socketIo.shopMessages, socketIo.deskMessages]
    .flatMap(({ client, server }) => [...Object.entries(client), ...Object.entries(server)])
    .map(([name, { payload }]) => [name, payload] as const);
  const names = new Map<z.ZodMiniType, string>();
  for (const [name, schema] of [...exported, ...messages]) {
    if (isWorthAName(schema) && !names.has(schema)) names.set(schema, name);
  }
  return names;
}

/** Texts, and objects of which nothing is known, are written where they stand. */
function isWorthAName(value: unknown): value is z.ZodMiniType {
  const isSchema = value instanceof z.ZodMiniType;
  return isSchema && !(value instanceof z.ZodMiniString) && !(value instanceof z.ZodMiniRecord);
}

const asDocumented = {
  // As input, so that answers may have more fields than are told: clients ignore what they do not know.
  io: 'input',
  override: ({ jsonSchema }: { readonly jsonSchema: Record<string, unknown> }) => {
    simplify(jsonSchema);
  },
} as const;

/** @param target the version of JSON Schema: OpenAPI 3.1 wants 2020-12, AsyncAPI 3.0 a superset of draft 7. */
export function schemaBook(target: 'draft-2020-12' | 'draft-07'): SchemaBook {
  const names = namedSchemas();
  const registry = z.registry<{ readonly id: string }>();
  for (const [schema, id] of names) registry.add(schema, { id });
  const options = { ...asDocumented, target };
  const { schemas } = z.toJSONSchema(registry, { ...options, uri: (id) => `${place}${id}` });
  const used = new Set<string>();
  const use = (name: string): void => {
    if (used.has(name)) return;
    used.add(name);
    const text = JSON.stringify(schemas[name]);
    for (const [, other] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) if (other !== undefined) use(other);
  };
  return {
    schemaOf: (schema) => {
      const name = names.get(schema);
      if (name === undefined) return withoutMeta(z.toJSONSchema(schema, options));
      use(name);
      return { $ref: `${place}${name}` };
    },
    components: () =>
      Object.fromEntries([...used].sort().map((name) => [name, componentOf(name, schemas[name] as Json)])),
  };
}

/** The properties of a query, one parameter each. */
export function propertiesOf(schema: z.ZodMiniObject): readonly {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Json;
}[] {
  const made = z.toJSONSchema(schema, asDocumented);
  return Object.entries(made.properties ?? {}).map(([name, property]) => ({
    name,
    required: made.required?.includes(name) === true,
    schema: property as Json,
  }));
}

function componentOf(name: string, schema: Json): Json {
  const description = schemaNotes[name];
  return {
    ...(description === undefined ? {} : { description }),
    ...(annotated(withoutMeta(schema), name, '') as Json),
  };
}

function withoutMeta(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));
}

/** The same schema, in which every field says what it means. */
function annotated(value: unknown, component: string, path: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => annotated(entry, component, path));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: readonly [string, unknown]) =>
      key === 'properties'
        ? [key, withNotes(member as Readonly<Record<string, Json>>, component, path)]
        : [key, annotated(member, component, path)],
    ),
  );
}

function withNotes(properties: Readonly<Record<string, Json>>, component: string, path: string): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const inside = path === '' ? name : `${path}.${name}`;
      const description = noteOf(component, inside, name);
      // Beside a reference nothing else counts in draft 7; what it refers to has a description of its own.
      const isReference = '$ref' in property;
      const note = isReference || description === undefined ? {} : { description };
      return [name, { ...note, ...(annotated(property, component, inside) as Json) }];
    }),
  );
}

/** Leaves out what says nothing: that a key is a text, that a whole number is one which a number can hold, how a time is matched. */
function simplify(schema: Record<string, unknown>): void {
  if (JSON.stringify(schema['propertyNames']) === '{"type":"string"}') delete schema['propertyNames'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['format'] === 'date-time') delete schema['pattern'];
  if (JSON.stringify(schema['additionalProperties']) === '{}') schema['additionalProperties'] = true;
}
