// An issuer of tokens: keys of several kinds, and a loopback server that publishes them.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK, JWTHeaderParameters, JWTPayload } from 'jose';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { keySetLimits } from '../../shared/protocol/limits.ts';

export type Algorithm = 'RS256' | 'ES256' | 'EdDSA';
type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Issuer {
  readonly jwksUri: () => string;
  /** A token signed with the key of this algorithm; claims and header are put over good ones. */
  readonly sign: (claims?: Claims, header?: Partial<JWTHeaderParameters>, algorithm?: Algorithm) => Promise<string>;
  /** A token with good claims, signed by an HMAC with the public key as its secret. */
  readonly signWithPublicKey: () => Promise<string>;
  readonly publish: (...keys: readonly JWK[]) => void;
  readonly publicKey: (algorithm: Algorithm) => Promise<JWK>;
  /** Answers the next fetches in another way, until `publish`. */
  readonly answerWith: (handler: Handler) => void;
  /** How often keys were fetched in this test. */
  readonly fetches: () => number;
}

export const issuerName = 'https://issuer.example';
export const audience = 'bellhop';
export const nowMs = Date.UTC(2026, 10, 21, 8, 30);

/** Claims that are good at `nowMs`. */
export const goodClaims = {
  iss: issuerName,
  aud: audience,
  sub: 'user-1',
  tenant: 'hotel-1',
  roles: ['guest'],
  exp: nowMs / 1_000 + 3_600,
} as const satisfies JWTPayload;

/** Claims to put over the good ones; `undefined` takes one away. */
export type Claims = Readonly<Record<string, unknown>>;

export function useIssuer(): Issuer {
  const pairs = new Map<Algorithm, KeyPair>();
  let handler: Handler = () => undefined;
  let fetches = 0;
  const server = createServer((request, response) => {
    fetches += 1;
    handler(request, response);
  });
  const pair = (algorithm: Algorithm): KeyPair => {
    const found = pairs.get(algorithm);
    if (found === undefined) throw new Error(`there is no key for ${algorithm}`);
    return found;
  };
  const publicKey = async (algorithm: Algorithm): Promise<JWK> => {
    return { ...(await exportJWK(pair(algorithm).publicKey)), kid: `key-${algorithm}`, alg: algorithm, use: 'sig' };
  };
  const publish = (...keys: readonly JWK[]): void => {
    handler = (_, response) => response.end(JSON.stringify({ keys }));
  };

  beforeAll(async () => {
    for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const) {
      pairs.set(algorithm, await generateKeyPair(algorithm, { extractable: true }));
    }
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(async () => {
    publish(await publicKey('RS256'), await publicKey('ES256'), await publicKey('EdDSA'));
    fetches = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  return {
    jwksUri: () => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/jwks.json`,
    sign: async (claims = {}, header = {}, algorithm = 'RS256') =>
      new SignJWT({ ...goodClaims, ...claims })
        .setProtectedHeader({ alg: algorithm, kid: `key-${algorithm}`, ...header })
        .sign(pair(algorithm).privateKey),
    signWithPublicKey: async () => {
      const input = `${encode({ alg: 'HS256', kid: 'key-RS256' })}.${encode(goodClaims)}`;
      const secret = await exportSPKI(pair('RS256').publicKey);
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    },
    publish,
    publicKey,
    answerWith: (other) => {
      handler = other;
    },
    fetches: () => fetches,
  };
}

export function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** Sends a key set that is right, but longer than one may be. */
export const tooLarge: Handler = (_, response) => response.end('{"keys":[]}'.padEnd(keySetLimits.bytesMax + 1));
