// The values of a template's parameters, checked as CloudFormation checks them.

import { TemplateError } from './template-error.ts';
import { asFields, asList, asNumber, asText, type Fields } from './values.ts';

export type ParameterValue = string | readonly string[];

/**
 * Values for every parameter that the template declares. Errors never repeat a value: it may be a secret.
 * @throws TemplateError for an unknown, missing or refused value.
 */
export function readParameters(
  declared: Fields,
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, ParameterValue> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declared, name)) throw new TemplateError(`Parameter ${name} does not exist in the template.`);
  }
  const values = new Map<string, ParameterValue>();
  for (const [name, declaration] of Object.entries(declared)) {
    const fields = asFields(declaration, `Parameter ${name}`);
    const type = asText(fields['Type'], `Parameter ${name}: Type`);
    // Such a value is read from the account when a stack is deployed; a resource that refers to it is an error later.
    if (type.startsWith('AWS::SSM::Parameter::')) continue;
    const text = given[name] ?? defaultOf(fields, name);
    if (text === undefined) {
      throw new TemplateError(`Parameter ${name} has no value: give one, or give the parameter a default.`);
    }
    values.set(name, read(name, type, fields, text));
  }
  return values;
}

function defaultOf(fields: Fields, name: string): string | undefined {
  return fields['Default'] === undefined ? undefined : asText(fields['Default'], `Parameter ${name}: Default`);
}

function read(name: string, type: string, fields: Fields, text: string): ParameterValue {
  switch (type) {
    case 'String':
      checkText(name, fields, text);
      return text;
    case 'Number':
      checkNumber(name, fields, text);
      return text;
    case 'CommaDelimitedList':
    case 'List<Number>': {
      const entries = text === '' ? [] : text.split(',').map((entry) => entry.trim());
      for (const entry of entries) {
        if (type === 'List<Number>') checkNumber(name, fields, entry);
        else checkText(name, fields, entry);
      }
      return entries;
    }
    default:
      throw new TemplateError(`Parameter ${name}: the local runtime does not know the type ${type}.`);
  }
}

function checkText(name: string, fields: Fields, text: string): void {
  const pattern = fields['AllowedPattern'];
  // CloudFormation matches the whole value, whether the pattern is anchored or not.
  if (pattern !== undefined && !new RegExp(`^(?:${asText(pattern, name)})$`).test(text)) {
    refuse(name, fields, `must match ${asText(pattern, name)}`);
  }
  const least = bound(name, fields, 'MinLength');
  if (least !== undefined && text.length < least)
    refuse(name, fields, `must have at least ${String(least)} characters`);
  const most = bound(name, fields, 'MaxLength');
  if (most !== undefined && text.length > most) refuse(name, fields, `must have at most ${String(most)} characters`);
  checkAllowed(name, fields, text);
}

function checkNumber(name: string, fields: Fields, text: string): void {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) refuse(name, fields, 'must be a number');
  const least = bound(name, fields, 'MinValue');
  if (least !== undefined && value < least) refuse(name, fields, `must be at least ${String(least)}`);
  const most = bound(name, fields, 'MaxValue');
  if (most !== undefined && value > most) refuse(name, fields, `must be at most ${String(most)}`);
  checkAllowed(name, fields, text);
}

function checkAllowed(name: string, fields: Fields, text: string): void {
  if (fields['AllowedValues'] === undefined) return;
  const allowed = asList(fields['AllowedValues'], `Parameter ${name}: AllowedValues`).map((value) =>
    asText(value, name),
  );
  if (!allowed.includes(text)) refuse(name, fields, `must be one of ${allowed.join(', ')}`);
}

function bound(name: string, fields: Fields, property: string): number | undefined {
  const value = fields[property];
  return value === undefined ? undefined : asNumber(value, `Parameter ${name}: ${property}`);
}

function refuse(name: string, fields: Fields, reason: string): never {
  const explained = fields['ConstraintDescription'];
  throw new TemplateError(`Parameter ${name} ${explained === undefined ? reason : asText(explained, name)}.`);
}
