// Typed reading of values from a template, with errors that say where the value stands.

import { TemplateError } from './template-error.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asFields(value: unknown, where: string): Fields {
  if (isFields(value)) return value;
  throw new TemplateError(`${where} must be an object.`);
}

/** An absent list is an empty one. */
export function asList(value: unknown, where: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new TemplateError(`${where} must be a list.`);
}

export function asText(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  // CloudFormation turns numbers and booleans into text wherever text is expected.
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateError(`${where} must be text.`);
}

/** Parameters are text even where their type is Number, so numbers in text are numbers. */
export function asNumber(value: unknown, where: string): number {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof read === 'number' && Number.isFinite(read)) return read;
  throw new TemplateError(`${where} must be a number.`);
}

export function asFlag(value: unknown, where: string): boolean {
  if (value === true || value === 'true') return true;
  if (value === undefined || value === false || value === 'false') return false;
  throw new TemplateError(`${where} must be true or false.`);
}

/** IAM and some other properties take one value or a list of them. */
export function asTexts(value: unknown, where: string): readonly string[] {
  return Array.isArray(value) ? value.map((entry) => asText(entry, where)) : [asText(value, where)];
}
