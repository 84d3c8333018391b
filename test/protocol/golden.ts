// Golden files: what was last looked at, so that every change of a document shows in review.
import { readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';

/** The golden one; UPDATE_GOLDEN=1 makes it what is given, when the change is meant. */
export function golden(name: string, given: object): unknown {
  const file = new URL(`../golden/${name}`, import.meta.url);
  if (env['UPDATE_GOLDEN'] === '1') writeFileSync(file, `${JSON.stringify(given, null, 2)}\n`);
  return JSON.parse(readFileSync(file, 'utf8'));
}
