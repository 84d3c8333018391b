// The endpoint itself: who is known, which services there are, and Lambda and @connections through their SDK clients.
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenForAws } from '../../../local/aws/endpoint.ts';
import type { AwsRequest, Functions, InvocationResult, Statement } from '../../../local/contracts.ts';
import { createGuard } from '../../../local/permissions.ts';
import { startAws, type ClientSettings } from './aws-stand.ts';
import { eventually } from '../eventually.ts';

function lambdaOf(settings: ClientSettings): LambdaClient {
  const client = new LambdaClient(settings);
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

function allow(action: string, resource: string): readonly Statement[] {
  return [{ effect: 'Allow', actions: [action], resources: [resource] }];
}

describe('the endpoint', () => {
  it('knows only keys that the runtime gave out', async () => {
    const { operator } = await startAws();
    const credentials = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' };
    const client = new DynamoDBClient({ ...operator, credentials });
    await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    client.destroy();
  });

  it('refuses what is not signed, and services that it does not have', async () => {
    const { endpoint, operator } = await startAws();
    expect(await (await fetch(endpoint)).json()).toMatchObject({ message: 'Request is missing Authentication Token' });
    const scope = `${operator.credentials.accessKeyId}/20261121/us-east-1/s3/aws4_request`;
    const other = await fetch(endpoint, { headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}` } });
    expect(await other.json()).toMatchObject({ message: 'The local runtime does not serve s3.' });
  });

  it('tells a service when its caller hangs up, and only then', async () => {
    const endpoint = await listenForAws(() => undefined);
    onTestFinished(() => endpoint.close());
    const signals: AbortSignal[] = [];
    const permissions = 'everything';
    const identity = { accessKeyId: 'K', secretAccessKey: 's', arn: 'a', functionName: null, permissions } as const;
    endpoint.open(createGuard([identity]), {
      sqs: ({ path }, { signal }) => {
        signals.push(signal);
        return path === '/wait' ? new Promise(() => undefined) : Promise.resolve({ status: 200 });
      },
    });
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=K/20261121/us-east-1/sqs/aws4_request' };
    await (await fetch(endpoint.url, { headers })).text();
    const hangUp = new AbortController();
    const waiting = fetch(`${endpoint.url}/wait`, { headers, signal: hangUp.signal });
    await eventually(() => signals.length).toBe(2);
    hangUp.abort();
    await expect(waiting).rejects.toThrow();
    await eventually(() => signals.map(({ aborted }) => aborted)).toEqual([false, true]);
  });

  it('answers 503 before it is opened', async () => {
    const endpoint = await listenForAws(() => undefined);
    expect((await fetch(endpoint.url)).status).toBe(503);
    await endpoint.close();
  });
});

describe('Lambda', () => {
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:Target';

  function recorded(result: InvocationResult): { functions: Functions; calls: unknown[] } {
    const calls: unknown[] = [];
    return {
      calls,
      functions: {
        invoke: (name, payload) => {
          calls.push(['now', name, payload]);
          return Promise.resolve(result);
        },
        invokeLater: (name, payload) => calls.push(['later', name, payload]),
      },
    };
  }

  it.each(['Target', arn, '000000000000:function:Target', 'Target:$LATEST'])(
    'calls %s and answers what it returns',
    async (FunctionName) => {
      const { functions, calls } = recorded({ outcome: 'returned', payload: { ok: true } });
      const { operator } = await startAws({ functions, functionNames: ['Target'] });
      const answer = await lambdaOf(operator).send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify({ a: 1 }) }),
      );
      expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
      expect(answer.FunctionError).toBeUndefined();
      expect(answer.Payload?.transformToString()).toBe('{"ok":true}');
      expect(calls).toEqual([['now', 'Target', { a: 1 }]]);
    },
  );

  it('calls asynchronously and answers 202', async () => {
    const { functions, calls } = recorded({ outcome: 'returned', payload: null });
    const { caller } = await startAws({
      functions,
      functionNames: ['Target'],
      permissions: allow('lambda:InvokeFunction', arn),
    });
    const answer = await lambdaOf(caller).send(
      new InvokeCommand({ FunctionName: 'Target', InvocationType: 'Event', Payload: '{}' }),
    );
    expect(answer.StatusCode).toBe(202);
    expect(calls).toEqual([['later', 'Target', {}]]);
  });

  it('says that a function failed', async () => {
    const { functions } = recorded({ outcome: 'error', message: 'broken' });
    const { operator } = await startAws({ functions, functionNames: ['Target'] });
    const answer = await lambdaOf(operator).send(new InvokeCommand({ FunctionName: 'Target' }));
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toEqual({
      errorType: 'Error',
      errorMessage: 'broken',
    });
  });

  it.each<[string, object, string]>([
    ['an unknown function', { FunctionName: 'Nobody' }, 'ResourceNotFoundException'],
    [
      'an event over 1 MB',
      { FunctionName: 'Target', InvocationType: 'Event', Payload: JSON.stringify('x'.repeat(1_048_576)) },
      'RequestTooLargeException',
    ],
    ['an event that is not JSON', { FunctionName: 'Target', Payload: '{' }, 'InvalidRequestContentException'],
    ['a throttled call', { FunctionName: 'Target' }, 'TooManyRequestsException'],
  ])('refuses %s', async (_, input, name) => {
    const { functions } = recorded({ outcome: 'throttled', message: 'Rate Exceeded.' });
    const { operator } = await startAws({ functions, functionNames: ['Target'] });
    await expect(lambdaOf(operator).send(new InvokeCommand(input as { FunctionName: string }))).rejects.toMatchObject({
      name,
    });
  });

  it('checks the permission of the caller', async () => {
    const { functions, calls } = recorded({ outcome: 'returned', payload: null });
    const { caller } = await startAws({
      functions,
      functionNames: ['Target'],
      permissions: allow('lambda:InvokeFunction', `${arn}2`),
    });
    await expect(lambdaOf(caller).send(new InvokeCommand({ FunctionName: 'Target' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`lambda:InvokeFunction on resource: ${arn}`) as unknown,
    });
    expect(calls).toEqual([]);
  });
});

describe('@connections', () => {
  const resource = 'arn:aws:execute-api:us-east-1:000000000000:api1/live/POST/@connections/*';
  const post = new PostToConnectionCommand({ ConnectionId: 'abc=', Data: 'hello' });

  async function start(
    permissions: readonly Statement[],
    api = 'api1',
  ): Promise<{ client: ApiGatewayManagementApiClient; requests: AwsRequest[] }> {
    const requests: AwsRequest[] = [];
    const manage = (request: AwsRequest): Promise<{ status: number }> => {
      requests.push(request);
      return Promise.resolve({ status: 200 });
    };
    const { caller } = await startAws({ manage, permissions });
    const client = new ApiGatewayManagementApiClient({
      ...caller,
      endpoint: `${caller.endpoint}/execute-api/${api}/live`,
    });
    onTestFinished(() => {
      client.destroy();
    });
    return { client, requests };
  }

  it('reaches the gateway with the stage in its path', async () => {
    const { client, requests } = await start(allow('execute-api:ManageConnections', resource));
    await client.send(post);
    expect(requests).toMatchObject([{ method: 'POST', path: '/live/@connections/abc%3D' }]);
    expect(requests[0]?.body.toString()).toBe('hello');
  });

  it('checks the permission of the caller', async () => {
    const { client, requests } = await start(allow('execute-api:ManageConnections', resource.replace('live', 'test')));
    await expect(client.send(post)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(requests).toEqual([]);
  });

  it('knows one API', async () => {
    const { client } = await start(allow('*', '*'), 'api2');
    await expect(client.send(post)).rejects.toMatchObject({ name: 'ForbiddenException' });
  });
});
