// The whole runtime: a template with an API, a table and a queue is served on real ports, and each failure of a start is one line.
import { readFile, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startRuntime, type Runtime, type RuntimeOptions } from '../../local/runtime.ts';
import { frontDoorResources } from './template/front-door-resources.ts';
import { scheduleResources, stackTemplate, writeAssembly } from './template/stack-template.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { eventually } from './eventually.ts';

/** Calls the endpoint as the SDK does, but without it: answers HTTP with what DynamoDB said, queues what it is told to. */
const handler = `async (event) => {
  const call = async (service, target, body) => {
    const credential = process.env.AWS_ACCESS_KEY_ID + '/20261121/us-east-1/' + service + '/aws4_request';
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=' + credential, 'x-amz-target': target };
    return (await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  const put = (pk) => call('dynamodb', 'DynamoDB_20120810.PutItem', { TableName: process.env.TABLE, Item: { pk: { S: pk }, sk: { N: '1' } } });
  if (event.Records) {
    for (const { body } of event.Records) await put(body);
    return { batchItemFailures: [] };
  }
  if (event.requestContext.connectionId) return { statusCode: 200 };
  const id = event.pathParameters.id;
  if (id === 'scan') return call('dynamodb', 'DynamoDB_20120810.Scan', { TableName: process.env.TABLE });
  await call('sqs', 'AmazonSQS.SendMessage', { QueueUrl: process.env.QUEUE_URL, MessageBody: id });
  return { statusCode: 202, body: process.env.GREETING };
}`;

const polling = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/** The stack with a role that may read the queue, and without the mapping's waiting. */
function template(actions: readonly string[] = polling): ReturnType<typeof stackTemplate> {
  const stack = stackTemplate();
  const { WorkerPolicy, WorkerSource } = stack.Resources;
  const document = WorkerPolicy?.Properties['PolicyDocument'] as { Statement: object[] };
  document.Statement.push({ Effect: 'Allow', Action: actions, Resource: { 'Fn::GetAtt': ['Jobs', 'Arn'] } });
  if (WorkerSource !== undefined) WorkerSource.Properties['MaximumBatchingWindowInSeconds'] = 0;
  return stack;
}

async function optionsFor(folder: string, differences: Partial<RuntimeOptions> = {}): Promise<RuntimeOptions> {
  await writeAssembly(folder);
  await writeFile(path.join(folder, 'asset.a1b2c3', 'index.cjs'), `exports.handler = ${handler};\n`);
  return {
    template: template(),
    assemblyDirectory: folder,
    parameters: { Greeting: 'from {publicUrl}' },
    dataDirectory: path.join(folder, 'data'),
    port: 0,
    ...differences,
  };
}

async function start(options: RuntimeOptions): Promise<Runtime> {
  const runtime = await startRuntime(options);
  onTestFinished(() => runtime.stop());
  return runtime;
}

async function read(runtime: Runtime, pk: string): Promise<unknown> {
  const client = new DynamoDBClient({
    endpoint: runtime.awsEndpoint,
    region: 'us-east-1',
    credentials: { ...runtime.rootCredentials },
  });
  const { Item } = await client.send(
    new GetItemCommand({ TableName: 'Table', Key: { pk: { S: pk }, sk: { N: '1' } } }),
  );
  client.destroy();
  return Item;
}

describe('the runtime', () => {
  it('serves the template: HTTP to function to queue to function to table', async () => {
    const options = await optionsFor(await temporaryFolder());
    const runtime = await start(options);
    const answer = await fetch(`${runtime.httpUrl}/api/things/seven`);
    expect([answer.status, await answer.text()]).toEqual([202, `from ${runtime.httpUrl}`]);
    await eventually(() => read(runtime, 'seven')).toEqual({ pk: { S: 'seven' }, sk: { N: '1' } });
    expect(runtime.outputs).toMatchObject({ HttpUrl: runtime.httpUrl, SocketsUrl: runtime.webSocketUrl });
    expect(runtime.webSocketUrl).toBe(`${runtime.httpUrl.replace('http', 'ws')}/live`);
  });

  it('enforces permissions and tells which are used', async () => {
    const runtime = await start(await optionsFor(await temporaryFolder()));
    const refused = (await (await fetch(`${runtime.httpUrl}/api/things/scan`)).json()) as { message: string };
    expect(refused.message).toContain('is not authorized to perform: dynamodb:Scan');
    await fetch(`${runtime.httpUrl}/api/things/one`);
    await eventually(() => read(runtime, 'one')).toBeDefined();
    const used = runtime.usedPermissions().map(({ functionName, action, allowed }) => [functionName, action, allowed]);
    expect(used).toEqual([
      ...polling.map((action) => ['Worker', action, true]),
      ['Worker', 'dynamodb:Scan', false],
      ['Worker', 'sqs:SendMessage', true],
      ['Worker', 'dynamodb:PutItem', true],
    ]);
  });

  it('calls what is scheduled, in time that is divided', async () => {
    const stack = stackTemplate();
    const Input = JSON.stringify({ Records: [{ body: 'tick' }] });
    Object.assign(stack.Resources, scheduleResources({}, { Input }));
    delete stack.Resources['WorkerSource'];
    const options = await optionsFor(await temporaryFolder(), { template: stack, timeScale: 600 });
    const runtime = await start(options);
    await eventually(() => read(runtime, 'tick')).toEqual({ pk: { S: 'tick' }, sk: { N: '1' } });
  });

  it('takes sockets where it says', async () => {
    const runtime = await start(await optionsFor(await temporaryFolder()));
    const socket = new WebSocket(runtime.webSocketUrl);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await runtime.stop();
    expect(await closed).toBe(1001);
  });

  it('serves everything through the doors of the template, when it has them', async () => {
    const stack = template();
    Object.assign(stack.Resources, frontDoorResources());
    const Address = { Value: { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': ['Door', 'DomainName'] }]] } };
    stack['Outputs'] = { ...(stack['Outputs'] as object), Address };
    const runtime = await start(await optionsFor(await temporaryFolder(), { template: stack }));
    const { httpUrl, webSocketUrl, outputs } = runtime;
    expect(webSocketUrl).toBe(`${httpUrl.replace('http', 'ws')}/in`);
    expect(outputs).toMatchObject({ Address: httpUrl, HttpUrl: httpUrl, SocketsUrl: webSocketUrl });
    expect((await fetch(`${httpUrl}/api/things/seven`)).status).toBe(202);
    expect((await fetch(`${httpUrl}/elsewhere`)).status).toBe(404);
    const socket = new WebSocket(webSocketUrl);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.terminate();
  });

  it('serves the keys of its issuer', async () => {
    const runtime = await start(await optionsFor(await temporaryFolder()));
    const keys = await fetch(`${runtime.httpUrl}/.well-known/jwks.json`);
    expect(await keys.json()).toMatchObject({ keys: [{ kty: 'RSA', use: 'sig' }] });
  });

  it('keeps its data, and says where it is while it runs', async () => {
    const options = await optionsFor(await temporaryFolder());
    const file = path.join(options.dataDirectory, 'runtime.json');
    const first = await start(options);
    const { httpUrl, webSocketUrl, awsEndpoint } = first;
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ pid: process.pid, httpUrl, webSocketUrl, awsEndpoint });
    for (const name of ['runtime.json', 'credentials.json']) {
      expect((await stat(path.join(options.dataDirectory, name))).mode & 0o777).toBe(0o600);
    }
    await fetch(`${httpUrl}/api/things/kept`);
    await eventually(() => read(first, 'kept')).toBeDefined();
    await Promise.all([first.stop(), first.stop()]);
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(fetch(httpUrl)).rejects.toThrow();
    const second = await start(options);
    expect(second.rootCredentials).toEqual(first.rootCredentials);
    expect(await read(second, 'kept')).toBeDefined();
  });
});

describe('a start that fails', () => {
  async function failure(options: RuntimeOptions): Promise<string> {
    try {
      await start(options);
    } catch (error) {
      if (error instanceof Error && /^(?:Runtime|Template)Error$/.test(error.name)) return error.message;
      throw error;
    }
    throw new Error('The runtime started.');
  }

  it('says so when the port is taken', async () => {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const options = await optionsFor(await temporaryFolder(), { port });
    const taken = `Port ${String(port)} of 127.0.0.1 is taken: stop what uses it, or choose another with PORT.`;
    expect(await failure(options)).toBe(taken);
  });

  it('says so when the data folder cannot be written', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'file'), '');
    const options = await optionsFor(folder, { dataDirectory: path.join(folder, 'file', 'data') });
    expect(await failure(options)).toMatch(
      /^Cannot write to .* \(ENOTDIR\): choose another data folder with BELLHOP_DATA_DIR\.$/,
    );
  });

  it('says so when another runtime uses the data folder', async () => {
    const options = await optionsFor(await temporaryFolder());
    await start(options);
    expect(await failure(options)).toMatch(/^Another runtime is using .*: stop it, or choose another data folder/);
  });

  it('says so when a function may not read its queue', async () => {
    const options = await optionsFor(await temporaryFolder(), { template: template(polling.slice(0, 1)) });
    const missing =
      'Resource Worker: its role does not allow sqs:DeleteMessage on arn:aws:sqs:us-east-1:000000000000:Jobs.';
    expect(await failure(options)).toBe(missing);
  });

  it('leaves nothing open', async () => {
    const folder = await temporaryFolder();
    const broken = await optionsFor(folder, {
      template: { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } },
      parameters: {},
    });
    expect(await failure(broken)).toContain('Resource Topic');
    const runtime = await start({ ...(await optionsFor(folder)) });
    const port = Number(new URL(runtime.httpUrl).port);
    await runtime.stop();
    expect(await failure({ ...broken, port })).toContain('Resource Topic');
    await start(await optionsFor(folder, { port }));
  });
});
