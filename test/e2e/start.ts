// npm start as a process of its own, so that it can be killed, or fail, as on a person's machine.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

export interface StartedProcess {
  /** All that it has printed, both streams. */
  readonly output: () => string;
  /** Resolves when the text has been printed; rejects when the process ends before. */
  says(text: string): Promise<void>;
  readonly exited: Promise<number | null>;
  kill(signal: 'SIGKILL' | 'SIGINT'): Promise<number | null>;
}

export function startCommand(
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): StartedProcess {
  return runCommandFile('commands/start.ts', environment, args);
}

export function runCommandFile(
  file: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
): StartedProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const printed = collect(child);
  return {
    output: printed.text,
    says: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (printed.text().includes(text)) resolve();
        };
        printed.onMore(check);
        check();
        void exited.then((code) => {
          reject(new Error(`ended with code ${String(code)} before it said ${text}: ${printed.text()}`));
        });
      }),
    exited,
    kill: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

function collect(child: ChildProcess): { readonly text: () => string; readonly onMore: (check: () => void) => void } {
  let text = '';
  const checks: (() => void)[] = [];
  const add = (chunk: Buffer): void => {
    text += chunk.toString();
    for (const check of checks) check();
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return {
    text: () => text,
    onMore: (check) => {
      checks.push(check);
    },
  };
}
