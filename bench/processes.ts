// Starts a server as a process of its own, waits until it says that it is ready, and ends it.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Started {
  readonly output: string;
  stop(): Promise<void>;
}

export async function startProcess(
  script: URL,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  readyText: string,
): Promise<Started> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(script), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = await untilReady(child, script.pathname, readyText);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  return {
    output,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function untilReady(child: ChildProcess, script: string, readyText: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(readyText)) resolve(output);
    });
    child.once('exit', (code) => {
      reject(new Error(`${script} ended with code ${String(code)} before it was ready`));
    });
  });
}
