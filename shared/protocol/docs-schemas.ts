// JSON Schema as tables for people: one row a field, with its type in words.
import type { Markup } from './docs-html.ts';
import { html, nothing, prose } from './docs-html.ts';

/** As much of JSON Schema as our schemas use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export type Schemas = Readonly<Record<string, Schema>>;

interface Row {
  readonly field: string;
  readonly type: string;
  readonly isNeeded: boolean;
  readonly note: string;
}

/** How deep a table goes; what is deeper is an object in words. */
const depthMax = 5;

/** @param caption for those who cannot see where the table stands. */
export function fieldTable(schema: Schema, schemas: Schemas, caption: string): Markup {
  const rows = rowsOf(schema, schemas, '', 0);
  const whole = resolved(schema, schemas);
  if (rows.length === 0) return html`<p>${capitalized(typeText(whole, schemas))}.</p>`;
  return table(
    caption,
    ['Field', 'Type', 'Needed', 'Meaning'],
    rows.map(({ field, type, isNeeded, note }) => [
      html`<code>${field}</code>`,
      html`${type}`,
      html`${isNeeded ? 'yes' : 'no'}`,
      prose(note),
    ]),
    takesAnything(whole) ? html`<p>Any other fields go along.</p>` : nothing,
  );
}

export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly Markup[])[],
  after: Markup = nothing,
): Markup {
  // Reachable by keyboard, for a narrow screen scrolls it.
  return html`<div class="table" role="region" tabindex="0" aria-label="${caption}">
      <table>
        <thead>
          <tr>
            ${heads.map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (cells) =>
              html`<tr>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${after}`;
}

/** What a value may be, in words. */
export function typeText(given: Schema, schemas: Schemas): string {
  const schema = resolved(given, schemas);
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return [...new Set(options.map((option) => typeText(option, schemas)))].join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  switch (schema.type) {
    case 'string':
      return schema.format === 'date-time' ? 'time' : `text${amount(schema.minLength, schema.maxLength, 'characters')}`;
    case 'integer':
      return `whole number${amount(schema.minimum, schema.maximum, '')}`;
    case 'number':
      return `number${amount(schema.minimum, schema.maximum, '')}`;
    case 'boolean':
      return 'true or false';
    case 'array': {
      const items = typeText(schema.items ?? {}, schemas);
      return `list of ${items.includes(' or ') ? `(${items})` : items}${amount(schema.minItems, schema.maxItems, 'entries')}`;
    }
    case 'object':
      return schema.properties === undefined ? 'object with any fields' : 'object';
    case 'null':
      return 'null';
    case undefined:
    default:
      return 'anything';
  }
}

/** ` (1 to 128 characters)`; nothing when there is no limit. */
function amount(least: number | undefined, most: number | undefined, unit: string): string {
  const from = least === undefined ? null : String(least);
  const to = most === undefined ? null : String(most);
  if (from === null && to === null) return '';
  const limits =
    from !== null && to !== null ? `${from} to ${to}` : from === null ? `at most ${to ?? ''}` : `at least ${from}`;
  return ` (${limits}${unit === '' ? '' : ` ${unit}`})`;
}

function rowsOf(given: Schema, schemas: Schemas, path: string, depth: number): readonly Row[] {
  const schema = resolved(given, schemas);
  if (depth > depthMax) return [];
  const options = (schema.anyOf ?? schema.oneOf ?? []).map((option) => resolved(option, schemas));
  const shapes = options.filter(({ properties }) => properties !== undefined);
  if (options.length > 0) return unique(shapes.flatMap((shape) => rowsOf(shape, schemas, path, depth)));
  if (schema.items !== undefined) return rowsOf(schema.items, schemas, path === '' ? '' : `${path}[]`, depth);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const field = path === '' ? name : `${path}.${name}`;
    const whole = resolved(property, schemas);
    const row: Row = {
      field,
      type: typeText(property, schemas),
      isNeeded: schema.required?.includes(name) === true,
      note: property.description ?? whole.description ?? '',
    };
    return [row, ...rowsOf(property, schemas, field, depth + 1)];
  });
}

/** Of several shapes a field may be in more than one: it is told once, with all its types, and needed when all need it. */
function unique(rows: readonly Row[]): readonly Row[] {
  const byField = new Map<string, Row>();
  for (const row of rows) {
    const before = byField.get(row.field);
    const types = before === undefined ? [row.type] : [...new Set([...before.type.split(' or '), row.type])];
    byField.set(row.field, {
      ...row,
      type: types.join(' or '),
      isNeeded: row.isNeeded && (before?.isNeeded ?? true),
    });
  }
  return [...byField.values()];
}

function takesAnything(schema: Schema): boolean {
  return schema.properties !== undefined && schema.additionalProperties === true;
}

export function resolved(schema: Schema, schemas: Schemas): Schema {
  if (schema.$ref === undefined) return schema;
  const found = schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)];
  if (found === undefined) throw new Error(`the documents refer to ${schema.$ref}, which is not there`);
  return resolved(found, schemas);
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
