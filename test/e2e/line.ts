// A raw socket of any dialect: it sends texts as they are, well-formed or not, and keeps what comes.
import { WebSocket } from 'ws';

export interface Line {
  send(text: string | Buffer): void;
  /** The first text, of all that came and will come, that is as described; each may be found again. */
  until(what: string, is: (text: string) => boolean): Promise<string>;
  /** All that have come so far. */
  readonly texts: readonly string[];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  isOpen(): boolean;
  close(): void;
}

const patienceMs = 25_000;

export async function openLine(address: string): Promise<Line> {
  const socket = new WebSocket(address);
  const texts: string[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data: Buffer) => {
    texts.push(data.toString());
    for (const look of [...waiting]) look();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
  });
  // After the gateway has closed it, what is still on its way there breaks the pipe.
  socket.on('error', () => undefined);
  return {
    send: (text) => {
      socket.send(text);
    },
    until: (what, is) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`${what} did not come; the last texts: ${texts.slice(-5).join('\n')}`));
        }, patienceMs);
        const look = (): void => {
          const found = texts.find(is);
          if (found === undefined) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    texts,
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    close: () => {
      socket.close();
    },
  };
}
