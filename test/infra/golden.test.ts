// The whole template, held against the one that was last looked at: whatever changes in it shows in review.
import { readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { synthesizedTemplate } from './template.ts';

const goldenFile = new URL('../golden/bellhop.template.json', import.meta.url);

describe('the template', () => {
  it('is the golden one; UPDATE_GOLDEN=1 makes it so when the change is meant', () => {
    const template = synthesizedTemplate();
    if (env['UPDATE_GOLDEN'] === '1') writeFileSync(goldenFile, `${JSON.stringify(template, null, 2)}\n`);
    expect(template).toStrictEqual(JSON.parse(readFileSync(goldenFile, 'utf8')));
  });
});
