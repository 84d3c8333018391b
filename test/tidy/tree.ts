// The repository as the tidy rules see it: its source files, parsed, and what each of them refers to.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';
import { routes } from '../../shared/protocol/routes.ts';

/** One rule: its name, the check, and what whoever broke it should do. */
export interface Rule {
  readonly name: string;
  readonly remedy: string;
  readonly check: (tree: Tree) => readonly Finding[];
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

export interface Tree {
  readonly files: ReadonlyMap<string, SourceFile>;
  /** Files that are started by name: handlers, and what package.json and cdk.json run. */
  readonly entries: ReadonlySet<string>;
  /** The handler files that the routes table names. */
  readonly handlers: ReadonlySet<string>;
}

export interface SourceFile {
  /** Relative to the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly ast: ts.SourceFile;
  /** Every node below the file, in order of appearance. */
  readonly nodes: readonly ts.Node[];
  readonly imports: readonly Import[];
}

export interface Import {
  readonly line: number;
  /** As written. */
  readonly specifier: string;
  /** The path in the repository that a relative specifier means; null for a package. */
  readonly target: string | null;
}

/** What a tree is made of: sources by path, the handlers of the routes table, and the texts that name entries. */
export interface TreeContents {
  readonly sources: Readonly<Record<string, string>>;
  readonly handlers: readonly string[];
  readonly commands: string;
}

const sourceName = /\.[cm]?[jt]sx?$/;
const notOurs = new Set(['node_modules', 'cdk.out', 'dist', 'coverage']);

/** Reads the repository below `root`, committed or not. Folders whose name starts with a dot hold no source. */
export function readTree(root: string): Tree {
  const sources = Object.fromEntries(
    sourcePaths(root, '').map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );
  const handlers = Object.values(routes).map((route) => `functions/${route.file}.ts`);
  const commands = ['package.json', 'cdk.json'].map((name) => readFileSync(join(root, name), 'utf8')).join('\n');
  return treeOf({ sources, handlers, commands });
}

/** The same from texts in memory: what the planted violations use. */
export function treeOf({ sources, handlers, commands }: TreeContents): Tree {
  const named = commands.match(/[\w./-]+\.ts\b/g) ?? [];
  const files = new Map(Object.entries(sources).map(([path, text]) => [path, parse(path, text, sources)]));
  return { files, entries: new Set([...handlers, ...named]), handlers: new Set(handlers) };
}

export function eachFile(tree: Tree, check: (file: SourceFile) => readonly Finding[]): Finding[] {
  return [...tree.files.values()].flatMap(check);
}

/** The 1-based line of a position. */
export function lineAt(file: SourceFile, position: number): number {
  return file.ast.getLineAndCharacterOfPosition(position).line + 1;
}

/** A finding at a node. */
export function at(file: SourceFile, node: ts.Node, what: string): Finding {
  return { path: file.path, line: lineAt(file, node.getStart(file.ast)), what };
}

/** True when the path is that file, or lies in that folder (written with its slash); an empty pattern holds everything. */
export function within(path: string, patterns: readonly string[]): boolean {
  return patterns.some(
    (pattern) => path === pattern || ((pattern === '' || pattern.endsWith('/')) && path.startsWith(pattern)),
  );
}

/** True when nothing of the file is left after compilation but an empty module: only types, and imports of types. */
export function holdsOnlyTypes(file: SourceFile): boolean {
  return file.ast.statements.every(
    (statement) =>
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      (ts.isExportDeclaration(statement) && statement.isTypeOnly) ||
      (ts.isImportDeclaration(statement) && statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword),
  );
}

function sourcePaths(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || notOurs.has(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return sourcePaths(root, path);
    return sourceName.test(entry.name) ? [path] : [];
  });
}

function parse(path: string, text: string, sources: Readonly<Record<string, string>>): SourceFile {
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const nodes = descendants(ast);
  const toImport = (specifier: string, position: number): Import => ({
    line: ast.getLineAndCharacterOfPosition(position).line + 1,
    specifier,
    target: specifier.startsWith('.') ? posix.join(dirname(path), specifier) : null,
  });
  const imported = ts.preProcessFile(text, true, true).importedFiles.map((file) => toImport(file.fileName, file.pos));
  // A worker is named by `new URL('./worker.ts', import.meta.url)`; other URLs mean data, and are nobody's import.
  const located = nodes.flatMap((node) => {
    const argument =
      ts.isNewExpression(node) && node.expression.getText(ast) === 'URL' ? node.arguments?.[0] : undefined;
    if (argument === undefined || !ts.isStringLiteral(argument)) return [];
    const found = toImport(argument.text, argument.getStart(ast));
    return found.target !== null && found.target in sources ? [found] : [];
  });
  return { path, text, ast, nodes, imports: [...imported, ...located] };
}

function descendants(ast: ts.SourceFile): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(ast, visit);
  return nodes;
}
