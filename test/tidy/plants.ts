// A small lawful house, and the violations that are planted in it one at a time to see every rule fire.
import type { TreeContents } from './tree.ts';

/** Lawful in every rule, near misses included: what no rule may complain about. */
export const lawfulHouse: TreeContents = {
  handlers: ['functions/http/send.ts'],
  commands: '"app": "npx tsx infra/app.ts", "start": "tsx commands/start.ts"',
  sources: {
    'shared/protocol/limits.ts': '// Limits.\nexport const bodyBytesMax = 98_304;\n',
    'shared/protocol/failures.ts': '// Failures.\nexport const codes = { bad_request: 400 } as const;\n',
    'shared/protocol/frames.ts': [
      '// Frames.',
      "import * as z from 'zod/mini';",
      "import { bodyBytesMax } from './limits.ts';",
      'export const frame = z.string().check(z.maxLength(bodyBytesMax));',
      "export type { codes } from './failures.ts';",
      '',
    ].join('\n'),
    'shared/domain/message.ts':
      '// Messages, as types only, which need no test.\nexport interface Message { readonly process: string; readonly sentAt: Date }\n',
    'shared/domain/time.ts': [
      '// Time, as a value; Date.now() in a comment reads no clock, and a mark in a string is no mark.',
      "export const mark = 'TODO: @ts-ignore';",
      'export const iso = (ms: number) => new Date(ms).toISOString();',
      'export const seconds = (ms: number, message: { process: string }) => ms / 1_000 + message.process.length * 100;',
      'export const bits = 0xffff;',
      'export const isDate = (value: unknown) => value instanceof Date;',
      'export const ipv6Bits = 128;',
      "export const messages = { 404: 'gone' };",
      '',
    ].join('\n'),
    'shared/ports.ts':
      "// Ports.\nimport type { Message } from './domain/message.ts';\nexport interface Store { put(message: Message): Promise<void> }\n",
    'shared/usecases/send.ts':
      "// Sends.\nimport type { Store } from '../ports.ts';\nexport const send = (store: Store) => store;\n",
    'shared/sqs/queue.ts':
      "// The queue.\nimport { SQSClient } from '@aws-sdk/client-sqs';\nexport const client = SQSClient;\n",
    'shared/apigateway/gateway.ts':
      '// The gateway.\nexport const isGone = (httpStatusCode: number) => httpStatusCode === 410;\n',
    'functions/environment.ts': [
      '// The environment.',
      "import { iso } from '../shared/domain/time.ts';",
      "import { frame } from '../shared/protocol/frames.ts';",
      "import { isGone } from '../shared/apigateway/gateway.ts';",
      "import { client } from '../shared/sqs/queue.ts';",
      'export const ports = { region: process.env, iso, frame, isGone, client };',
      '',
    ].join('\n'),
    'functions/http/send.ts': [
      '// Sends.',
      "import { send } from '../../shared/usecases/send.ts';",
      "import { ports } from '../environment.ts';",
      "import { endpoint } from './endpoint.ts';",
      'export const handler = endpoint(ports, send, 202);',
      '',
    ].join('\n'),
    'functions/http/endpoint.ts': '// Parses and answers.\nexport const endpoint = (...parts: unknown[]) => parts;\n',
    'infra/app.ts': '// The app.\nexport const memoryMegabytes = 256;\n',
    'local/runtime.ts':
      "// The runtime.\nimport { WebSocket } from 'ws';\nexport const worker = [WebSocket, new URL('./worker.ts', import.meta.url)];\n",
    'local/worker.ts': '// A worker, which is named by its address.\nexport const idle = 500;\n',
    'commands/start.ts':
      "#!/usr/bin/env -S npx tsx\n// Starts,\n// in two lines.\nimport { worker } from '../local/runtime.ts';\nconsole.log(worker);\n",
    'vitest.config.ts': '// Tests.\nexport default {};\n',
    'test/domain/time.test.ts': `// Time.\ndescribe('time', () => {\n${"  it('passes', () => {});\n".repeat(90)}});\n`,
    'test/usecases/send.test.ts': `// Sending.\nexport function contract() {\n  describe('sending', () => {\n${"    it('passes', () => {});\n".repeat(90)}  });\n}\n`,
  },
};

/** One violation: the code is appended to a file of the lawful house, or is a new file of its own. */
export interface Plant {
  readonly rule: string;
  readonly path: string;
  readonly code: string;
  /** Where the finding is, when it is not where the code begins. */
  readonly line?: number;
  /** The other rules that such a violation cannot but break as well. */
  readonly also?: readonly string[];
}

const longBody = '  void 0;\n'.repeat(70);
const domain = 'shared/domain/time.ts';
const endpoint = 'functions/http/endpoint.ts';
const runtime = 'local/runtime.ts';
const test = 'test/domain/time.test.ts';

export const plants: readonly Plant[] = [
  { rule: 'known folder', path: 'clients/client.ts', code: '// A client.\n', also: ['no dead files'] },
  { rule: 'known folder', path: 'shared/billing/bill.ts', code: '// Bills.\n', also: ['no dead files'] },
  { rule: 'layers', path: 'shared/protocol/frames.ts', code: "import { iso } from '../domain/time.ts';" },
  { rule: 'layers', path: domain, code: "import { hash } from 'node:crypto';" },
  { rule: 'layers', path: domain, code: "import type { Store } from '../ports.ts';" },
  { rule: 'layers', path: 'shared/usecases/send.ts', code: "import { client } from '../sqs/queue.ts';" },
  { rule: 'layers', path: 'shared/usecases/send.ts', code: "import * as z from 'zod/mini';" },
  { rule: 'layers', path: 'shared/sqs/queue.ts', code: "import { isGone } from '../apigateway/gateway.ts';" },
  {
    rule: 'layers',
    path: 'shared/sqs/queue.ts',
    code: "export type { DynamoDBClient } from '@aws-sdk/client-dynamodb';",
  },
  { rule: 'layers', path: endpoint, code: "const { SQSClient } = await import('@aws-sdk/client-sqs');" },
  { rule: 'layers', path: 'infra/app.ts', code: "import { iso } from '../shared/domain/time.ts';" },
  { rule: 'layers', path: runtime, code: "import { bodyBytesMax } from '../shared/protocol/limits.ts';" },
  { rule: 'layers', path: runtime, code: "const address = new URL('../infra/app.ts', import.meta.url);" },
  { rule: 'layers', path: 'commands/start.ts', code: "import { send } from '../shared/usecases/send.ts';" },
  { rule: 'layers', path: 'infra/app.ts', code: "import '../test/domain/time.test.ts';" },
  { rule: 'imports exist', path: domain, code: "import { message } from './message';" },
  { rule: 'ports are types', path: 'shared/ports.ts', code: 'export const retries = 3;', line: 1 },
  { rule: 'zod/mini', path: endpoint, code: "import { z } from 'zod/mini';" },
  { rule: 'no cycles', path: 'local/worker.ts', code: "import type { worker } from './runtime.ts';" },
  { rule: 'no dead files', path: 'local/forgotten.ts', code: '// Forgotten.\n' },
  { rule: 'no dead files', path: 'commands/forgotten.ts', code: '// In no script.\n' },
  { rule: 'kebab-case names', path: 'test/timeZones.test.ts', code: '// Zones.\n' },
  { rule: 'kebab-case names', path: 'test/TimeZones/zone.ts', code: '// Zones.\n' },
  { rule: 'no drawers', path: 'test/string-utils.ts', code: '// Strings.\n' },
  { rule: 'no drawers', path: 'test/common/strings.ts', code: '// Strings.\n' },
  { rule: 'no drawers', path: 'test/fakes/index.ts', code: '// Fakes.\n' },
  { rule: 'opening sentence', path: 'test/zones.ts', code: "export const zone = 'UTC';\n// Zones.\n" },
  { rule: 'opening sentence', path: 'test/zones.ts', code: '// zones\n' },
  { rule: 'file length', path: 'test/zones.ts', code: `// Zones.\n${'\n'.repeat(300)}` },
  { rule: 'function length', path: runtime, code: `export function long() {\n${longBody}}` },
  { rule: 'function length', path: test, code: `it('is long', () => {\n${longBody}});` },
  {
    rule: 'function length',
    path: test,
    code: `describe('a suite', () => {\n  it('is long', () => {\n${longBody}  });\n});`,
    line: 95,
  },
  { rule: 'no barrels', path: 'test/zones.ts', code: "// Zones.\nexport * from './domain/time.test.ts';\n" },
  { rule: 'test twin', path: 'shared/domain/message.ts', code: 'export const size = 3;', line: 1 },
  { rule: 'one handler a route', path: 'functions/http/resend.ts', code: '// Resends.\n', also: ['no dead files'] },
  { rule: 'pure core', path: domain, code: 'export const now = () => Date.now();' },
  { rule: 'pure core', path: domain, code: 'export const now = () => new Date();' },
  { rule: 'pure core', path: domain, code: 'export const { now } = Date;' },
  { rule: 'pure core', path: domain, code: 'export const chance = () => Math.random();' },
  { rule: 'pure core', path: 'shared/usecases/send.ts', code: 'export const id = () => crypto.randomUUID();' },
  { rule: 'pure core', path: 'shared/usecases/send.ts', code: 'setTimeout(send, 1);' },
  { rule: 'pure core', path: 'shared/protocol/frames.ts', code: 'console.log(frame);' },
  { rule: 'environment', path: endpoint, code: 'export const { REGION } = process.env;' },
  { rule: 'environment', path: 'shared/sqs/queue.ts', code: 'export const { env } = process;' },
  { rule: 'environment', path: endpoint, code: "import { env } from 'node:process';" },
  { rule: 'no default exports', path: endpoint, code: 'export default endpoint;' },
  { rule: 'no default exports', path: endpoint, code: 'export { endpoint as default };' },
  { rule: 'no default exports', path: runtime, code: 'export default function run() {}' },
  { rule: 'no enums', path: runtime, code: 'export enum Mode { On, Off }' },
  { rule: 'no any', path: test, code: 'export const loose = {} as any;' },
  { rule: 'limits have names', path: domain, code: 'export const retryMs = 250;' },
  { rule: 'limits have names', path: 'shared/apigateway/gateway.ts', code: 'export const framesMax = 429;' },
  { rule: 'limits have names', path: endpoint, code: 'export const deadlineMs = 30_000;' },
  { rule: 'no module mocks', path: test, code: "vi.mock('../../shared/sqs/queue.ts');" },
  { rule: 'every test runs', path: test, code: "it.skip('waits', () => {});" },
  {
    rule: 'no unfinished marks',
    path: runtime,
    code: 'export const later = () => {\n  // TODO: the rest.\n};',
    line: 5,
  },
  { rule: 'no silenced compiler', path: runtime, code: '// @ts-expect-error -- because' },
  { rule: 'no silent lint exceptions', path: runtime, code: '// eslint-disable-next-line no-console' },
];

/** The lawful house with one violation in it. */
export function planted({ path, code }: Plant): TreeContents {
  return { ...lawfulHouse, sources: { ...lawfulHouse.sources, [path]: `${before(path)}${code}\n` } };
}

/** The line that the finding must name. */
export function plantedLine({ path, line }: Plant): number {
  return line ?? before(path).split('\n').length;
}

function before(path: string): string {
  return lawfulHouse.sources[path] ?? '';
}
