// Checks a value against a schema and turns the first thing wrong into a refusal that names field and remedy.
import * as z from 'zod/mini';
import type { FailureCode } from './failures.ts';
import { Failure } from './failures.ts';

/**
 * The value as the schema's type, or a `Failure` whose field is a path such as `contractorIds[3]`.
 *
 * @param what how the value is called when it is wrong as a whole: `body`, `frame`.
 */
export function validate<Schema extends z.ZodMiniType>(schema: Schema, value: unknown, what: string): z.infer<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw new Error('a schema refused a value without an issue');
  const refusal = describe(issue, value, what);
  throw new Failure(refusal.code, {
    message: refusal.message,
    remedy: refusal.remedy,
    field: refusal.field === '' ? what : refusal.field,
  });
}

interface Refusal {
  readonly code: FailureCode;
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

type Issue = NonNullable<ReturnType<typeof z.safeParse>['error']>['issues'][number];

function describe(issue: Issue, root: unknown, what: string): Refusal {
  const field = pathText(issue.path);
  const name = field === '' ? `the ${what}` : field;
  const value = valueAt(root, issue.path);
  const wrong = (message: string, remedy: string): Refusal => ({ code: 'invalid_field', field, message, remedy });
  switch (issue.code) {
    case 'unrecognized_keys': {
      const unknown = issue.keys.map((key) => pathText([...issue.path, key]));
      const list = unknown.join(', ');
      return {
        code: 'unknown_field',
        field: unknown[0] ?? field,
        message: `${list} is not known here`,
        remedy: `Leave ${list} out, or check its spelling.`,
      };
    }
    case 'invalid_type':
      if (value === undefined) {
        return {
          code: 'missing_field',
          field,
          message: `${name} is missing`,
          remedy: `Send ${name} as ${article(issue.expected)}.`,
        };
      }
      return wrong(
        `${name} is ${article(kindOf(value))}, expected ${article(issue.expected)}`,
        `Send ${name} as ${article(issue.expected)}.`,
      );
    case 'invalid_value':
      return choice(field, name, value, issue.values);
    case 'too_small':
      return wrong(
        `${measure(name, value)}, at least ${amount(issue.minimum, value)} needed`,
        `Send at least ${amount(issue.minimum, value)}.`,
      );
    case 'too_big':
      return wrong(
        `${measure(name, value)}, at most ${amount(issue.maximum, value)} allowed`,
        `Send at most ${amount(issue.maximum, value)}.`,
      );
    case 'invalid_union':
      return 'options' in issue
        ? choice(field, name, value, issue.options)
        : alternatives(field, name, value, issue.errors);
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return wrong(`${name} is not valid`, `Compare ${name} with the documentation.`);
  }
}

/** Of a value that may be of several kinds: which ones, when it is of none of them. */
function alternatives(field: string, name: string, value: unknown, tried: readonly (readonly Issue[])[]): Refusal {
  const kinds = tried.flatMap(([issue]) =>
    issue?.code === 'invalid_type' && issue.path.length === 0 ? [article(issue.expected)] : [],
  );
  const isKind = kinds.length === tried.length;
  const remedy = isKind ? `Send ${name} as ${kinds.join(' or ')}.` : `Compare ${name} with the documentation.`;
  if (value === undefined) return { code: 'missing_field', field, message: `${name} is missing`, remedy };
  const message = isKind
    ? `${name} is ${article(kindOf(value))}, expected ${kinds.join(' or ')}`
    : `${name} is none of the shapes that are known here`;
  return { code: 'invalid_field', field, message, remedy };
}

function choice(field: string, name: string, value: unknown, values: readonly unknown[]): Refusal {
  const allowed = values.map((one) => JSON.stringify(one)).join(', ');
  const remedy = `Send one of ${allowed}.`;
  return value === undefined
    ? { code: 'missing_field', field, message: `${name} is missing`, remedy }
    : { code: 'invalid_field', field, message: `${name} is not one of ${allowed}`, remedy };
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${String(part)}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return (value as Record<PropertyKey, unknown>)[part];
  }, root);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function article(kind: string): string {
  const words: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'an object',
    record: 'an object',
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  };
  return words[kind] ?? kind;
}

/** `contractorIds has 1001 entries`, `seq is -1`. */
function measure(name: string, value: unknown): string {
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : null;
  return size === null ? `${name} is ${String(value)}` : `${name} has ${amount(size, value)}`;
}

/** `1 entry`, `128 characters`, or the bare number when numbers are compared. */
function amount(count: number | bigint, value: unknown): string {
  const one = Number(count) === 1;
  if (typeof value === 'string') return `${String(count)} ${one ? 'character' : 'characters'}`;
  return Array.isArray(value) ? `${String(count)} ${one ? 'entry' : 'entries'}` : String(count);
}
