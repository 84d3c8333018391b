// Ids, times and addresses in the formats of API Gateway.
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { newGatewayId, requestTime, sourceIpOf } from '../../../local/gateway/gateway-request.ts';

function socketFrom(remoteAddress: string | undefined): Socket {
  return Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
}

describe('what gateways say of a request', () => {
  it('an id is new each time, 15 base64url characters and an equals sign', () => {
    const ids = Array.from({ length: 100 }, newGatewayId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[\w-]{15}=$/);
  });

  it.each([
    [Date.UTC(2024, 1, 9, 18, 11, 43, 420), '09/Feb/2024:18:11:43 +0000'],
    [Date.UTC(2026, 11, 31, 0, 0, 0), '31/Dec/2026:00:00:00 +0000'],
  ])('%i is %s', (epochMs, text) => {
    expect(requestTime(epochMs)).toBe(text);
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['::ffff:7f00:1', '::ffff:7f00:1'],
    [undefined, ''],
  ])('a socket from %s has the source %j', (remoteAddress, sourceIp) => {
    expect(sourceIpOf(socketFrom(remoteAddress))).toBe(sourceIp);
  });
});
