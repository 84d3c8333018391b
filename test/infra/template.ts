// The stack's template, synthesized over placeholders for the code, and what tests need to read it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleName } from '../../infra/bundle.ts';
import { synthesize } from '../../infra/synthesize.ts';
import type { Route } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';

export interface Template {
  readonly Parameters: Readonly<Record<string, Parameter>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface Parameter {
  readonly Type: string;
  readonly Default?: string | number;
  readonly Description: string;
  readonly AllowedPattern?: string;
  readonly MaxLength?: number;
  readonly MinValue?: number;
  readonly MaxValue?: number;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** The template does not depend on the functions' code: that is one placeholder, and its hash is blotted out. */
export function synthesizedTemplate(): Template {
  const directory = mkdtempSync(join(tmpdir(), 'bellhop-template-'));
  try {
    const bundleDirectory = join(directory, 'functions');
    for (const { file } of Object.values<Route>(routes)) {
      mkdirSync(join(bundleDirectory, bundleName(file)), { recursive: true });
      writeFileSync(join(bundleDirectory, bundleName(file), 'index.cjs'), '// A placeholder.\n');
    }
    const { template } = synthesize({ outDirectory: join(directory, 'assembly'), bundleDirectory });
    return JSON.parse(JSON.stringify(template).replaceAll(/[0-9a-f]{64}\.zip/g, '<code>.zip')) as Template;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function resourceOf(template: Template, logicalId: string): Resource {
  const found = template.Resources[logicalId];
  if (found === undefined) throw new Error(`the template has no ${logicalId}`);
  return found;
}

export function resourcesOf(template: Template, type: string): Readonly<Record<string, Resource>> {
  return Object.fromEntries(Object.entries(template.Resources).filter(([, resource]) => resource.Type === type));
}

/** The actions that a role allows on each resource, sorted. */
export function permissionsOf(template: Template, roleId: string): Readonly<Record<string, readonly string[]>> {
  const policies = resourceOf(template, roleId).Properties['Policies'] as readonly {
    readonly PolicyDocument: { readonly Statement: readonly Statement[] };
  }[];
  const allowed: Record<string, string[]> = {};
  for (const { Effect, Action, Resource } of policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)) {
    if (Effect !== 'Allow') throw new Error(`${roleId} has a statement that does not allow`);
    for (const resource of Array.isArray(Resource) ? (Resource as unknown[]) : [Resource]) {
      (allowed[readable(resource)] ??= []).push(...[Action].flat());
    }
  }
  return Object.fromEntries(Object.entries(allowed).map(([resource, actions]) => [resource, actions.sort()]));
}

/**
 * An intrinsic as a reader writes it: a reference is the logical id, `{"Fn::GetAtt": ["X", "Arn"]}` is `X.Arn`, and
 * joined texts hold their references as `${X}`.
 */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const [name, argument]: readonly unknown[] = Object.entries(value as object)[0] ?? [];
  if (name === 'Ref' && typeof argument === 'string') return argument;
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return argument.join('.');
  if (name === 'Fn::Join' && Array.isArray(argument) && argument[0] === '') {
    return (argument[1] as unknown[])
      .map((part) => (typeof part === 'string' ? part : `\${${readable(part)}}`))
      .join('');
  }
  throw new Error(`the test does not know how to read ${JSON.stringify(value)}`);
}
