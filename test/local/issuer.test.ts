// The local issuer: one key for all who ask, tokens that the deployed verifier accepts, clear words when it cannot.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JwtVerifier } from 'aws-jwt-verify';
import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openIssuer } from '../../local/issuer.ts';
import type { Issuer } from '../../local/issuer.ts';

const claims = { user: 'contractor1', tenant: 'default', roles: ['technician', 'admin'], lifetimeMs: 3_600_000 };
const issuedAtMs = Date.UTC(2026, 10, 21, 9, 30, 0, 999);

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'issuer-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function refusalOf(folder: string): Promise<string> {
  const outcome: unknown = await openIssuer(folder).catch((error: unknown) => error);
  if (!(outcome instanceof Error)) throw new Error('the issuer was opened');
  return outcome.message;
}

describe('the key', () => {
  it('is the same for all who open the folder, one after another, and another one elsewhere', async () => {
    const folder = await dataFolder();
    const first = await openIssuer(folder);
    const second = await openIssuer(folder);
    expect(second.jwks()).toEqual(first.jwks());
    const elsewhere = await openIssuer(await dataFolder());
    expect(elsewhere.jwks()).not.toEqual(first.jwks());
  });

  it('is the same for all who open a new folder at once, and nothing but it lies there, for its owner only', async () => {
    const folder = join(await dataFolder(), 'not', 'there', 'yet');
    const issuers = await Promise.all(Array.from({ length: 4 }, () => openIssuer(folder)));
    expect(new Set(issuers.map((issuer) => issuer.jwks().keys[0]?.kid)).size).toBe(1);
    expect(await readdir(folder)).toEqual(['issuer-key.json']);
    expect((await stat(join(folder, 'issuer-key.json'))).mode & 0o777).toBe(0o600);
  });

  it('is published without its private part, under its thumbprint', async () => {
    const [key] = (await openIssuer(await dataFolder())).jwks().keys;
    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect(key).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', kid: await calculateJwkThumbprint({ ...key }) });
  });
});

describe('a token', () => {
  let issuer: Issuer;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'issuer-'));
    issuer = await openIssuer(folder);
    await rm(folder, { recursive: true });
  });

  it('carries the claims and names its key', async () => {
    const token = await issuer.sign(claims, issuedAtMs);
    const keys = createLocalJWKSet({ keys: [...issuer.jwks().keys] });
    const { payload } = await jwtVerify(token, keys, { currentDate: new Date(issuedAtMs) });
    expect(payload).toEqual({
      sub: 'contractor1',
      tenant: 'default',
      roles: ['technician', 'admin'],
      iss: 'https://bellhop.local',
      aud: 'bellhop',
      iat: Math.floor(issuedAtMs / 1000),
      exp: Math.floor(issuedAtMs / 1000) + 3_600,
    });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT', kid: issuer.jwks().keys[0]?.kid });
  });

  it('is accepted by the verifier that is deployed', async () => {
    const verifier = JwtVerifier.create({
      issuer: issuer.issuer,
      audience: issuer.audience,
      jwksUri: 'https://bellhop.local/jwks.json',
    });
    verifier.cacheJwks({ keys: issuer.jwks().keys.map((key) => ({ ...key })) });
    const token = await issuer.sign(claims, Date.now());
    expect(verifier.verifySync(token)).toMatchObject({ sub: 'contractor1', tenant: 'default' });
  });

  it('is over when its lifetime is', async () => {
    const token = await issuer.sign({ ...claims, lifetimeMs: 1_000 }, issuedAtMs);
    const keys = createLocalJWKSet({ keys: [...issuer.jwks().keys] });
    const late = jwtVerify(token, keys, { currentDate: new Date(issuedAtMs + 2_000) });
    await expect(late).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  });
});

describe('what goes wrong is said in one line', () => {
  it('when the folder cannot be made', async () => {
    const file = join(await dataFolder(), 'a-file');
    await writeFile(file, '');
    const message = await refusalOf(join(file, 'below'));
    expect(message).toBe(
      `The issuer's key cannot be kept in ${join(file, 'below')} (ENOTDIR). Choose another data folder with BELLHOP_DATA_DIR.`,
    );
  });

  it.each(['', '{"kty":"RSA"', '{}', '{"kty":"RSA","n":"AQAB","e":"AQAB"}'])('when the file holds %j', async (text) => {
    const folder = await dataFolder();
    const file = join(folder, 'issuer-key.json');
    await writeFile(file, text);
    expect(await refusalOf(folder)).toMatch(/^.*issuer-key\.json does not hold a key\. Delete it, [^\n]*$/);
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});
