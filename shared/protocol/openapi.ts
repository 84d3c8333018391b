// The HTTP API as an OpenAPI 3.1 document, made from the table of routes, the schemas, and what is said of both.
import * as z from 'zod/mini';
import { callerNotes, failureNotes, refusalsOf } from './failure-notes.ts';
import { commonNote } from './field-notes.ts';
import type { FailureCode } from './failures.ts';
import { failureStatus } from './failures.ts';
import { errorAnswer } from './http-answers.ts';
import { nameLimits, requestLimits } from './limits.ts';
import type { Answer, Operation } from './operation.ts';
import { parameterNotes, products } from './operation.ts';
import { operations } from './operations.ts';
import type { Callers, HttpRoute, HttpRouteName } from './routes.ts';
import { routes } from './routes.ts';
import type { Json, SchemaBook } from './schema-book.ts';
import { propertiesOf, schemaBook } from './schema-book.ts';

/** Changes when the API does: the second number for what is added, the first for what breaks a client. */
export const apiVersion = '1.0.0';

const about =
  'One call from a back office, and every app that should know, knows. `202` means stored: it is sent next, and what was missed is sent at the next connection. ' +
  'Every refusal has a `code` for programs, and a `message`, the `field` and a `remedy` for people. ' +
  'Repeat a POST safely with the same `Idempotency-Key`: nothing is sent twice within 24 hours. ' +
  'Times are ISO 8601. What travels over the sockets is in the AsyncAPI document.';

const securitySchemes = {
  internalApiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Internal-API-Key',
    description: 'The API key of a back office.',
  },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same key in another header.' },
  bearerKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'The same key as `Authorization: Bearer <key>`, or `ApiKey <key>`.',
  },
  bearerToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The token of a person, the same as for the socket.',
  },
} as const;

type Scheme = keyof typeof securitySchemes;

/** Any one of them will do. */
const schemesOf: Readonly<Record<Callers, readonly Scheme[]>> = {
  key: ['internalApiKey', 'apiKey', 'bearerKey'],
  office: ['internalApiKey', 'apiKey', 'bearerKey', 'bearerToken'],
  admin: ['bearerToken'],
  person: ['bearerToken'],
  anyone: [],
};

const rateLimitHeaders = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'] as const;

const headers = {
  'RateLimit-Limit': count('How many requests a minute the caller may make.'),
  'RateLimit-Remaining': count('How many of them are left.'),
  'RateLimit-Reset': count('In how many seconds the next minute begins.'),
  'Retry-After': count('After how many seconds the same request can succeed.'),
  Location: { description: 'Where to look at what was accepted.', schema: { type: 'string' } },
  'Idempotent-Replayed': {
    description: 'An earlier request with the same key had made it.',
    schema: { type: 'string', const: 'true' },
  },
} as const;

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'A UUID, or any other text of visible ASCII characters. A repeated request with the same key makes no second broadcast.',
  schema: { type: 'string', minLength: 1, maxLength: requestLimits.idempotencyKeyCharactersMax },
} as const;

/** A fresh document: whoever gets it may change it. */
export function openApi(): Json {
  const book = schemaBook('draft-2020-12');
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of httpRoutes()) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationObject(book, name, route) };
  }
  const responses = sharedResponses(book);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bellhop HTTP API',
      version: apiVersion,
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'Where this document came from.' }],
    tags: Object.entries(products).map(([product, description]) => ({ name: product, description })),
    paths,
    components: {
      schemas: withFailureNotes(book.components()),
      responses: onlyUsed(responses, paths),
      parameters: { IdempotencyKey: idempotencyKey },
      headers,
      securitySchemes,
    },
  };
}

function httpRoutes(): readonly (readonly [HttpRouteName, HttpRoute])[] {
  return Object.keys(operations).map((name) => [name as HttpRouteName, routes[name as HttpRouteName]]);
}

function operationObject(book: SchemaBook, name: HttpRouteName, route: HttpRoute): Json {
  const operation = operations[name];
  const { summary, description, body, product, example } = operation;
  const parameters = parametersOf(route, operation);
  return {
    operationId: name,
    tags: [product],
    summary,
    ...(description === undefined ? {} : { description }),
    'x-callers': callerNotes[route.callers],
    security: schemesOf[route.callers].map((scheme) => ({ [scheme]: [] })),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: book.schemaOf(body),
                ...(example?.body === undefined ? {} : { example: example.body }),
              },
            },
          },
        }),
    responses: responsesOf(book, route, operation),
  };
}

function parametersOf({ path, method }: HttpRoute, { parameters = {}, query, example }: Operation): readonly Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: parameters[name] ?? parameterNotes[name],
    schema: { type: 'string', minLength: 1, maxLength: nameLimits.userCharactersMax },
    ...(example?.path?.[name] === undefined ? {} : { example: example.path[name] }),
  }));
  const inQuery = (query === undefined ? [] : propertiesOf(query)).map(({ name, required, schema }) => ({
    name,
    in: 'query',
    required,
    description: queryNotes[name] ?? commonNote(name),
    schema,
  }));
  return [...inPath, ...inQuery, ...(method === 'POST' ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : [])];
}

const queryNotes: Readonly<Record<string, string>> = {
  after: 'The `next` of the answer before.',
  from: '`start` begins with the oldest that is kept; without it, and without `after`, with what is not acknowledged.',
  guestId: 'The guest of the token, and nobody else.',
  limit: 'How many entries at most, as a whole number.',
};

function responsesOf(book: SchemaBook, route: HttpRoute, operation: Operation): Json {
  const answers = Object.entries(operation.answers).map(([status, answer]) => [
    status,
    { description: answer.description, headers: headersOf(answer, status), content: contentOf(book, answer) },
  ]);
  const refusals = [...refusalsOf(route, operation)].map(([status, codes]) => {
    const [code] = codes;
    const isShared = codes.length === 1 && code !== undefined;
    return [String(status), isShared ? { $ref: `#/components/responses/${pascalCase(code)}` } : refusal(book, codes)];
  });
  return Object.fromEntries([...answers, ...refusals]) as Json;
}

/** Statuses that a route gives for one reason alone are the same for every route. */
function sharedResponses(book: SchemaBook): Json {
  return Object.fromEntries(
    (Object.keys(failureStatus) as FailureCode[]).map((code) => [pascalCase(code), refusal(book, [code])]),
  );
}

/** What an operation of the document refers to, and no other. */
function onlyUsed(responses: Json, paths: Json): Json {
  const text = JSON.stringify(paths);
  return Object.fromEntries(
    Object.entries(responses).filter(([name]) => text.includes(`"#/components/responses/${name}"`)),
  );
}

function refusal(book: SchemaBook, codes: readonly FailureCode[]): Json {
  const names = [
    ...(codes.includes('unauthenticated') ? [] : rateLimitHeaders),
    ...(codes.includes('rate_limited') || codes.includes('unavailable') ? (['Retry-After'] as const) : []),
  ];
  return {
    description: codes.map((code) => `\`${code}\`: ${failureNotes[code]}`).join(' '),
    ...(names.length === 0 ? {} : { headers: refsTo(names) }),
    content: { 'application/json': { schema: book.schemaOf(errorAnswer) } },
  };
}

function pascalCase(code: FailureCode): string {
  return code.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function contentOf(book: SchemaBook, { schema, mediaType = 'application/json' }: Answer): Json {
  const text = mediaType === 'application/json' ? { type: 'object' } : { type: 'string' };
  return { [mediaType]: { schema: schema === undefined ? text : book.schemaOf(schema) } };
}

/** What says in its body where to look further says so in a header too. */
function headersOf({ schema }: Answer, status: string): Json {
  const isLocated = schema instanceof z.ZodMiniObject && 'links' in schema.shape;
  return refsTo([
    ...rateLimitHeaders,
    ...(isLocated ? (['Location'] as const) : []),
    ...(status === '200' ? [] : (['Idempotent-Replayed'] as const)),
  ]);
}

function refsTo(names: readonly (keyof typeof headers)[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** The extension by which Redoc and others show what each value of a list means. */
function withFailureNotes(schemas: Readonly<Record<string, Json>>): Json {
  const codes: Readonly<Record<FailureCode, string>> = failureNotes;
  return { ...schemas, FailureCode: { ...schemas['FailureCode'], 'x-enumDescriptions': codes } };
}

function count(description: string): Json {
  return { description, schema: { type: 'integer', minimum: 0 } };
}
