// Rules about whole files: how they hang together, what they are called, how they begin and how long they are.
import { basename, dirname } from 'node:path';
import ts from 'typescript';
import { eachFile, holdsOnlyTypes, lineAt, within } from './tree.ts';
import type { Finding, Rule, SourceFile, Tree } from './tree.ts';

const fileLinesMax = 300;
const functionLinesMax = 70;

/** What may lie beside the handlers without being one: the wrappers that parse a kind of event and answer it. */
const wrappers = ['endpoint.ts', 'admissions.ts', 'answers.ts', 'consumer.ts'];
const handlerFolders = ['functions/websocket/', 'functions/http/', 'functions/queue/', 'functions/schedule/'];

/** Where every file with behaviour has its own test, and where that test lies. */
const tested = [
  { folder: 'shared/domain/', tests: 'test/domain/' },
  { folder: 'shared/usecases/', tests: 'test/usecases/' },
];

const fileName = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|contract|config|d))?\.[cm]?[jt]sx?$/;
const folderName = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const drawers = /\b(?:utils?|helpers?|misc)\b|^(?:common|index)(?:\.|$)/;

export const fileRules: readonly Rule[] = [
  {
    name: 'no cycles',
    remedy: 'Move what both need into a third file, or turn one arrow into a parameter.',
    check: cycles,
  },
  {
    name: 'no dead files',
    remedy: 'Delete it, use it, or start it from package.json. Tests alone keep no file alive.',
    check: deadFiles,
  },
  {
    name: 'kebab-case names',
    remedy: 'Write file and folder names in lower case with hyphens.',
    check: (tree) =>
      eachName(tree, (file, folders) => fileName.test(file) && folders.every((name) => folderName.test(name))),
  },
  {
    name: 'no drawers',
    remedy: 'Name the file after what it knows or does: nobody can say what does not belong in this one.',
    check: (tree) => eachName(tree, (file, folders) => ![file, ...folders].some((name) => drawers.test(name))),
  },
  {
    name: 'opening sentence',
    remedy: 'Begin the file with `// What lives here.`, one sentence (after the `#!` line, if there is one).',
    check: (tree) =>
      eachFile(tree, (file) => (opening.test(file.text) ? [] : [whole(file, 'does not begin with a sentence')])),
  },
  {
    name: 'file length',
    remedy: `Split it along its nouns: at most ${String(fileLinesMax)} lines.`,
    check: (tree) =>
      eachFile(tree, (file) => {
        const lines = file.text.replace(/\n$/, '').split('\n').length;
        return lines > fileLinesMax ? [whole(file, `has ${String(lines)} lines`)] : [];
      }),
  },
  {
    name: 'function length',
    remedy: `Give its steps names: at most ${String(functionLinesMax)} lines.`,
    check: (tree) => eachFile(tree, longFunctions),
  },
  {
    name: 'no barrels',
    remedy: 'Import from the file that has it; a file of re-exports only makes cycles and loads what nobody asked for.',
    check: (tree) => eachFile(tree, (file) => (isBarrel(file) ? [whole(file, 'only re-exports')] : [])),
  },
  {
    name: 'one handler a route',
    remedy:
      'Name the handler in shared/protocol/routes.ts, or delete it; a new wrapper is named in test/tidy/files.ts.',
    check: handlers,
  },
  {
    name: 'test twin',
    remedy: 'Write the test: what decides something is tested under its own name.',
    check: (tree) =>
      eachFile(tree, (file) =>
        tested.flatMap(({ folder, tests }) => {
          const twin = file.path.replace(folder, tests).replace(/\.ts$/, '.test.ts');
          const excused = !within(file.path, [folder]) || holdsOnlyTypes(file) || tree.files.has(twin);
          return excused ? [] : [whole(file, `has no ${twin}`)];
        }),
      ),
  },
];

const opening = /^(?:#!.*\n)?\/\/ [^\s@].*(?:\n\/\/ .*)*(?<=\.)\n/;

function whole(file: SourceFile, what: string): Finding {
  return { path: file.path, line: 1, what };
}

function cycles(tree: Tree): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const visit = (file: SourceFile, trail: readonly string[]): void => {
    for (const { target, line } of file.imports) {
      const next = target === null ? undefined : tree.files.get(target);
      if (next === undefined || done.has(next.path)) continue;
      const start = trail.indexOf(next.path);
      if (start === -1) visit(next, [...trail, next.path]);
      else
        findings.push({
          path: file.path,
          line,
          what: `closes a cycle: ${[...trail.slice(start), next.path].join(' → ')}`,
        });
    }
    done.add(file.path);
  };
  for (const file of tree.files.values()) if (!done.has(file.path)) visit(file, [file.path]);
  return findings;
}

function deadFiles(tree: Tree): Finding[] {
  const alive = new Set<string>();
  const reach = (path: string): void => {
    const file = tree.files.get(path);
    if (file === undefined || alive.has(path)) return;
    alive.add(path);
    for (const { target } of file.imports) if (target !== null) reach(target);
  };
  tree.entries.forEach(reach);
  return eachFile(tree, (file) => {
    const excused = alive.has(file.path) || within(file.path, ['test/']) || /\.(?:config|d)\.[jt]s$/.test(file.path);
    return excused ? [] : [whole(file, 'is reached from no entry')];
  });
}

function eachName(tree: Tree, lawful: (file: string, folders: readonly string[]) => boolean): Finding[] {
  return eachFile(tree, (file) => {
    const folders = dirname(file.path)
      .split('/')
      .filter((folder) => folder !== '.');
    return lawful(basename(file.path), folders) ? [] : [whole(file, `is called ${file.path}`)];
  });
}

/**
 * A function's own lines are those between its first and its last that belong to no test inside it. So the callback of
 * a `describe`, and a contract that wraps one, may hold many tests, while each single test is held to the limit.
 */
function longFunctions(file: SourceFile): Finding[] {
  const isTest = within(file.path, ['test/']);
  const functions = file.nodes.filter(
    (node): node is ts.FunctionLikeDeclaration => ts.isFunctionLike(node) && 'body' in node,
  );
  const suites = isTest ? functions.filter((node) => /^(?:describe|it|test)\b/.test(calleeText(file, node))) : [];
  return functions.flatMap((node) => {
    const inside = suites.filter((suite) => suite !== node && suite.pos >= node.pos && suite.end <= node.end);
    const outermost = inside.filter(
      (suite) => !inside.some((other) => other !== suite && other.pos <= suite.pos && other.end >= suite.end),
    );
    const lines = outermost.reduce((rest, suite) => rest - linesOf(file, suite), linesOf(file, node));
    if (lines <= functionLinesMax || calleeText(file, node).startsWith('describe')) return [];
    return [
      {
        path: file.path,
        line: lineAt(file, node.getStart(file.ast)),
        what: `has a function of ${String(lines)} lines`,
      },
    ];
  });
}

/** What a function is passed to: `it` for `it('…', () => …)`, the empty string when it is passed to nothing. */
function calleeText(file: SourceFile, node: ts.Node): string {
  return ts.isCallExpression(node.parent) ? node.parent.expression.getText(file.ast) : '';
}

function linesOf(file: SourceFile, node: ts.Node): number {
  return lineAt(file, node.end) - lineAt(file, node.getStart(file.ast)) + 1;
}

function isBarrel(file: SourceFile): boolean {
  const { statements } = file.ast;
  return (
    statements.length > 0 &&
    statements.every((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined)
  );
}

function handlers(tree: Tree): Finding[] {
  const missing = [...tree.handlers].filter((path) => !tree.files.has(path));
  const orphans = [...tree.files.keys()].filter(
    (path) => within(path, handlerFolders) && !tree.handlers.has(path) && !wrappers.includes(basename(path)),
  );
  return [
    ...missing.map((path) => ({ path, line: 1, what: 'is named by a route and does not exist' })),
    ...orphans.map((path) => ({ path, line: 1, what: 'is the handler of no route' })),
  ];
}
