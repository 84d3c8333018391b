// Fetching the issuer's keys.
import { describe, expect, it } from 'vitest';
import { fetchKeys } from '../../shared/jwt/fetch-keys.ts';
import { tooLarge, useIssuer } from './issuer.ts';

const issuer = useIssuer();

describe('fetching keys', () => {
  it('returns what the issuer publishes', async () => {
    const key = await issuer.publicKey('ES256');
    issuer.publish(key);
    expect(await fetchKeys(issuer.jwksUri())).toEqual({ keys: [key] });
  });

  it.each<readonly [string, Parameters<typeof issuer.answerWith>[0]]>([
    ['a status other than 200', (_, response) => response.writeHead(404).end('{"keys":[]}')],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['a page', (_, response) => response.end('<html></html>')],
    ['something else in JSON', (_, response) => response.end('{"keys":{}}')],
    ['too much', tooLarge],
    [
      'half an answer',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{');
        response.destroy();
      },
    ],
    ['no answer', (_, response) => response.destroy()],
  ])('rejects %s', async (_, answer) => {
    issuer.answerWith(answer);
    await expect(fetchKeys(issuer.jwksUri())).rejects.toThrow();
    expect(issuer.fetches()).toBe(1);
  });

  it.each<readonly [string, Parameters<typeof issuer.answerWith>[0]]>([
    ['an issuer that says nothing', () => undefined],
    ['an issuer that does not come to an end', (_, response) => response.writeHead(200).write('{')],
  ])('does not wait for %s', async (_, answer) => {
    issuer.answerWith(answer);
    await expect(fetchKeys(issuer.jwksUri(), 50)).rejects.toThrow();
  });

  it('rejects an address where nobody is', async () => {
    await expect(fetchKeys('http://127.0.0.1:1/jwks.json')).rejects.toThrow('ECONNREFUSED');
  });

  it.each([
    'http://issuer.example/jwks.json',
    'http://127.0.0.1.issuer.example/jwks.json',
    'ftp://127.0.0.1/jwks.json',
  ])('goes over no unprotected way: %s', async (address) => {
    await expect(fetchKeys(address)).rejects.toThrow(/https only|not supported/);
  });
});
