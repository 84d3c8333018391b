// Rules about what may be written inside a file: hidden inputs, forms of the language, numbers and comments.
import ts from 'typescript';
import { at, eachFile, lineAt, within } from './tree.ts';
import type { Finding, Rule, SourceFile } from './tree.ts';

/** What decides, and must decide the same for the same input. */
const core = ['shared/protocol/', 'shared/domain/', 'shared/socketio/', 'shared/dialects/', 'shared/usecases/'];
const deployed = ['shared/', 'functions/'];

export const codeRules: readonly Rule[] = [
  {
    name: 'pure core',
    remedy: 'Take the time, the id or the choice as a parameter, or through a port: Clock, Ids, Telemetry.',
    check: nodeRule((path) => within(path, core), hiddenInput),
  },
  {
    name: 'environment',
    remedy: 'Read it in functions/environment.ts and pass the value on.',
    check: nodeRule((path) => within(path, deployed) && path !== 'functions/environment.ts', readsEnvironment),
  },
  {
    name: 'no default exports',
    remedy: 'Export it by name, so that it is called the same everywhere. Only tool configurations may differ.',
    check: nodeRule(
      (path) => !/\.(?:config|d)\.[jt]s$/.test(path),
      (node) => (isDefaultExport(node) ? 'has a default export' : null),
    ),
  },
  {
    name: 'no enums',
    remedy: 'Use a union of literals, or a table `as const`.',
    check: nodeRule(everywhere, (node) => (ts.isEnumDeclaration(node) ? `declares enum ${node.name.text}` : null)),
  },
  {
    name: 'no any',
    remedy: 'Use `unknown` and narrow it, or parse it with a schema.',
    check: nodeRule(everywhere, (node) => (node.kind === ts.SyntaxKind.AnyKeyword ? 'says any' : null)),
  },
  {
    name: 'limits have names',
    remedy: 'Put the number into shared/protocol/limits.ts, with its unit in the name and its source in a comment.',
    check: nodeRule((path) => within(path, deployed) && path !== 'shared/protocol/limits.ts', namelessNumber),
  },
  {
    name: 'no module mocks',
    remedy: 'Pass a fake of the port: a mocked module passes when both sides are wrong.',
    check: nodeRule(
      (path) => within(path, ['test/']),
      (node) => (isCall(node, /^vi\.(?:do)?mock$/i) ? 'mocks a module' : null),
    ),
  },
  {
    name: 'every test runs',
    remedy: 'Delete it or make it pass; a condition of the machine is said with skipIf.',
    check: nodeRule(
      (path) => within(path, ['test/']),
      (node) =>
        isCall(node, /^(?:describe|it|test)\.(?:only|skip|todo|fails)\b/)
          ? 'has a test that is left out or leaves out others'
          : null,
    ),
  },
  {
    name: 'no unfinished marks',
    remedy: 'Finish it now, or open an issue and say in the comment what is true today.',
    check: commentRule(everywhere, /\b(?:TODO|FIXME|XXX|HACK)\b/),
  },
  {
    name: 'no silenced compiler',
    remedy: 'Make the types true. Only test/types, which shows what must not compile, may expect errors.',
    check: commentRule((path) => !within(path, ['test/types/']), /@ts-(?:ignore|expect-error|nocheck)\b/),
  },
  {
    name: 'no silent lint exceptions',
    remedy: 'Say why on the same line: `// eslint-disable-next-line rule-name -- reason`.',
    check: commentRule(everywhere, /eslint-disable(?!.*\S -- \S)/),
  },
];

function everywhere(): boolean {
  return true;
}

/** A rule that looks at every node of some files; `problem` says what is wrong with one, or null. */
function nodeRule(
  applies: (path: string) => boolean,
  problem: (node: ts.Node, file: SourceFile) => string | null,
): Rule['check'] {
  return (tree) =>
    eachFile(tree, (file) => {
      if (!applies(file.path)) return [];
      return file.nodes.flatMap((node) => {
        const what = problem(node, file);
        return what === null ? [] : [at(file, node, what)];
      });
    });
}

/** A rule that refuses a pattern in comments; the same text in a string is nobody's concern. */
function commentRule(applies: (path: string) => boolean, refused: RegExp): Rule['check'] {
  return (tree) =>
    eachFile(tree, (file) => {
      if (!applies(file.path) || !refused.test(file.text)) return [];
      return commentsOf(file).flatMap(({ pos, text }): Finding[] => {
        const found = refused.exec(text);
        return found === null
          ? []
          : [{ path: file.path, line: lineAt(file, pos + found.index), what: `says ${found[0]} in a comment` }];
      });
    });
}

function commentsOf(file: SourceFile): { readonly pos: number; readonly text: string }[] {
  const comments = new Map<number, string>();
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(file.ast);
    if (children.length > 0) {
      children.forEach(visit);
      return;
    }
    const ranges = [ts.getLeadingCommentRanges(file.text, node.pos), ts.getTrailingCommentRanges(file.text, node.end)];
    for (const { pos, end } of ranges.flatMap((found) => found ?? [])) comments.set(pos, file.text.slice(pos, end));
  };
  visit(file.ast);
  return [...comments].map(([pos, text]) => ({ pos, text }));
}

const hidden = new Set([
  'process',
  'console',
  'performance',
  'globalThis',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
]);
const dice = /^(?:Math\.random|crypto\.(?:randomUUID|randomBytes|getRandomValues))$/;

function hiddenInput(node: ts.Node, file: SourceFile): string | null {
  if (ts.isPropertyAccessExpression(node) && dice.test(node.getText(file.ast))) return `uses ${node.getText(file.ast)}`;
  if (!ts.isIdentifier(node) || !isReference(node)) return null;
  if (hidden.has(node.text)) return `uses ${node.text}`;
  return node.text === 'Date' && !isPureDate(node.parent, file) ? 'asks for the time' : null;
}

/** A date made from a given time, the question whether something is a date, and the functions of Date that read no clock. */
function isPureDate(parent: ts.Node, file: SourceFile): boolean {
  if (ts.isNewExpression(parent)) return (parent.arguments?.length ?? 0) > 0;
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
  return ts.isPropertyAccessExpression(parent) && /^Date\.(?:parse|UTC)$/.test(parent.getText(file.ast));
}

/** True for an identifier that stands for a value, not for the name of a member, a type or an import. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  return (
    !ts.isTypeNode(parent) && !ts.isTypeElement(parent) && !ts.isClassElement(parent) && !ts.isImportSpecifier(parent)
  );
}

function readsEnvironment(node: ts.Node): string | null {
  if (ts.isStringLiteral(node) && /^(?:node:)?process$/.test(node.text) && ts.isImportDeclaration(node.parent))
    return 'imports process';
  if (!ts.isIdentifier(node) || node.text !== 'process' || !isReference(node)) return null;
  const isOtherMember = ts.isPropertyAccessExpression(node.parent) && node.parent.name.text !== 'env';
  return isOtherMember ? null : 'reads the environment';
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}

const smallest = 100;
const units = new Set([100, 1_000, 1_024]);
const arithmetic = new Set([ts.SyntaxKind.AsteriskToken, ts.SyntaxKind.SlashToken, ts.SyntaxKind.PercentToken]);

/**
 * Some numbers explain themselves: HTTP statuses, the bits of an IPv6 address, units that something is multiplied or
 * divided by, bit patterns in hexadecimal, the keys of a table, and types.
 */
function namelessNumber(node: ts.Node, file: SourceFile): string | null {
  if (!ts.isNumericLiteral(node)) return null;
  const { parent } = node;
  const written = node.getText(file.ast);
  const value = Number(node.text);
  const excused =
    value < smallest ||
    written.startsWith('0x') ||
    ts.isLiteralTypeNode(parent) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (units.has(value) && ts.isBinaryExpression(parent) && arithmetic.has(parent.operatorToken.kind)) ||
    (value === 128 && speaksOf(/ipv[46]/i, node, file)) ||
    (value < 600 && Number.isInteger(value) && knowsStatuses(node, file));
  return excused ? null : `has the nameless number ${written}`;
}

/** Statuses are at home in the functions and in the failures table; elsewhere the statement must speak of a status. */
function knowsStatuses(node: ts.Node, file: SourceFile): boolean {
  return within(file.path, ['functions/', 'shared/protocol/failures.ts']) || speaksOf(/status/i, node, file);
}

function speaksOf(subject: RegExp, node: ts.Node, file: SourceFile): boolean {
  const statement = ts.findAncestor(node, (parent) => ts.isStatement(parent) || ts.isFunctionLike(parent));
  return statement !== undefined && subject.test(statement.getText(file.ast));
}

function isCall(node: ts.Node, callee: RegExp): boolean {
  return ts.isCallExpression(node) && callee.test(node.expression.getText());
}
