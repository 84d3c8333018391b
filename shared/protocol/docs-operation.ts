// One call of the HTTP API as a part of the documentation: who may call, what goes in, what comes back, and a first request.
import type { Markup } from './docs-html.ts';
import { html, nothing, prose } from './docs-html.ts';
import type { Schema, Schemas } from './docs-schemas.ts';
import { fieldTable, table, typeText } from './docs-schemas.ts';

export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly 'x-callers': string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly (ParameterObject | { readonly $ref: string })[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;
  };
  readonly responses: Readonly<Record<string, ResponseObject | { readonly $ref: string }>>;
}

interface ParameterObject {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
  readonly example?: string;
}

interface ResponseObject {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}

export function operationArticle(method: string, path: string, operation: OperationObject, schemas: Schemas): Markup {
  const { operationId, summary, description, 'x-callers': callers, requestBody } = operation;
  const parameters = parametersOf(operation);
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  return html`<article aria-labelledby="${operationId}">
    <h3 id="${operationId}">${summary}</h3>
    <p><span class="method">${method}</span><code>${path}</code></p>
    <p>${prose(description ?? '')}</p>
    <p class="soft">Who may call: ${prose(callers)}</p>
    ${
      parameters.length === 0
        ? nothing
        : html`<h4>In the address</h4>
            ${table(
              `Parameters of ${operationId}`,
              ['Parameter', 'Type', 'Needed', 'Meaning'],
              parameters.map(({ name, schema, required, description: note }) => [
                html`<code>${name}</code>`,
                html`${typeText(schema, schemas)}`,
                html`${required ? 'yes' : 'no'}`,
                prose(note),
              ]),
            )}`
    }
    ${
      body === undefined
        ? nothing
        : html`<h4>Body</h4>
            ${fieldTable(body, schemas, `Body of ${operationId}`)}`
    }
    <h4>Answers</h4>
    ${answersOf(operation, schemas)}
    <h4>Example</h4>
    <pre tabindex="0"><code>${curlOf(method, path, operation)}</code></pre>
  </article>`;
}

function parametersOf({ parameters = [] }: OperationObject): readonly ParameterObject[] {
  return parameters.filter((parameter): parameter is ParameterObject => 'name' in parameter);
}

/** What went well field by field; the refusals by their status alone, for they all look the same. */
function answersOf({ operationId, responses }: OperationObject, schemas: Schemas): Markup {
  const answers = Object.entries(responses).flatMap(([status, response]) =>
    Number(status) < 400 && 'content' in response ? [[status, response] as const] : [],
  );
  const refusals = Object.keys(responses).filter((status) => Number(status) >= 400);
  const told = answers.map(([status, { description, content }]) => {
    const schema = content['application/json']?.schema;
    return html`<p><code>${status}</code> ${prose(description)}</p>
      ${
        schema === undefined
          ? nothing
          : html`<details>
              <summary>Fields of the answer</summary>
              ${fieldTable(schema, schemas, `Answer ${status} of ${operationId}`)}
            </details>`
      }`;
  });
  return html`${told}
    <p class="soft">Refusals: ${refusals.join(', ')}. See <a href="#refusals">Refusals</a>.</p>`;
}

/** A request for a shell of Unix. Nothing of the documents can leave its quotes. */
export function curlOf(method: string, path: string, operation: OperationObject): string {
  const filled = parametersOf(operation)
    .filter(({ in: place }) => place === 'path')
    .reduce((text, { name, example }) => text.replace(`{${name}}`, () => encodeURIComponent(example ?? name)), path);
  const [scheme] = operation.security.flatMap((one) => Object.keys(one));
  const example = Object.values(operation.requestBody?.content ?? {})[0]?.example;
  const parts = [
    `curl${method === 'GET' ? '' : ` -X ${method}`} "$BELLHOP_URL"${quoted(filled)}`,
    ...(scheme === undefined
      ? []
      : [scheme === 'bearerToken' ? '-H "Authorization: Bearer $TOKEN"' : '-H "X-Internal-API-Key: $API_KEY"']),
    ...(method === 'POST' ? ['-H "Idempotency-Key: $(uuidgen)"'] : []),
    ...(example === undefined
      ? []
      : ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(example, null, 2))}`]),
  ];
  return parts.join(' \\\n  ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
