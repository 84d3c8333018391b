// Fetches the issuer's public keys.
import type { IncomingMessage } from 'node:http';
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import type { Jwks } from 'aws-jwt-verify/jwk';
import { assertIsJwks } from 'aws-jwt-verify/jwk';
import type { Json } from 'aws-jwt-verify/safe-json-parse';
import { safeJsonParse } from 'aws-jwt-verify/safe-json-parse';
import { keySetLimits } from '../protocol/limits.ts';

const loopbackHosts = ['127.0.0.1', '[::1]', 'localhost'];

/**
 * Gets and checks the key set at `address`, within the time limit; follows no redirects. Plain HTTP only from this
 * machine, for the local issuer. Not the global `fetch`, which takes some 70 ms to load where a socket has to open now.
 */
export async function fetchKeys(address: string, timeoutMs: number = keySetLimits.fetchTimeoutMs): Promise<Jwks> {
  const url = new URL(address);
  if (url.protocol !== 'https:' && !loopbackHosts.includes(url.hostname)) {
    throw new Error('keys are fetched over https only, except from this machine');
  }
  const get = url.protocol === 'https:' ? getSecure : getPlain;
  // No agent: a socket kept for the next hour's fetch would be dead by then.
  const options = { agent: false, signal: AbortSignal.timeout(timeoutMs), headers: { accept: 'application/json' } };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, options, resolve).on('error', reject);
  });
  const keys: Json = safeJsonParse(await textOf(response));
  assertIsJwks(keys);
  return keys;
}

async function textOf(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`the issuer answered with status ${String(response.statusCode)}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > keySetLimits.bytesMax) throw new Error('the key set is too large');
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
