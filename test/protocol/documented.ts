// The documents as tests look at them: each made once, and a walk over every schema in one.
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { asyncApi } from '../../shared/protocol/asyncapi.ts';
import { openApi } from '../../shared/protocol/openapi.ts';

type Json = Readonly<Record<string, unknown>>;

export const openApiDocument = openApi();
export const asyncApiDocument = asyncApi();

export function schemasOf(document: Json): Readonly<Record<string, Json>> {
  return (document['components'] as { readonly schemas: Readonly<Record<string, Json>> }).schemas;
}

/** Every field of a schema, however deep, with its path: `data.users.userId`. */
export function fieldsOf(schema: unknown, path = ''): readonly { readonly path: string; readonly field: Json }[] {
  if (Array.isArray(schema)) return schema.flatMap((entry) => fieldsOf(entry, path));
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: readonly [string, unknown]) => {
    if (key !== 'properties') return fieldsOf(value, path);
    return Object.entries(value as Readonly<Record<string, Json>>).flatMap(([name, field]) => {
      const inside = path === '' ? name : `${path}.${name}`;
      return [{ path: inside, field }, ...fieldsOf(field, inside)];
    });
  });
}

/** Everything that a document refers to. */
export function referencesIn(document: Json): readonly string[] {
  return [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = '']) => reference);
}

/** What is at a reference; undefined when nothing is. */
export function at(document: Json, reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((value, part) => (value as Json | undefined)?.[part], document);
}

/** A validator that knows nothing of us, with the schemas of a document; it throws for a schema that is none. */
export function validatorOf(document: Json): Ajv {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false });
  formats(ajv);
  ajv.addKeyword('components');
  ajv.addSchema({ $id: 'document', components: { schemas: schemasOf(document) } });
  return ajv;
}
