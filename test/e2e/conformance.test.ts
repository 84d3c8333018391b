// The five briefs, line by line, against the real template; `npm run conformance` prints the same as a table.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { briefs } from '../conformance/row.ts';
import { rows } from '../conformance/rows.ts';
import type { Site } from '../conformance/site.ts';
import { openSite } from '../conformance/site.ts';
import type { Stack } from './stack.ts';
import { apiKey, startStack } from './stack.ts';

let stack: Stack;
let site: Site;

beforeAll(async () => {
  stack = await startStack({ parameters: { Teams: '*' } });
  site = openSite({
    url: stack.runtime.httpUrl,
    apiKey,
    token: (user, roles, lifetimeMs = 3_600_000) => stack.token(user, { roles, lifetimeMs }),
  });
});

afterEach(() => {
  site.close();
});

afterAll(async () => {
  await stack.stop();
});

describe.each(briefs)('the brief of %s', (brief) => {
  it.each(rows.filter((row) => row.brief === brief))('$what', async ({ run }) => {
    await run(site);
  });
});

it('needed no permission that it lacks', () => {
  expect(stack.runtime.usedPermissions().filter(({ allowed }) => !allowed)).toEqual([]);
});

it('has rows that are told apart', () => {
  const names = rows.map(({ brief, what }) => `${brief}: ${what}`);
  expect(new Set(names).size).toBe(names.length);
});
