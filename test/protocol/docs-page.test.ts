// The page of the documentation: everything that the documents say, well-formed, and nothing that could be smuggled in.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escaped, html, prose } from '../../shared/protocol/docs-html.ts';
import { curlOf } from '../../shared/protocol/docs-operation.ts';
import { docsPage } from '../../shared/protocol/docs-page.ts';
import { fieldTable, typeText } from '../../shared/protocol/docs-schemas.ts';
import { docsStyle } from '../../shared/protocol/docs-style.ts';
import { routes } from '../../shared/protocol/routes.ts';
import { asyncApiDocument, openApiDocument } from './documented.ts';

const page = docsPage(openApiDocument, asyncApiDocument);
const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>\`</code>&lt;`;

/** Tags in order; text between them holds no bracket. */
function tagsOf(text: string): readonly string[] {
  const withoutStyle = text.replace(docsStyle, '');
  return [...withoutStyle.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
}

/** Tags that were never closed, and those that close nothing. */
function unbalanced(tags: readonly string[]): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const tag of tags) {
    const [, closes, name = ''] = /^<(\/?)([a-z0-9]*)/.exec(tag) ?? [];
    if (name === '' || ['meta', 'link', 'br'].includes(name)) continue;
    if (closes === '') open.push(name);
    else if (open.pop() !== name) wrong.push(tag);
  }
  return [...open, ...wrong];
}

/** The same document with another text in every place that is neither a key nor needed to find one's way. */
function withTexts(value: unknown, change: (text: string) => string, key = ''): unknown {
  if (key === 'tags') return value;
  if (Array.isArray(value)) return value.map((entry) => withTexts(entry, change, key));
  if (typeof value === 'string') return ['$ref', 'type', 'in'].includes(key) ? value : change(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withTexts(member, change, name)]));
}

type Json = Readonly<Record<string, unknown>>;

describe('the page', () => {
  it('has every call with its path, and every socket', () => {
    for (const route of Object.values(routes)) {
      if (route.kind === 'http') expect(page).toContain(`<code>${route.path}</code>`);
    }
    for (const title of ['Leads', 'Hotel', 'Repair shop', 'Support desk'])
      expect(page).toContain(`Socket: ${title}</h2>`);
    for (const name of ['work_order_updated', 'roomMessage', 'crm_sync', 'acknowledge', 'Pool Maintenance']) {
      expect(page).toContain(name);
    }
  });

  it('is complete in itself: no script, nothing from elsewhere, no style but its own', () => {
    const tags = tagsOf(page);
    expect(tags.filter((tag) => /^<(?:script|link|img|iframe|object|base|form)\b/.test(tag))).toEqual([]);
    expect(tags.filter((tag) => /\s(?:on\w+|style|src)=/.test(tag))).toEqual([]);
    const addresses = tags.flatMap((tag) => /\shref="([^"]*)"/.exec(tag)?.[1] ?? []);
    expect(addresses.filter((address) => !/^(?:#[\w-]+|\/openapi\.json|\/asyncapi\.json)$/.test(address))).toEqual([]);
    expect(page.split('<style>')).toHaveLength(2);
    expect(page).toContain(`<style>${docsStyle}</style>`);
    expect(docsStyle).not.toMatch(/[<]|@import|url\(/);
  });

  it('is well-formed, and each of its links leads to one place', () => {
    const tags = tagsOf(page);
    expect(unbalanced(tags)).toEqual([]);
    const ids = tags.flatMap((tag) => /\sid="([^"]*)"/.exec(tag)?.[1] ?? []);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const links = tags.flatMap((tag) => /\s(?:href="#|aria-labelledby=")([^"]*)"/.exec(tag)?.[1] ?? []);
    expect(links.filter((link) => !ids.includes(link))).toEqual([]);
  });

  it('can be read by those who do not see it, in the light and in the dark', () => {
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page).toContain('<main id="content">');
    expect(page).toContain('<a class="skip" href="#content">');
    expect(docsStyle).toContain('prefers-color-scheme: dark');
    const levels = [...page.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
    expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
    for (const table of page.match(/<div class="table"[^>]*>/g) ?? []) expect(table).toMatch(/aria-label="[^"]+"/);
  });

  it('escapes every text of the documents', () => {
    const spoiled = (document: Json): Json => withTexts(document, (text) => `${text}${hostile}`) as Json;
    const spoiledPage = docsPage(spoiled(openApiDocument), spoiled(asyncApiDocument));
    expect(spoiledPage).not.toContain('<script');
    expect(spoiledPage).not.toContain('<img');
    expect(spoiledPage).toContain('&lt;script&gt;alert(1)');
    expect(unbalanced(tagsOf(spoiledPage))).toEqual([]);
    expect(tagsOf(spoiledPage).length - (spoiledPage.match(/<\/?code>/g) ?? []).length).toBe(
      tagsOf(page).length - (page.match(/<\/?code>/g) ?? []).length,
    );
  });
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '`', '/', 'a', '\\', '$', '{', '\n') }),
);

describe('whatever a text holds,', () => {
  it('it stays one text in a template', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const { markup } = html`<p title="${one}">${other}</p>`;
        expect(tagsOf(markup)).toHaveLength(2);
        expect(markup).toBe(`<p title="${escaped(one)}">${escaped(other)}</p>`);
        expect(escaped(one)).not.toMatch(/[<>"']/);
      }),
    );
  });

  it('nothing but code is marked in prose, and nothing is lost', () => {
    fc.assert(
      fc.property(text, (given) => {
        const { markup } = prose(given);
        expect(tagsOf(markup).filter((tag) => tag !== '<code>' && tag !== '</code>')).toEqual([]);
        expect(markup.replace(/<\/?code>/g, '')).toBe(escaped(given.replace(/`([^`]+)`/g, '$1')));
      }),
    );
  });

  it('it stays one argument of the example for the shell', () => {
    fc.assert(
      fc.property(text, text, (given, path) => {
        const example = { text: given };
        const operation = {
          operationId: 'x',
          tags: [],
          summary: '',
          'x-callers': '',
          security: [],
          parameters: [{ name: 'id', in: 'path', required: true, description: '', schema: {}, example: path }],
          requestBody: { content: { 'application/json': { schema: {}, example } } },
          responses: {},
        };
        if (!path.isWellFormed()) return;
        const argument = curlOf('PATCH', '/a/{id}', operation).split(" -d '")[1] ?? '';
        // Outside of quotes there is only a quote that is escaped; with those put back it is the JSON, and its last quote.
        expect(JSON.parse(argument.replaceAll(`'\\''`, '\u0000').replace(/'$/, '').replaceAll('\u0000', "'"))).toEqual(
          example,
        );
      }),
    );
  });
});

describe('a field', () => {
  const schemas = { Name: { type: 'string', minLength: 1, maxLength: 9, description: 'A name.' } };

  it.each([
    [{ type: 'string' }, 'text'],
    [{ type: 'string', format: 'date-time' }, 'time'],
    [{ $ref: '#/components/schemas/Name' }, 'text (1 to 9 characters)'],
    [{ type: 'integer', minimum: 0 }, 'whole number (at least 0)'],
    [
      { type: 'array', maxItems: 3, items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
      'list of (text or null) (at most 3 entries)',
    ],
    [{ type: 'object', additionalProperties: true }, 'object with any fields'],
    [{ type: 'boolean', const: true }, 'true'],
    [{ enum: ['a', 'b'] }, '"a", "b"'],
    [{ type: 'number' }, 'number'],
    [{}, 'anything'],
  ])('of %j is said in words', (schema, expected) => {
    expect(typeText(schema, schemas)).toBe(expected);
  });

  it('that is in several shapes is told once, with all its types', () => {
    const shape = (kind: string, more: object = {}) => ({
      type: 'object',
      required: ['kind'],
      properties: { kind: { const: kind }, ...more },
    });
    const { markup } = fieldTable({ oneOf: [shape('a', { count: { type: 'integer' } }), shape('b')] }, schemas, 'x');
    expect(markup.match(/<code>kind<\/code>/g)).toHaveLength(1);
    expect(markup).toContain('<td>&quot;a&quot; or &quot;b&quot;</td>');
    expect(markup).toContain('<code>count</code>');
  });

  it('is needed only when every shape needs it', () => {
    const needs = { type: 'object', required: ['a'], properties: { a: { type: 'string' } } };
    const row = (schema: object): string => fieldTable(schema, schemas, 'x').markup.replace(/\n/g, '');
    expect(row(needs)).toContain('<td>yes</td>');
    expect(row({ anyOf: [needs, { ...needs, required: [] }] })).not.toContain('<td>yes</td>');
  });
});
