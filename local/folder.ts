// Makes folders, one level at a time.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Like a recursive mkdir, which on Node 20 never returns where the system answers ENOENT below a folder that is there
 * (`/proc/x`). Throws the system's error when the folder cannot be made.
 */
export function makeFolder(directory: string, mode = 0o700): void {
  try {
    mkdirSync(directory, { mode });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && statSync(directory).isDirectory()) return;
    const parent = dirname(directory);
    if (code !== 'ENOENT' || isThere(parent)) throw error;
    makeFolder(parent, mode);
    makeFolder(directory, mode);
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
