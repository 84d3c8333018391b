// A token issuer for one machine: an RS256 key in the data folder, its public half as a JWKS, and signed tokens.
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { makeFolder } from './folder.ts';
import { RuntimeError } from './runtime-error.ts';

export interface Issuer {
  /** The `iss` and `aud` of every token. */
  readonly issuer: string;
  readonly audience: string;
  /** The public key, as a JWKS address serves it. */
  jwks(): { readonly keys: readonly PublicKey[] };
  /** A token that is valid from `nowMs`, in whole seconds, for `lifetimeMs`. */
  sign(claims: TokenClaims, nowMs: number): Promise<string>;
}

export interface TokenClaims {
  /** Becomes `sub`; the next two keep their names. */
  readonly user: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly lifetimeMs: number;
}

export interface PublicKey {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly alg: 'RS256';
  readonly use: 'sig';
  /** The thumbprint of RFC 7638. */
  readonly kid: string;
}

const ISSUER = 'https://bellhop.local';
const AUDIENCE = 'bellhop';
const KEY_FILE = 'issuer-key.json';

/**
 * Opens the issuer whose key lies in this folder, and makes both when they are not there. Any number of processes may do
 * so at once, with or without a running runtime: they all get the same key. Rejects with one line that says what to do
 * when the folder cannot be written, or the key cannot be read.
 */
export async function openIssuer(dataDirectory: string): Promise<Issuer> {
  const file = join(dataDirectory, KEY_FILE);
  const stored = await readOrMakeKey(dataDirectory, file).catch((error: unknown) => {
    throw new RuntimeError(
      `The issuer's key cannot be kept in ${dataDirectory} (${reasonOf(error)}). Choose another data folder with BELLHOP_DATA_DIR.`,
    );
  });
  const { privateKey, publicKey } = await readKey(stored).catch(() => {
    throw new RuntimeError(
      `${file} does not hold a key. Delete it, and a new key is made; tokens of the old one are then refused.`,
    );
  });
  return {
    issuer: ISSUER,
    audience: AUDIENCE,
    jwks: () => ({ keys: [publicKey] }),
    sign: ({ user, tenant, roles, lifetimeMs }, nowMs) =>
      new SignJWT({ tenant, roles })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: publicKey.kid })
        .setSubject(user)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(Math.floor(nowMs / 1000))
        .setExpirationTime(Math.floor((nowMs + lifetimeMs) / 1000))
        .sign(privateKey),
  };
}

async function readOrMakeKey(directory: string, file: string): Promise<string> {
  makeFolder(directory);
  return (await readIfThere(file)) ?? (await makeKey(file));
}

/** The key is whole before it has its name, and a link never replaces: of several processes, the first one's key stays. */
async function makeKey(file: string): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const text = `${JSON.stringify(await exportJWK(privateKey))}\n`;
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    await link(temporary, file);
    return text;
  } catch (error) {
    const theirs = codeOf(error) === 'EEXIST' ? await readIfThere(file) : null;
    if (theirs === null) throw error;
    return theirs;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readKey(text: string): Promise<{ readonly privateKey: CryptoKey; readonly publicKey: PublicKey }> {
  const jwk = JSON.parse(text) as JWK;
  const privateKey = await importJWK(jwk, 'RS256');
  const { kty, n, e } = jwk;
  if (
    privateKey instanceof Uint8Array ||
    privateKey.type !== 'private' ||
    kty !== 'RSA' ||
    n === undefined ||
    e === undefined
  ) {
    throw new TypeError('not a private RSA key');
  }
  const kid = await calculateJwkThumbprint({ kty, n, e });
  return { privateKey, publicKey: { kty: 'RSA', n, e, alg: 'RS256', use: 'sig', kid } };
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function reasonOf(error: unknown): string {
  return codeOf(error) ?? String(error);
}
