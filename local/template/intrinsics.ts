// CloudFormation's intrinsic functions: turns a value of a template into the plain value that it stands for.

import { accountId, partition, region, urlSuffix } from '../account.ts';
import type { ParameterValue } from './parameters.ts';
import { TemplateError } from './template-error.ts';
import { asFields, asList, asNumber, asText, isFields, type Fields } from './values.ts';

/** What intrinsics may refer to. */
export interface Scope {
  readonly stackName: string;
  readonly parameters: ReadonlyMap<string, ParameterValue>;
  readonly conditions: Fields;
  readonly mappings: Fields;
  /** What `Ref` of a resource gives. */
  reference(logicalId: string, where: string): string;
  /** What `Fn::GetAtt` gives. */
  attribute(logicalId: string, name: string, where: string): string;
}

/** `AWS::NoValue` resolves to undefined, and what is undefined is left out of its list or object. */
export function resolve(scope: Scope, value: unknown, where: string): unknown {
  if (Array.isArray(value)) {
    return value.map((entry) => resolve(scope, entry, where)).filter((entry) => entry !== undefined);
  }
  if (!isFields(value)) return value;
  const [name, ...others] = Object.keys(value);
  if (name !== undefined && others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) {
    return call(scope, name, value[name], where);
  }
  const entries = Object.entries(value).map(([key, entry]) => [key, resolve(scope, entry, where)] as const);
  return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined));
}

function call(scope: Scope, name: string, argument: unknown, where: string): unknown {
  switch (name) {
    case 'Ref':
      return refer(scope, asText(argument, where), where);
    case 'Fn::GetAtt': {
      const [logicalId, ...path] = Array.isArray(argument) ? argument.map(String) : asText(argument, where).split('.');
      return scope.attribute(logicalId ?? '', path.join('.'), where);
    }
    case 'Fn::Join': {
      const [separator, entries] = asList(argument, where);
      return texts(scope, entries, where).join(asText(separator, where));
    }
    case 'Fn::Split': {
      const [separator, text] = asList(argument, where);
      return asText(resolve(scope, text, where), where).split(asText(separator, where));
    }
    case 'Fn::Select': {
      const [index, entries] = asList(argument, where);
      const chosen = asList(resolve(scope, entries, where), where)[asNumber(resolve(scope, index, where), where)];
      if (chosen === undefined) throw new TemplateError(`${where}: Fn::Select is outside of its list.`);
      return chosen;
    }
    case 'Fn::Sub':
      return substitute(scope, argument, where);
    case 'Fn::If': {
      const [condition, whenTrue, whenFalse] = asList(argument, where);
      return resolve(scope, holds(scope, asText(condition, where)) ? whenTrue : whenFalse, where);
    }
    case 'Fn::FindInMap':
      return findInMap(scope, argument, where);
    case 'Fn::Base64':
      return Buffer.from(asText(resolve(scope, argument, where), where)).toString('base64');
    default:
      throw new TemplateError(`${where} uses ${name}, which the local runtime does not know.`);
  }
}

function texts(scope: Scope, value: unknown, where: string): readonly string[] {
  return asList(resolve(scope, value, where), where).map((entry) => asText(entry, where));
}

function refer(scope: Scope, name: string, where: string): unknown {
  switch (name) {
    case 'AWS::Region':
      return region;
    case 'AWS::AccountId':
      return accountId;
    case 'AWS::Partition':
      return partition;
    case 'AWS::URLSuffix':
      return urlSuffix;
    case 'AWS::StackName':
      return scope.stackName;
    case 'AWS::NoValue':
      return undefined;
    default:
      return scope.parameters.get(name) ?? scope.reference(name, where);
  }
}

function substitute(scope: Scope, argument: unknown, where: string): string {
  const [pattern, given = {}] = Array.isArray(argument) ? asList(argument, where) : [argument];
  const variables = asFields(resolve(scope, given, where), where);
  return asText(pattern, where).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return asText(variables[name], where);
    const [logicalId, ...path] = name.split('.');
    return path.length > 0
      ? scope.attribute(logicalId ?? '', path.join('.'), where)
      : asText(refer(scope, name, where), where);
  });
}

function findInMap(scope: Scope, argument: unknown, where: string): unknown {
  const [map, first, second] = texts(scope, argument, where);
  let found: unknown = scope.mappings;
  for (const key of [map, first, second]) found = isFields(found) && key !== undefined ? found[key] : undefined;
  if (found === undefined) throw new TemplateError(`${where}: Fn::FindInMap finds nothing in ${map ?? 'Mappings'}.`);
  return found;
}

/** Whether a named condition of the template holds. */
export function holds(scope: Scope, name: string): boolean {
  if (!Object.hasOwn(scope.conditions, name)) throw new TemplateError(`Condition ${name} does not exist.`);
  return evaluate(scope, scope.conditions[name], `Condition ${name}`);
}

function evaluate(scope: Scope, expression: unknown, where: string): boolean {
  const [[name, argument] = ['', undefined]] = Object.entries(asFields(expression, where));
  const operands = (): boolean[] => asList(argument, where).map((operand) => evaluate(scope, operand, where));
  switch (name) {
    case 'Condition':
      return holds(scope, asText(argument, where));
    case 'Fn::Equals': {
      const [left, right] = texts(scope, argument, where);
      return left === right;
    }
    case 'Fn::Not':
      return operands().every((operand) => !operand);
    case 'Fn::And':
      return operands().every(Boolean);
    case 'Fn::Or':
      return operands().some(Boolean);
    default:
      throw new TemplateError(`${where} uses ${name}, which the local runtime does not know.`);
  }
}
