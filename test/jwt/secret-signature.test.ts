// The secrets in a parameter, and what a signature with one of them proves.
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { secretSignature, secretsIn } from '../../shared/jwt/secret-signature.ts';
import { encode } from './issuer.ts';

const secret = 'a-secret-that-is-long-enough-for-it';
const other = 'another-secret-that-is-long-enough-too';

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe('the secrets in a text', () => {
  it.each([
    ['one', secret, [secret]],
    ['one that a file ends with a line break after', `${secret}\n`, [secret]],
    ['a new one and an old one', `${secret}\n${other}`, [secret, other]],
    ['two from a file of Windows, with an empty line', `${secret}\r\n\r\n${other}\r\n`, [secret, other]],
    ['one with spaces, which belong to it', ` ${secret} `, [` ${secret} `]],
    ['one of exactly 32 bytes', 'x'.repeat(32), ['x'.repeat(32)]],
    ['one of 32 bytes in fewer characters', 'ü'.repeat(16), ['ü'.repeat(16)]],
  ])('are %s', (_, text, secrets) => {
    expect(secretsIn(text)).toEqual(secrets.map(bytes));
  });

  it.each([
    ['nothing', '', 'there is no secret'],
    ['an empty line', '\n', 'there is no secret'],
    ['31 bytes', 'x'.repeat(31), 'the secret in line 1 is 31 bytes long, HS256 needs at least 32'],
    ['a short one behind a long one', `${secret}\nchangeme`, 'the secret in line 2 is 8 bytes long'],
  ])('are refused when there is %s', (_, text, message) => {
    expect(() => secretsIn(text)).toThrow(message);
  });

  it('are not in what is said of them', () => {
    for (const text of ['changeme', `${secret}\nchangeme`]) {
      expect(() => secretsIn(text)).toThrow(/^(?!.*(?:changeme|a-secret)).*8 bytes/);
    }
  });
});

describe('a signature', () => {
  const header = { alg: 'HS256' };

  function signed(hash: string, key: string, head: object = header): string {
    const input = `${encode(head)}.${encode({ sub: 'a' })}`;
    return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`;
  }

  const check = secretSignature(() => Promise.resolve(secretsIn(`${secret}\n${other}`)));

  it.each([secret, other])('with any of the secrets is right', async (key) => {
    expect(await check(signed('sha256', key), header, 0)).toBeNull();
  });

  it.each([
    ['with another secret', signed('sha256', `${secret}.`)],
    ['with no secret', signed('sha256', '')],
    ['with both secrets', signed('sha256', `${secret}\n${other}`)],
    ['with another hash', signed('sha512', secret)],
    ['that is empty', `${encode(header)}.${encode({ sub: 'a' })}.`],
    ['under another header than is said', signed('sha384', secret, { alg: 'HS384' })],
  ])('%s is wrong', async (_, token) => {
    expect(await check(token, header, 0)).toBe('the signature is wrong');
  });

  it.each(['none', 'HS384', 'HS512', 'hs256', 'RS256', 'dir', undefined])(
    'by the algorithm %s is refused before the secret is read',
    async (alg) => {
      const neverRead = secretSignature(() => Promise.reject(new Error('read')));
      const problem = await neverRead(signed('sha256', secret), alg === undefined ? {} : { alg }, 0);
      expect(problem).toBe('its algorithm is not allowed');
    },
  );

  it('is not wrong when the secrets cannot be had', async () => {
    const failing = secretSignature(() => Promise.reject(new Error('down')));
    await expect(failing(signed('sha256', secret), header, 0)).rejects.toThrow('down');
  });

  it('is not wrong when it is the secret that cannot be used', async () => {
    const unusable = secretSignature(() => Promise.resolve([new Uint8Array(0)]));
    await expect(unusable(signed('sha256', secret), header, 0)).rejects.toThrow();
  });

  it('is checked with the secrets of the time', async () => {
    const rotated = secretSignature((nowMs) => Promise.resolve(secretsIn(nowMs < 1_000 ? secret : other)));
    expect(await rotated(signed('sha256', secret), header, 999)).toBeNull();
    expect(await rotated(signed('sha256', secret), header, 1_000)).toBe('the signature is wrong');
  });
});
