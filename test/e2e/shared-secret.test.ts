// Tokens signed with a shared secret, through the whole system: the Parameter Store, the permission to read it, and every way in.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signWithSecret } from '../../local/secret-issuer.ts';
import { openApp, refusedStatus } from './app.ts';
import type { Stack, StackOptions } from './stack.ts';
import { startStack } from './stack.ts';

const parameter = '/bellhop/jwt-secret';
const arn = `arn:aws:ssm:us-east-1:000000000000:parameter${parameter}`;
const secret = 'a-secret-that-is-long-enough-for-it';
const oldSecret = 'an-older-secret-that-is-long-enough';

function token(signedWith: string, issuer = 'hotel-backend'): Promise<string> {
  const claims = { user: 'guest', tenant: 'default', roles: [], lifetimeMs: 3_600_000 };
  return signWithSecret(signedWith, issuer, claims, Date.now());
}

function start(value: string, options: StackOptions = {}): Promise<Stack> {
  const parameters = { JwtSecretParameter: parameter, JwtSecretIssuer: 'hotel-backend' };
  return startStack({ secrets: { [parameter]: value }, parameters, ...options });
}

/** The status of each way in, and the type or code of the frame that answers. */
async function waysIn(stack: Stack, signed: string): Promise<readonly unknown[]> {
  const { status } = await stack.callAs(signed, 'GET', '/api/inbox');
  const byAddress = await refusedStatus(`${stack.runtime.webSocketUrl}?token=${signed}`);
  const app = openApp(stack.runtime.webSocketUrl);
  await new Promise((resolve) => app.socket.once('open', resolve));
  app.send({ type: 'authenticate', token: signed });
  const { code } = await app.frame('error');
  await app.close();
  return [status, byAddress, code];
}

describe('with a secret', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await start(`${secret}\n${oldSecret}\n`);
  });
  afterAll(() => stack.stop());

  it.each([secret, oldSecret])('a token that is signed with it opens every way in', async (signedWith) => {
    const signed = await token(signedWith);
    expect((await stack.callAs(signed, 'GET', '/api/inbox')).status).toBe(200);
    const byAddress = openApp(`${stack.runtime.webSocketUrl}?token=${signed}`);
    expect(await byAddress.frame('connected')).toMatchObject({ user: 'guest' });
    await byAddress.close();
    const byFrame = openApp(stack.runtime.webSocketUrl);
    await new Promise((resolve) => byFrame.socket.once('open', resolve));
    byFrame.send({ type: 'authenticate', token: signed });
    expect(await byFrame.frame('connected')).toMatchObject({ user: 'guest' });
    await byFrame.close();
  });

  it.each([
    ['another secret', () => token(`${secret}.`)],
    ['the name of the issuer that has keys', () => token(secret, stack.issuer.issuer)],
    ['no name of an issuer', () => token(secret, '')],
  ])('one with %s opens none', async (_, make) => {
    expect(await waysIn(stack, await make())).toEqual([401, 401, 'token_invalid']);
  });

  it('the tokens of the issuer are good as before', async () => {
    const answer = await stack.callAs(await stack.token('guest'), 'GET', '/api/inbox');
    expect(answer.status).toBe(200);
  });

  it('functions read that parameter and no other', () => {
    const used = stack.runtime.usedPermissions().filter(({ action }) => action.startsWith('ssm:'));
    const asked = new Set(used.map(({ action, resource, allowed }) => [action, resource, allowed].join(' ')));
    expect([...asked]).toEqual([`ssm:GetParameter ${arn} true`]);
  });
});

describe('with a secret that cannot be used', () => {
  it.each([
    ['is too short', { secrets: { [parameter]: 'changeme' } }],
    ['is not there', { secrets: {} }],
  ])('because it %s, such tokens are unavailable, and others are good', async (_, options) => {
    const stack = await start('', options);
    expect(await waysIn(stack, await token('changeme'))).toEqual([503, 503, 'unavailable']);
    const { body } = await stack.callAs(await token('changeme'), 'GET', '/api/inbox');
    expect(JSON.stringify(body)).not.toMatch(/secret|parameter|changeme|bytes/i);
    expect((await stack.callAs(await stack.token('guest'), 'GET', '/api/inbox')).status).toBe(200);
    await stack.stop();
  });
});

describe('without a secret', () => {
  it('such tokens are refused', async () => {
    const stack = await start('', { parameters: {} });
    expect(await waysIn(stack, await token(secret))).toEqual([401, 401, 'token_invalid']);
    expect(await waysIn(stack, await token(secret, ''))).toEqual([401, 401, 'token_invalid']);
    expect(stack.runtime.usedPermissions().filter(({ action }) => action.startsWith('ssm:'))).toEqual([]);
    await stack.stop();
  });
});
