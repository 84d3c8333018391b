// The OpenAPI document: valid, complete, and the one that was last looked at.
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { callerNotes } from '../../shared/protocol/failure-notes.ts';
import { notedPlaces } from '../../shared/protocol/field-notes.ts';
import { failureStatus } from '../../shared/protocol/failures.ts';
import { openApi } from '../../shared/protocol/openapi.ts';
import { operations } from '../../shared/protocol/operations.ts';
import type { HttpRoute, HttpRouteName } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { asyncApiDocument, at, fieldsOf, openApiDocument, referencesIn, schemasOf } from './documented.ts';
import { golden } from './golden.ts';

interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly 'x-callers': string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Readonly<Record<string, unknown>>[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly $ref?: string }>>;
}

const paths = openApiDocument['paths'] as Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
const httpRoutes = Object.entries(routes).flatMap(([name, route]): (readonly [HttpRouteName, HttpRoute])[] =>
  route.kind === 'http' ? [[name as HttpRouteName, route]] : [],
);

function operationOf({ method, path }: HttpRoute): OperationObject {
  const operation = paths[path]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${method} ${path} is not documented`);
  return operation;
}

/** The statuses at 400 and beyond, each with the codes that it tells. */
function refusalsOf(route: HttpRoute): Readonly<Record<string, readonly string[]>> {
  const refused = Object.entries(operationOf(route).responses).filter(([status]) => Number(status) >= 400);
  return Object.fromEntries(
    refused.map(([status, response]) => {
      const told = response.$ref === undefined ? response : (at(openApiDocument, response.$ref) as typeof response);
      return [status, [...(told.description ?? '').matchAll(/`([a-z_]+)`:/g)].map(([, code = '']) => code)];
    }),
  );
}

describe('the document', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(openApiDocument))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('is the golden one; UPDATE_GOLDEN=1 makes it so when the change is meant', () => {
    expect(openApiDocument).toStrictEqual(golden('openapi.json', openApiDocument));
  });

  it('is made the same every time, and anew', () => {
    expect(openApi()).toStrictEqual(openApiDocument);
    expect(openApi()['paths']).not.toBe(openApiDocument['paths']);
  });

  it('has every HTTP route of the table and nothing else, each under its own name', () => {
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId}: ${method.toUpperCase()} ${path}`),
    );
    const inTable = httpRoutes.map(([name, { method, path }]) => `${name}: ${method} ${path}`);
    expect(documented.toSorted()).toEqual(inTable.toSorted());
  });

  it('refers to nothing that is not there, and holds nothing that is not referred to', () => {
    const references = referencesIn(openApiDocument);
    expect(references.filter((reference) => at(openApiDocument, reference) === undefined)).toEqual([]);
    const used = new Set(references);
    const components = openApiDocument['components'] as Readonly<Record<string, object>>;
    const all = ['schemas', 'responses', 'parameters', 'headers'].flatMap((kind) =>
      Object.keys(components[kind] ?? {}).map((name) => `#/components/${kind}/${name}`),
    );
    expect(all.filter((name) => !used.has(name))).toEqual([]);
  });

  it('says what every field means', () => {
    const silent = Object.entries(schemasOf(openApiDocument)).flatMap(([name, schema]) =>
      fieldsOf(schema).flatMap(({ path, field }) =>
        '$ref' in field || typeof field['description'] === 'string' ? [] : [`${name} ${path}`],
      ),
    );
    expect(silent).toEqual([]);
  });

  it('writes each schema once', () => {
    const texts = Object.values(schemasOf(openApiDocument))
      .filter((schema) => 'properties' in schema)
      .map((schema) => JSON.stringify({ ...schema, description: null }));
    const twice = texts.filter((text, index) => texts.indexOf(text) !== index);
    // The two products answer alike, and are documented each by itself.
    expect(twice.map((text) => Object.keys((JSON.parse(text) as { properties: object }).properties))).toEqual(
      twice.length === 0 ? [] : [['success', 'message', 'broadcastId', 'state', 'links']],
    );
  });

  it('has no note for a field that is gone', () => {
    const schemas = { ...schemasOf(openApiDocument), ...schemasOf(asyncApiDocument) };
    const places = new Set(
      Object.entries(schemas).flatMap(([name, schema]) => [
        name,
        ...fieldsOf(schema).map(({ path }) => `${name} ${path}`),
      ]),
    );
    expect(notedPlaces().filter((place) => !places.has(place))).toEqual([]);
  });
});

describe.each(httpRoutes)('%s', (name, route) => {
  const operation = operationOf(route);
  const { example, body, query } = operations[name];

  it('says who may call, and with which credentials', () => {
    const schemes = operation.security.flatMap((scheme) => Object.keys(scheme));
    const keys = ['internalApiKey', 'apiKey', 'bearerKey'];
    const expected = { key: keys, office: [...keys, 'bearerToken'], admin: ['bearerToken'], person: ['bearerToken'] };
    expect(schemes).toEqual(route.callers === 'anyone' ? [] : expected[route.callers]);
    expect(operation['x-callers']).toBe(callerNotes[route.callers]);
  });

  it('has every parameter of its path and its query, and says what each is', () => {
    const named = (operation.parameters ?? []).filter((parameter) => 'name' in parameter);
    expect(named.map((parameter) => [parameter['in'], parameter['name']])).toEqual([
      ...[...route.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ['path', parameter]),
      ...Object.keys(query?.shape ?? {}).map((parameter) => ['query', parameter]),
    ]);
    for (const parameter of named) expect(parameter['description']).toMatch(/\.$/);
  });

  it('takes an idempotency key when it makes something', () => {
    const keys = (operation.parameters ?? []).filter(({ $ref }) => $ref === '#/components/parameters/IdempotencyKey');
    expect(keys).toHaveLength(route.method === 'POST' ? 1 : 0);
  });

  it('tells every refusal that it can give', () => {
    const refusals = refusalsOf(route);
    const statuses = Object.keys(refusals).map(Number);
    const isWriting = route.method !== 'GET';
    expect(statuses).toEqual(expect.arrayContaining([429, 500, 503]));
    expect(statuses.includes(401)).toBe(route.callers !== 'anyone');
    expect(statuses.includes(403) || !['key', 'office', 'admin'].includes(route.callers)).toBe(true);
    expect(statuses.includes(413)).toBe(isWriting);
    expect(statuses.includes(422)).toBe(route.method === 'POST');
    const takesSomething = isWriting || query !== undefined || route.path.includes('{');
    expect(statuses.includes(400)).toBe(takesSomething || ['key', 'office'].includes(route.callers));
    for (const [status, codes] of Object.entries(refusals)) {
      expect(codes.length).toBeGreaterThan(0);
      for (const code of codes) expect(failureStatus[code as keyof typeof failureStatus]).toBe(Number(status));
    }
  });

  it('has an example that it would take', () => {
    expect(example?.body === undefined).toBe(body === undefined);
    if (body !== undefined) expect(validate(body, example?.body, 'example')).toEqual(example?.body);
    const parameters = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    expect(Object.keys(example?.path ?? {}).toSorted()).toEqual(parameters.toSorted());
  });
});
