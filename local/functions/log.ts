// The log file of one function: what it prints and what goes wrong with it.

import { createWriteStream, statSync, type WriteStream } from 'node:fs';
import path from 'node:path';

export interface FunctionLog {
  /** Takes what a worker prints, as it comes. */
  write(chunk: Buffer | string): void;
  /** A line of the runtime itself. */
  note(line: string): void;
  close(): Promise<void>;
}

/** A log that has grown beyond this is started anew. */
const bytesMax = 10_000_000;

export function openLog(directory: string, functionName: string, onError: (error: unknown) => void): FunctionLog {
  const file = path.join(directory, `${functionName}.log`);
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const stream: WriteStream = createWriteStream(file, { flags: size > bytesMax ? 'w' : 'a', mode: 0o600 });
  stream.on('error', onError);
  return {
    write: (chunk) => {
      stream.write(chunk);
    },
    note: (line) => {
      stream.write(`${new Date().toISOString()} ${line}\n`);
    },
    close: () =>
      new Promise((resolve) => {
        stream.end(resolve);
      }),
  };
}
