// Reads functions, with their code, environment and permissions, out of a template.

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { arnOf } from '../account.ts';
import type { FunctionModel } from '../contracts.ts';
import { permissionsOf, type Roles } from './roles.ts';
import { nameOf, type Resource, type Resources } from './resources.ts';
import { TemplateError } from './template-error.ts';
import { asFields, asNumber, asText } from './values.ts';

/**
 * @param assemblyDirectory the cloud assembly, where the code `<hash>.zip` lies unpacked as `asset.<hash>`
 */
export function readFunctions(resources: Resources, roles: Roles, assemblyDirectory: string): readonly FunctionModel[] {
  const asynchronous = readAsynchronous(resources);
  return resources.ofType('AWS::Lambda::Function').map((resource) => {
    const { logicalId, properties, where } = resource;
    const name = nameOf(resources.scope, logicalId, resource.type, properties);
    const reserved = properties['ReservedConcurrentExecutions'];
    return {
      logicalId,
      name,
      arn: arnOf('lambda', `function:${name}`),
      ...readCode(resource, assemblyDirectory),
      timeoutMs: 1000 * asNumber(properties['Timeout'] ?? 3, `${where}: Timeout`),
      memoryMegabytes: asNumber(properties['MemorySize'] ?? 128, `${where}: MemorySize`),
      environment: readEnvironment(resource),
      permissions: permissionsOf(asText(properties['Role'], `${where}: Role`), roles, where),
      concurrencyMax: reserved === undefined ? null : asNumber(reserved, where),
      asynchronous: asynchronous.get(name) ?? { retriesMax: 2, ageMaxMs: 21_600_000 },
    };
  });
}

function readCode(
  { properties, where }: Resource,
  assemblyDirectory: string,
): { codeDirectory: string; handler: string } {
  const runtime = asText(properties['Runtime'], `${where}: Runtime`);
  if (!runtime.startsWith('nodejs')) throw new TemplateError(`${where}: the runtime ${runtime} is not served here.`);
  const key = asText(asFields(properties['Code'], `${where}: Code`)['S3Key'], `${where}: Code.S3Key`);
  const hash = /([0-9a-f]+)\.zip$/.exec(key)?.[1];
  const codeDirectory = path.join(assemblyDirectory, `asset.${hash ?? key}`);
  if (!existsSync(codeDirectory) || !statSync(codeDirectory).isDirectory()) {
    throw new TemplateError(`${where}: its code ${codeDirectory} is missing; synthesize the stack again.`);
  }
  const handler = asText(properties['Handler'], `${where}: Handler`);
  if (handlerFile(codeDirectory, handler) === null) {
    throw new TemplateError(`${where}: ${codeDirectory} holds no .cjs or .js file for the handler ${handler}.`);
  }
  return { codeDirectory, handler };
}

/** The file of a handler such as `index.handler`; null when there is none. */
export function handlerFile(codeDirectory: string, handler: string): string | null {
  const base = path.join(codeDirectory, handler.slice(0, handler.lastIndexOf('.')));
  return [`${base}.cjs`, `${base}.js`].find((file) => existsSync(file)) ?? null;
}

function readEnvironment({ properties, where }: Resource): Readonly<Record<string, string>> {
  const environment = properties['Environment'];
  if (environment === undefined) return {};
  const variables = asFields(asFields(environment, where)['Variables'] ?? {}, `${where}: Environment`);
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, asText(value, `${where}: ${name}`)]),
  );
}

function readAsynchronous({ ofType }: Resources): ReadonlyMap<string, FunctionModel['asynchronous']> {
  return new Map(
    ofType('AWS::Lambda::EventInvokeConfig').map(({ properties, where }) => [
      asText(properties['FunctionName'], where),
      {
        retriesMax: asNumber(properties['MaximumRetryAttempts'] ?? 2, where),
        ageMaxMs: 1000 * asNumber(properties['MaximumEventAgeInSeconds'] ?? 21_600, where),
      },
    ]),
  );
}

/** The name of a function of this template, given its name, its ARN, or an integration's URI that holds the ARN. */
export function functionNameIn(value: unknown, functions: readonly FunctionModel[], where: string): string {
  const text = asText(value, where);
  const name = /:function:([^:/]+)/.exec(text)?.[1] ?? text;
  if (functions.some((candidate) => candidate.name === name)) return name;
  throw new TemplateError(`${where}: the function ${name} is not in the template.`);
}
