// The gateway adapter against a server of raw answers, and against an SDK that fails in ways of its own.
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectionGateway, gatewayClientOptions } from '../../shared/apigateway/connection-gateway.ts';
import { fanOutLimits } from '../../shared/protocol/limits.ts';
import { unique } from '../builders/unique.ts';
import { connectionGatewayContract } from '../contracts/connection-gateway.contract.ts';
import type { Answer } from './stub-gateway.ts';
import { useStubGateway } from './stub-gateway.ts';

const stub = useStubGateway();
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

function client(options: { readonly endpoint?: string; readonly requestTimeout?: number } = {}) {
  const { endpoint = stub.endpoint(), requestTimeout = fanOutLimits.postTimeoutMs } = options;
  return new ApiGatewayManagementApiClient({
    ...gatewayClientOptions,
    requestHandler: { ...gatewayClientOptions.requestHandler, requestTimeout },
    endpoint,
    region: 'us-east-1',
    credentials,
  });
}

function named(name: string): Readonly<Record<string, string>> {
  return { 'x-amzn-ErrorType': name };
}

describe('the gateway adapter', () => {
  connectionGatewayContract(() => {
    const { answer, frames } = stub;
    return { gateway: connectionGateway(client()), answer, frames };
  });

  it.each<readonly [string, Answer, string]>([
    ['410 without a name', { status: 410 }, 'gone'],
    ['410 with a body', { status: 410, headers: named('GoneException'), body: '{"message":"Gone"}' }, 'gone'],
    ['410 with a body that is no JSON', { status: 410, body: '<html>' }, 'gone'],
    ['a connection id that cannot be', { status: 400, headers: named('BadRequestException') }, 'gone'],
    ['413 without a name', { status: 413 }, 'too_large'],
    ['429 without a name', { status: 429 }, 'throttled'],
    ['429 of the account', { status: 429, headers: named('TooManyRequestsException') }, 'throttled'],
    ['500', { status: 500, headers: named('InternalServerErrorException') }, 'unavailable'],
    [
      '502 with a page',
      { status: 502, headers: { 'content-type': 'text/html' }, body: '<html></html>' },
      'unavailable',
    ],
  ])('reads the answer: %s', async (_, answer, outcome) => {
    const connectionId = unique('c');
    stub.answer(connectionId, answer);
    const before = stub.requests.length;
    expect(await connectionGateway(client()).post(connectionId, '{}')).toBe(outcome);
    // What is tried again is for fan-out to decide.
    expect(stub.requests.length).toBe(before + 1);
  });

  it.each<readonly [string, Answer]>([
    ['no permission', { status: 403, headers: named('ForbiddenException') }],
    ['no such stage', { status: 404 }],
  ])('throws what is a mistake of ours: %s', async (_, answer) => {
    const connectionId = unique('c');
    stub.answer(connectionId, answer);
    await expect(connectionGateway(client()).post(connectionId, '{}')).rejects.toMatchObject({
      $metadata: { httpStatusCode: answer.status },
    });
    await expect(connectionGateway(client()).post(connectionId, '{}')).rejects.toThrow();
  });

  it('signs the request, whose path has the id encoded', async () => {
    await connectionGateway(client()).post('Ab1_-cd=', '{}');
    const request = stub.requests.at(-1);
    expect(request?.url).toBe('/live/@connections/Ab1_-cd%3D');
    expect(request?.headers.authorization).toContain('AWS4-HMAC-SHA256');
  });
});

describe('when the network fails', () => {
  it('is unavailable when nobody listens', async () => {
    const gateway = connectionGateway(client({ endpoint: 'http://127.0.0.1:1/live' }));
    expect(await gateway.post('c', '{}')).toBe('unavailable');
  });

  it('is unavailable when the connection breaks', async () => {
    const connectionId = unique('c');
    stub.answer(connectionId, 'reset');
    expect(await connectionGateway(client()).post(connectionId, '{}')).toBe('unavailable');
  });

  it('is unavailable when no answer comes in time, and gives up the request', async () => {
    const connectionId = unique('c');
    stub.answer(connectionId, 'silence');
    const abandoned = stub.abandoned();
    expect(await connectionGateway(client({ requestTimeout: 20 })).post(connectionId, '{}')).toBe('unavailable');
    await abandoned;
  });
});

describe('when the SDK fails', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is unavailable when the SDK does not keep its time limit', async () => {
    vi.useFakeTimers();
    const stuck = mockClient(client());
    stuck.on(PostToConnectionCommand).callsFake(async () => new Promise(() => undefined));
    const post = connectionGateway(stuck as unknown as ApiGatewayManagementApiClient).post('c', '{}');
    await vi.advanceTimersByTimeAsync(fanOutLimits.postTimeoutMs);
    expect(await post).toBe('unavailable');
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers();
    const quick = mockClient(client());
    quick.on(PostToConnectionCommand).resolves({});
    expect(await connectionGateway(quick as unknown as ApiGatewayManagementApiClient).post('c', '{}')).toBe('posted');
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['an error of our own', new TypeError('not a function')],
    ['an error of Node about our arguments', Object.assign(new Error(), { code: 'ERR_INVALID_ARG_TYPE' })],
    ['no credentials', Object.assign(new Error(), { name: 'CredentialsProviderError' })],
  ])('throws %s', async (_, error) => {
    const broken = mockClient(client());
    broken.on(PostToConnectionCommand).rejects(error);
    await expect(connectionGateway(broken as unknown as ApiGatewayManagementApiClient).post('c', '{}')).rejects.toBe(
      error,
    );
  });
});
