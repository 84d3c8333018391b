// The architecture as a test: the rules of the house, held against the repository and proved on planted violations.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { codeRules } from './tidy/code.ts';
import { fileRules } from './tidy/files.ts';
import { layerRules } from './tidy/layers.ts';
import { lawfulHouse, planted, plantedLine, plants } from './tidy/plants.ts';
import { readTree, treeOf } from './tidy/tree.ts';
import type { Rule, Tree } from './tidy/tree.ts';

const rules: readonly Rule[] = [...layerRules, ...fileRules, ...codeRules];

function complaints(rule: Rule, tree: Tree): string[] {
  return rule
    .check(tree)
    .map(({ path, line, what }) => `${path}:${String(line)} ${what} [${rule.name}]. ${rule.remedy}`);
}

describe('the repository', () => {
  const tree = readTree(fileURLToPath(new URL('..', import.meta.url)));

  it('is read whole', () => {
    const paths = [...tree.files.keys()];
    expect(paths).toContain('eslint.config.js');
    expect(paths).toContain('shared/ports.ts');
    expect(tree.entries).toContain('commands/start.ts');
    expect(tree.entries).toContain('infra/app.ts');
    expect(tree.handlers).toContain('functions/websocket/connect.ts');
  });

  it.each(rules)('keeps the rule: $name', (rule) => {
    expect(complaints(rule, tree)).toEqual([]);
  });
});

describe('the rules', () => {
  it('find nothing in a lawful house', () => {
    const tree = treeOf(lawfulHouse);
    expect(rules.flatMap((rule) => complaints(rule, tree))).toEqual([]);
  });

  it.each(plants)('$rule: catches $code in $path, in its place and alone', (plant) => {
    const tree = treeOf(planted(plant));
    const found = rules.flatMap((rule) =>
      rule.check(tree).map(({ path, line }) => `${rule.name} at ${path}:${String(line)}`),
    );
    const broken = [plant.rule, ...(plant.also ?? [])];
    expect(found.sort()).toEqual(broken.map((rule) => `${rule} at ${plant.path}:${String(plantedLine(plant))}`).sort());
  });

  it('catches a route without a handler', () => {
    const tree = treeOf({ ...lawfulHouse, handlers: [...lawfulHouse.handlers, 'functions/queue/fan-out.ts'] });
    expect(rules.flatMap((rule) => complaints(rule, tree))).toEqual([
      expect.stringContaining(
        'functions/queue/fan-out.ts:1 is named by a route and does not exist [one handler a route]',
      ),
    ]);
  });

  it('have each been seen to fire', () => {
    expect([...new Set(plants.map((plant) => plant.rule))].sort()).toEqual(rules.map((rule) => rule.name).sort());
  });
});
