// The commands as people type them: start, kill, start again, and every way in which a start can fail.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { broadcastIdOf, call, reportWhen } from './stack.ts';
import { runCommandFile, startCommand } from './start.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bellhop-commands-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The address that a start printed. */
function addressIn(output: string): string {
  return /HTTP API +(\S+)\/api/.exec(output)?.[1] ?? '';
}

async function token(dataDirectory: string, args: readonly string[]): Promise<string> {
  const command = runCommandFile('commands/token.ts', { BELLHOP_DATA_DIR: dataDirectory }, args);
  await command.exited;
  return command.output();
}

describe('a start that is killed', () => {
  it('delivers after the next start what was accepted before, and once', async () => {
    const dataDirectory = join(directory, 'killed');
    const environment = { BELLHOP_DATA_DIR: dataDirectory, INTERNAL_API_SECRET: 'old-key,new-key', PORT: '0' };
    const first = startCommand(environment);
    await first.says('Bellhop is ready');
    const accepted: string[] = [];
    for (const key of ['old-key', 'new-key', 'old-key']) {
      const body = { eventType: 'task:new', taskData: { number: accepted.length }, contractorIds: ['c1'] };
      const url = `${addressIn(first.output())}/api/notifications/broadcast`;
      accepted.push(broadcastIdOf(await call(url, 'POST', body, { 'x-api-key': key })));
    }
    await first.kill('SIGKILL');

    const second = startCommand(environment);
    await second.says('Bellhop is ready');
    const listener = runCommandFile('commands/listen.ts', { BELLHOP_DATA_DIR: dataDirectory }, ['--user', 'c1']);
    for (const number of [1, 2, 3]) await listener.says(`user:c1 #${String(number)}`);
    const httpUrl = addressIn(second.output());
    const stack = {
      call: (method: string, path: string) => call(`${httpUrl}${path}`, method, undefined, { 'x-api-key': 'new-key' }),
    };
    for (const id of accepted) {
      const report = await reportWhen(stack, id, (counts) => counts['delivered'] === 1);
      expect(report['counts']).toMatchObject({ delivered: 1 });
    }
    expect(listener.output().match(/task:new/g)).toHaveLength(3);
    await listener.kill('SIGKILL');
    expect(await second.kill('SIGINT')).toBe(0);
  }, 120_000);
});

describe('a start that fails', () => {
  it('says in one line that the port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const command = startCommand({ BELLHOP_DATA_DIR: join(directory, 'port'), PORT: String(port) });
    expect(await command.exited).toBe(1);
    expect(command.output().trim().split('\n').at(-1)).toMatch(new RegExp(`[Pp]ort ${String(port)}.*PORT`));
    server.close();
  });

  it('says in one line that the data folder cannot be written', async () => {
    const file = join(directory, 'a-file');
    await writeFile(file, '');
    const command = startCommand({ BELLHOP_DATA_DIR: join(file, 'data'), PORT: '0' });
    expect(await command.exited).toBe(1);
    expect(command.output().trim().split('\n')).toHaveLength(1);
    expect(command.output()).toContain('BELLHOP_DATA_DIR');
  });

  it.each([
    [{ PORT: 'http' }, [], 'PORT'],
    [{ INTERNAL_API_SECRET: ' , ' }, [], 'INTERNAL_API_SECRET'],
    [{ JWT_SECRET: 'changeme' }, [], 'JWT_SECRET is 8 bytes long'],
    [{}, ['--time-scale', '0'], '--time-scale'],
    [{}, ['--parameter', 'RateLimitPerMinute=many'], 'RateLimitPerMinute'],
    [{}, ['--parameter', 'Unknown=1'], 'Unknown'],
    [{}, ['--wrong'], '--wrong'],
  ])('says what is wrong with %j %j', async (environment, args, word) => {
    const command = startCommand({ BELLHOP_DATA_DIR: join(directory, 'wrong'), PORT: '0', ...environment }, args);
    expect(await command.exited).toBe(1);
    expect(command.output().trim().split('\n').at(-1)).toContain(word);
    expect(command.output()).not.toContain('    at ');
  });
});

describe('a token', () => {
  it('is all that the command prints, whether or not the runtime is up, and always of the same key', async () => {
    const args = ['--user', 'contractor1', '--role', 'technician', '--tenant', 'default', '--ttl', '1h'];
    const tokens = await Promise.all([1, 2].map(() => token(join(directory, 'tokens'), args)));
    const headers = tokens.map((text) => {
      expect(text).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      return text.split('.')[0];
    });
    expect(new Set(headers).size).toBe(1);
    const claims: unknown = JSON.parse(Buffer.from(tokens[0]?.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ sub: 'contractor1', tenant: 'default', roles: ['technician'] });
  });

  it('is signed with JWT_SECRET when that is asked for', async () => {
    const environment = { BELLHOP_DATA_DIR: join(directory, 'tokens'), JWT_SECRET: 'x'.repeat(32) };
    const command = runCommandFile('commands/token.ts', environment, ['--user', 'a', '--hs256', '--issuer', 'hotel']);
    expect(await command.exited).toBe(0);
    const { payload } = await jwtVerify(command.output().trim(), new TextEncoder().encode(environment.JWT_SECRET));
    expect(payload).toMatchObject({ sub: 'a', iss: 'hotel', tenant: 'default', roles: [] });
  });

  it.each([
    [[], '--user is missing'],
    [['--user', 'a', '--ttl', '1y'], '"1y" is no duration'],
    [['--user', 'a', '--hs256'], 'JWT_SECRET is not set'],
    [['--user', 'a', '--issuer', 'hotel'], '--issuer goes with --hs256 alone'],
  ])('%j is refused', async (args, message) => {
    expect(await token(join(directory, 'tokens'), args)).toContain(message);
  });
});

describe('an API key', () => {
  it('comes with the digest that the stack is given', async () => {
    const command = runCommandFile('commands/api-key.ts', {}, ['--tenant', 'acme']);
    expect(await command.exited).toBe(0);
    expect(command.output()).toMatch(/^key {5}[\w-]{43}\ndigest {2}acme:[0-9a-f]{64}\n$/);
  });
});
