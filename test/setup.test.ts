// The setup itself: a test that reaches for the world is stopped, and one that stays at home is not.
import dns, { lookup } from 'node:dns';
import { lookup as lookupLater } from 'node:dns/promises';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { forgetAws, namedHosts, refuseOutside } from './setup.ts';

/** Reserved for documentation (RFC 5737): nobody answers there, should the guard fail. */
const outside = '192.0.2.1';
const refusal = /^A test tried to reach /;

describe('the network of a test', () => {
  it.each([
    ['connect with options', () => connect({ host: outside, port: 80 })],
    ['connect with port and host', () => connect(80, outside)],
    ['a socket that connects', () => new Socket().connect(80, outside)],
    ['a secure connection', () => connectSecurely({ host: outside, port: 443 })],
    ['an HTTP request', () => request(`http://${outside}/`)],
    ['an IPv6 address', () => connect({ host: '2001:db8::1', port: 80 })],
    ['a host by name', () => connect({ host: 'example.com', port: 80 })],
    ['a host that only begins like the loopback', () => connect({ host: '127.0.0.1.example.com', port: 80 })],
    [
      'a look-up',
      () => {
        dns.lookup('example.com', () => undefined);
      },
    ],
    [
      'a look-up by named import',
      () => {
        lookup('example.com', () => undefined);
      },
    ],
    ['a look-up by promise', () => lookupLater('example.com')],
  ])('refuses %s', (_what, reach) => {
    expect(reach).toThrow(refusal);
  });

  it('refuses fetch', async () => {
    await expect(fetch(`http://${outside}/`)).rejects.toMatchObject({
      cause: { message: expect.stringMatching(refusal) as string },
    });
  });

  it.each(['127.0.0.1', 'localhost'])('reaches a server at %s', async (host) => {
    const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect({ host, port: (server.address() as AddressInfo).port, family: 4 });
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    server.close();
    expect(greeting.toString()).toBe('hello');
  });

  it.each(['localhost', '127.0.0.1', '127.8.8.8', '::1', '[::1]', '::ffff:127.0.0.1'])(
    'counts %s as the loopback',
    (host) => {
      expect(() => {
        refuseOutside(host, []);
      }).not.toThrow();
    },
  );

  it('lets through what the environment names for the contracts', () => {
    const allowed = namedHosts({
      TEST_DYNAMODB_ENDPOINT: 'http://dynamodb:8000',
      TEST_SQS_ENDPOINT: 'http://[2001:db8::5]:9324/',
    });
    expect(allowed).toEqual(['dynamodb', '2001:db8::5']);
    expect(() => {
      refuseOutside('dynamodb', allowed);
    }).not.toThrow();
    expect(() => {
      refuseOutside('sqs', allowed);
    }).toThrow(refusal);
    expect(namedHosts({})).toEqual([]);
  });
});

describe('the environment of a test', () => {
  it('holds no AWS setting but those that hide the files and the metadata service', () => {
    const env: NodeJS.ProcessEnv = {
      AWS_ACCESS_KEY_ID: 'id',
      AWS_PROFILE: 'mine',
      AWS_CONFIG_FILE: '/home/me/.aws/config',
      HOME: '/home/me',
    };
    forgetAws(env);
    expect(Object.keys(env).sort()).toEqual([
      'AWS_CONFIG_FILE',
      'AWS_EC2_METADATA_DISABLED',
      'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED',
      'AWS_SHARED_CREDENTIALS_FILE',
      'HOME',
    ]);
    expect(env['AWS_CONFIG_FILE']).not.toContain('me');
  });

  it('has been cleaned before this test began', () => {
    expect(process.env).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
    expect(process.env['AWS_EC2_METADATA_DISABLED']).toBe('true');
  });
});
