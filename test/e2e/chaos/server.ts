// The runtime as a process that is killed, and started again over the same data and on the same port.
import type { StartedProcess } from '../start.ts';
import { startCommand } from '../start.ts';

export interface ChaosServer {
  readonly httpUrl: string;
  readonly webSocketUrl: string;
  /** Ends it with `kill -9`, and resolves when it is ready again; with how long that took. */
  killAndStart(): Promise<number>;
  kill(): Promise<void>;
}

const readyText = 'Bellhop is ready';

export async function startServer(directory: string, apiKey: string): Promise<ChaosServer> {
  const environment = { BELLHOP_DATA_DIR: directory, INTERNAL_API_SECRET: apiKey };
  // What is lost of $disconnect leaves connections that only a 410 can tell of.
  const args = ['--parameter', 'RateLimitPerMinute=1000000', '--lose-disconnects', '0.2'];
  let running: StartedProcess = startCommand({ ...environment, PORT: '0' }, args);
  await running.says(readyText);
  const httpUrl = /HTTP API +(\S+)\/api/.exec(running.output())?.[1] ?? '';
  const webSocketUrl = /WebSocket +(\S+)/.exec(running.output())?.[1] ?? '';
  const PORT = new URL(httpUrl).port;
  return {
    httpUrl,
    webSocketUrl,
    killAndStart: async () => {
      const startedMs = performance.now();
      await running.kill('SIGKILL');
      running = startCommand({ ...environment, PORT }, args);
      await running.says(readyText);
      return performance.now() - startedMs;
    },
    kill: async () => {
      await running.kill('SIGKILL');
    },
  };
}
