// Which way imports may point: the layers of the house as a table, and the rules that hold it.
import { isBuiltin } from 'node:module';
import ts from 'typescript';
import { at, eachFile, holdsOnlyTypes, within } from './tree.ts';
import type { Finding, Import, Rule, SourceFile, Tree } from './tree.ts';

/** One layer. A path ending in a slash is a folder; a package ending in `/*` means its subpaths. */
interface Layer {
  readonly path: string;
  /** What of ours it may import. The empty string is everything. */
  readonly ours: readonly string[];
  /** Which packages it may import, or all of them. */
  readonly packages: readonly string[] | 'all';
  /** Whether it may import what Node brings. */
  readonly builtins: boolean;
}

const dynamodb = ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb'];
const sqs = ['@aws-sdk/client-sqs'];
const apigateway = ['@aws-sdk/client-apigatewaymanagementapi'];
const lambda = ['@aws-sdk/client-lambda'];
const ssm = ['@aws-sdk/client-ssm'];
const jwt = ['aws-jwt-verify', 'aws-jwt-verify/*', 'jose/*'];
const handlerPackages = ['aws-lambda', 'zod/mini'];

/** The whole house. The first layer that holds a file is its layer; a folder without one is refused. */
const layers: readonly Layer[] = [
  layer('shared/protocol/', [], ['zod/mini']),
  layer('shared/domain/', ['shared/protocol/'], []),
  layer('shared/socketio/', ['shared/protocol/'], []),
  layer(
    'shared/dialects/',
    ['shared/ports.ts', 'shared/domain/', 'shared/socketio/', 'shared/protocol/'],
    ['zod/mini'],
  ),
  layer('shared/ports.ts', ['shared/domain/', 'shared/protocol/'], []),
  layer('shared/usecases/', ['shared/ports.ts', 'shared/domain/', 'shared/protocol/'], []),
  technology('dynamodb', dynamodb),
  technology('sqs', sqs),
  technology('apigateway', apigateway),
  technology('jwt', jwt),
  technology('lambda', lambda),
  technology('ssm', ssm),
  technology('system', []),
  technology('telemetry', []),
  withNode(
    layer(
      'functions/environment.ts',
      ['shared/', 'functions/'],
      [handlerPackages, dynamodb, sqs, apigateway, lambda, ssm, jwt].flat(),
    ),
  ),
  withNode(layer('functions/', ['shared/'], handlerPackages)),
  withNode(layer('infra/', ['shared/protocol/'], ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', 'esbuild'])),
  withNode(layer('local/', [], ['ws', 'jose', 'dynalite', 'classic-level'])),
  withNode(layer('commands/', ['shared/protocol/', 'infra/', 'local/'], ['ws'])),
  withNode(layer('bench/', ['shared/', 'functions/', 'infra/', 'local/', 'commands/'], 'all')),
  withNode(layer('test/', [''], 'all')),
  withNode(layer('eslint.config.js', [], 'all')),
  withNode(layer('vitest.config.ts', [], 'all')),
];

export const layerRules: readonly Rule[] = [
  {
    name: 'known folder',
    remedy:
      'Put the file where it belongs, or give the new folder a layer in test/tidy/layers.ts and a line in docs/architecture.md.',
    check: (tree) =>
      eachFile(tree, (file) =>
        layerOf(file.path) === undefined ? [{ path: file.path, line: 1, what: 'is in no layer of the house' }] : [],
      ),
  },
  {
    name: 'layers',
    remedy:
      'Turn the arrow around: take what is needed as a port, or move it to the layer that may know it (the table is in test/tidy/layers.ts).',
    check: (tree) => eachImport(tree, refusedImport),
  },
  {
    name: 'imports exist',
    remedy: 'Name the file as it is on disk, with its ending and its case.',
    check: (tree) =>
      eachImport(tree, (_file, { target, specifier }) =>
        target === null || target.endsWith('.json') || tree.files.has(target)
          ? null
          : `imports ${specifier}, which does not exist`,
      ),
  },
  {
    name: 'ports are types',
    remedy: 'Keep interfaces and type imports in shared/ports.ts; behaviour belongs to a use case or an adapter.',
    check: (tree) =>
      eachFile(tree, (file) =>
        file.path === 'shared/ports.ts' && !holdsOnlyTypes(file)
          ? [{ path: file.path, line: 1, what: 'holds code, not only types' }]
          : [],
      ),
  },
  {
    name: 'zod/mini',
    remedy: "Write `import * as z from 'zod/mini'`: the other forms put up to 450 kB into every bundle.",
    check: (tree) =>
      eachFile(tree, (file) =>
        within(file.path, ['shared/', 'functions/']) ? file.ast.statements.flatMap((node) => otherZod(file, node)) : [],
      ),
  },
];

function layer(path: string, others: readonly string[], packages: Layer['packages']): Layer {
  return { path, ours: [path, ...others], packages, builtins: false };
}

function withNode(of: Layer): Layer {
  return { ...of, builtins: true };
}

/** An adapter implements ports with the client of one technology, and knows no other adapter. */
function technology(name: string, packages: readonly string[]): Layer {
  return withNode(layer(`shared/${name}/`, ['shared/ports.ts', 'shared/domain/', 'shared/protocol/'], packages));
}

function layerOf(path: string): Layer | undefined {
  return layers.find((candidate) => within(path, [candidate.path]));
}

function refusedImport(file: SourceFile, { specifier, target }: Import): string | null {
  const from = layerOf(file.path);
  if (from === undefined) return null;
  if (target !== null) return within(target, from.ours) ? null : `${from.path} may not import ${target}`;
  if (isBuiltin(specifier)) return from.builtins ? null : `${from.path} may not import what Node brings (${specifier})`;
  if (from.packages === 'all' || from.packages.some((allowed) => isOf(specifier, allowed))) return null;
  return `${from.path} may not import the package ${specifier}`;
}

function isOf(specifier: string, allowed: string): boolean {
  return allowed.endsWith('/*') ? specifier.startsWith(allowed.slice(0, -1)) : specifier === allowed;
}

function otherZod(file: SourceFile, statement: ts.Statement): Finding[] {
  if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
  const specifier = statement.moduleSpecifier.text;
  if (specifier !== 'zod' && !specifier.startsWith('zod/')) return [];
  const bindings = statement.importClause?.namedBindings;
  const lawful = specifier === 'zod/mini' && bindings !== undefined && ts.isNamespaceImport(bindings);
  return lawful ? [] : [at(file, statement, `imports ${specifier} in another form`)];
}

function eachImport(tree: Tree, problem: (file: SourceFile, imported: Import) => string | null): Finding[] {
  return eachFile(tree, (file) =>
    file.imports.flatMap((imported) => {
      const what = problem(file, imported);
      return what === null ? [] : [{ path: file.path, line: imported.line, what }];
    }),
  );
}
