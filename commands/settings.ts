// What the commands read from their surroundings: the data folder, the port, and how their arguments are written.
import { resolve } from 'node:path';

const defaultPort = 4_000;

/** A mistake of the person who typed the command: printed as one line, without a stack. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export function dataDirectory(environment: NodeJS.ProcessEnv): string {
  return resolve(environment['BELLHOP_DATA_DIR'] ?? '.bellhop');
}

export function portOf(environment: NodeJS.ProcessEnv): number {
  const text = environment['PORT'] ?? String(defaultPort);
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(
    `PORT is ${JSON.stringify(text)}: set it to a number from 0 to 65535, for example PORT=4100 npm start`,
  );
}

/** How commands that speak for a user are told which one. */
export const identityOptions = {
  user: { type: 'string' },
  tenant: { type: 'string', default: 'default' },
  role: { type: 'string', multiple: true, default: [] as string[] },
} as const;

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `15m`, `1h`, `7d`. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const unit = unitMs[match?.[2] ?? ''];
  const count = Number(match?.[1]);
  if (unit === undefined || count === 0) {
    throw new UsageError(`${JSON.stringify(text)} is no duration: write 30s, 15m, 1h or 7d`);
  }
  return count * unit;
}

/** Runs a command; a mistake in its use, or an error made for people, becomes one line and exit code 1. */
export async function runCommand(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof Error && isForPeople(error)) process.stderr.write(`${error.message}\n`);
    else throw error;
  }
}

function isForPeople(error: Error): boolean {
  const names = new Set(['UsageError', 'RuntimeError', 'TemplateError', 'BundleError']);
  const code = 'code' in error ? String(error.code) : '';
  return names.has(error.name) || code.startsWith('ERR_PARSE_ARGS');
}
