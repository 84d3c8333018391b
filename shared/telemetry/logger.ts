// Structured logs: one line of JSON for each event, with nothing in it that must not be read there.
import type { Clock, Telemetry } from '../ports.ts';

type Fields = Parameters<Telemetry['info']>[1];

/** Lines go to `write`, which on Lambda is the standard output: CloudWatch makes a log event of each. */
export function logger(clock: Clock, write: (line: string) => void = writeToStandardOutput): Telemetry {
  const log = (level: 'info' | 'error', event: string, fields: Fields, extra: object): void => {
    // The names that every line has win over fields of the same name.
    const head = { level, event, time: new Date(clock.nowMs()).toISOString() };
    write(`${JSON.stringify({ ...head, ...redacted(fields), ...head, ...extra })}\n`);
  };
  return {
    info: (event, fields) => {
      log('info', event, fields, {});
    },
    error: (event, fields, error) => {
      log('error', event, fields, error === undefined ? {} : { error: describe(error) });
    },
  };
}

const secretWords = new Set(['token', 'authorization', 'key', 'secret', 'password', 'body', 'data']);

/** A field's last word says what it holds: `apiKey` is a key, `keyId` and `tokenExpiresAtMs` are none. */
function redacted(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const lastWord = name.split(/(?=[A-Z])|[_-]/).at(-1) ?? name;
      return [name, secretWords.has(lastWord.toLowerCase()) ? '[redacted]' : value];
    }),
  );
}

function describe(error: unknown): { readonly name: string; readonly message: string; readonly stack?: string } {
  if (!(error instanceof Error)) return { name: typeof error, message: 'something that is no error was thrown' };
  const { name, message, stack } = error;
  return stack === undefined ? { name, message } : { name, message, stack };
}

function writeToStandardOutput(line: string): void {
  process.stdout.write(line);
}
