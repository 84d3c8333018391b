// The documentation as one page for people, made from the two documents for machines and complete in itself.
import type { Markup } from './docs-html.ts';
import { html, nothing, prose } from './docs-html.ts';
import type { OperationObject } from './docs-operation.ts';
import { operationArticle } from './docs-operation.ts';
import type { Schema, Schemas } from './docs-schemas.ts';
import { fieldTable, table } from './docs-schemas.ts';
import { docsStyle } from './docs-style.ts';
import type { Json } from './schema-book.ts';

interface Info {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

interface OpenApi {
  readonly info: Info;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly schemas: Schemas & {
      readonly FailureCode: {
        readonly enum: readonly string[];
        readonly 'x-enumDescriptions': Readonly<Record<string, string>>;
      };
    };
  };
}

interface AsyncApi {
  readonly info: Info;
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<Record<string, { readonly messages: readonly { readonly $ref: string }[] }>>;
  readonly components: { readonly messages: Readonly<Record<string, Message>>; readonly schemas: Schemas };
}

interface Channel {
  readonly address: string;
  readonly title: string;
  readonly description: string;
  readonly bindings?: { readonly ws: { readonly query: Schema } };
}

interface Message {
  readonly title: string;
  readonly summary: string;
  readonly payload: Schema;
}

/** Made apart from the page, for its hash is that of every character between the tags. */
const style: Markup = { markup: `<style>${docsStyle}</style>` };

/** A whole HTML document. It holds no script, and one style sheet, `docsStyle`, by whose hash a policy can allow it. */
export function docsPage(openApi: Json, asyncApi: Json): string {
  // Both are ours, and made by the neighbours of this file.
  const http = openApi as unknown as OpenApi;
  const sockets = asyncApi as unknown as AsyncApi;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Bellhop API</title>
        ${style}
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <div class="layout">
          ${navigation(http, sockets)}
          <main id="content">
            <h1>Bellhop API</h1>
            <p class="soft">
              Version ${http.info.version}. For machines: <a href="/openapi.json">openapi.json</a>,
              <a href="/asyncapi.json">asyncapi.json</a>.
            </p>
            <p>${prose(http.info.description)}</p>
            ${http.tags.map(({ name, description }) => productSection(http, name, description))} ${refusalSection(http)}
            <section id="sockets" aria-labelledby="sockets-title">
              <h2 id="sockets-title">${sockets.info.title}</h2>
              <p>${prose(sockets.info.description)}</p>
            </section>
            ${Object.entries(sockets.channels).map(([id, channel]) => channelSection(sockets, id, channel))}
          </main>
        </div>
      </body>
    </html> `;
  return page.markup;
}

function operationsOf(http: OpenApi, product: string): readonly (readonly [string, string, OperationObject])[] {
  return Object.entries(http.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      operation.tags.includes(product) ? [[method.toUpperCase(), path, operation] as const] : [],
    ),
  );
}

function navigation(http: OpenApi, sockets: AsyncApi): Markup {
  const products = http.tags.map(
    ({ name }) =>
      html`<strong><a href="#${anchor(name)}">${name}</a></strong>
        <ul>
          ${operationsOf(http, name).map(
            ([, , { operationId, summary }]) => html`<li><a href="#${operationId}">${summary}</a></li>`,
          )}
        </ul>`,
  );
  const channels = Object.entries(sockets.channels).map(
    ([id, { title }]) => html`<li><a href="#socket-${id}">${title}</a></li>`,
  );
  return html`<nav aria-label="Contents">
    ${products}
    <strong><a href="#refusals">Refusals</a></strong>
    <ul></ul>
    <strong><a href="#sockets">Sockets</a></strong>
    <ul>
      ${channels}
    </ul>
  </nav>`;
}

function productSection(http: OpenApi, product: string, description: string): Markup {
  return html`<section aria-labelledby="${anchor(product)}">
    <h2 id="${anchor(product)}">${product}</h2>
    <p>${prose(description)}</p>
    ${operationsOf(http, product).map(([method, path, operation]) =>
      operationArticle(method, path, operation, http.components.schemas),
    )}
  </section>`;
}

function refusalSection({ components }: OpenApi): Markup {
  const { enum: codes, 'x-enumDescriptions': notes } = components.schemas.FailureCode;
  const rows = codes.map((code) => [html`<code>${code}</code>`, prose(notes[code] ?? '')]);
  return html`<section aria-labelledby="refusals">
    <h2 id="refusals">Refusals</h2>
    <p>Every refusal, of every call, is an object of this shape.</p>
    ${fieldTable({ $ref: '#/components/schemas/ErrorAnswer' }, components.schemas, 'Fields of a refusal')}
    ${table('Codes', ['Code', 'Meaning'], rows)}
  </section>`;
}

function channelSection(sockets: AsyncApi, id: string, { address, title, description, bindings }: Channel): Markup {
  const { schemas } = sockets.components;
  const query = bindings?.ws.query;
  return html`<section aria-labelledby="socket-${id}">
    <h2 id="socket-${id}">Socket: ${title}</h2>
    <p><span class="method">WS</span><code>${address}</code></p>
    <p>${prose(description)}</p>
    ${
      query === undefined
        ? nothing
        : html`<h3>In the address</h3>
            ${fieldTable(query, schemas, `Parameters of the address of ${title}`)}`
    }
    <h3>What you send</h3>
    ${messagesOf(sockets, `${id}Receive`)}
    <h3>What you get</h3>
    ${messagesOf(sockets, `${id}Send`)}
  </section>`;
}

function messagesOf({ operations, components }: AsyncApi, operation: string): readonly Markup[] {
  return (operations[operation]?.messages ?? []).map(({ $ref }) => {
    const message = components.messages[$ref.slice($ref.lastIndexOf('/') + 1)];
    if (message === undefined) throw new Error(`the documents refer to ${$ref}, which is not there`);
    const { title, summary, payload } = message;
    return html`<h4><code>${title}</code></h4>
      <p>${prose(summary)}</p>
      ${fieldTable(payload, components.schemas, `Fields of ${title}`)}`;
  });
}

/** A name as it may stand behind the # of an address. */
function anchor(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
