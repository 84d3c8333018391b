// Folders: made with their parents, kept when they are there, and an error instead of a hang where they cannot be.
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../local/folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

it('is made with its parents, and again without harm', async () => {
  const folder = join(await temporaryFolder(), 'a', 'b', 'c');
  makeFolder(folder);
  makeFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});

it('cannot be made where the system says no', async () => {
  const file = join(await temporaryFolder(), 'file');
  writeFileSync(file, '');
  for (const folder of [file, join(file, 'below'), '/proc/no-such-folder/below']) {
    expect(() => {
      makeFolder(folder);
    }).toThrow();
  }
});
