// Who may call the HTTP API, in all kinds: what each of them presents, and what a route has to say to it.
import { generateKeyPair, SignJWT } from 'jose';
import { signWithSecret } from '../../local/secret-issuer.ts';
import type { Callers, HttpRouteName } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';
import type { Stack } from './stack.ts';

/** Members of a team may tell each other anything; the customers of a house may not. They have the same people. */
export const team = 'team-a';
export const house = 'house-b';
export type Tenant = typeof team | typeof house;

export const keys = { [team]: 'key-of-the-team', [house]: 'key-of-the-house' } as const;

export type Caller =
  | { readonly presents: 'nothing' | 'wrong key' }
  | { readonly presents: 'key'; readonly tenant: Tenant; readonly header: 'x-internal-api-key' | 'authorization' }
  | {
      readonly presents: 'token';
      readonly tenant: Tenant;
      readonly role: string;
      readonly token: 'good' | BadToken;
    };

/** `HS256`: signed with a secret, while the operator has set none. `forged`: with another key than the issuer's. */
export const badTokens = ['expired', 'forged', 'HS256', 'of another issuer', 'junk'] as const;
export type BadToken = (typeof badTokens)[number];

const roles = ['guest', 'technician', 'manager', 'admin'] as const;

export const callers: readonly Caller[] = [
  { presents: 'nothing' },
  { presents: 'wrong key' },
  ...([team, house] as const).flatMap((tenant): readonly Caller[] => [
    { presents: 'key', tenant, header: 'x-internal-api-key' },
    { presents: 'key', tenant, header: 'authorization' },
    ...roles.map((role): Caller => ({ presents: 'token', tenant, role, token: 'good' })),
  ]),
  ...badTokens.map((token): Caller => ({ presents: 'token', tenant: team, role: 'admin', token })),
];

export function nameOf(caller: Caller): string {
  switch (caller.presents) {
    case 'nothing':
    case 'wrong key':
      return caller.presents;
    case 'key':
      return `key of ${caller.tenant} in ${caller.header}`;
    case 'token':
      return `${caller.token} token of ${caller.role} of ${caller.tenant}`;
  }
}

/** For whom a caller speaks; null for somebody whom no route should believe. */
export function tenantOf(caller: Caller): Tenant | null {
  if (caller.presents === 'key') return caller.tenant;
  return caller.presents === 'token' && caller.token === 'good' ? caller.tenant : null;
}

/** Whether a route lets somebody in, by nothing but what the table of routes says of it. */
export function admission(kind: Callers, caller: Caller): 'admitted' | 401 | 403 {
  if (kind === 'anyone') return 'admitted';
  if (tenantOf(caller) === null) return 401;
  const isKey = caller.presents === 'key';
  const isAdmin = caller.presents === 'token' && caller.role === 'admin';
  switch (kind) {
    case 'key':
      return isKey ? 'admitted' : 401;
    case 'office':
      return isKey || isAdmin ? 'admitted' : 403;
    case 'admin':
      if (isKey) return 401;
      return isAdmin ? 'admitted' : 403;
    case 'person':
      return isKey ? 401 : 'admitted';
  }
}

/** As `admission`; what members of a team tell each other is for teams alone. */
export function expected(name: HttpRouteName, caller: Caller): 'admitted' | 401 | 403 {
  const { callers: kind, file } = routes[name];
  const admitted = admission(kind, caller);
  if (admitted !== 'admitted') return admitted;
  return file === 'http/leads' && tenantOf(caller) !== team ? 403 : 'admitted';
}

export async function headersOf(stack: Stack, caller: Caller): Promise<Readonly<Record<string, string>>> {
  switch (caller.presents) {
    case 'nothing':
      return {};
    case 'wrong key':
      return { 'x-internal-api-key': 'no-such-key' };
    case 'key':
      return {
        [caller.header]: caller.header === 'authorization' ? `Bearer ${keys[caller.tenant]}` : keys[caller.tenant],
      };
    case 'token': {
      const { tenant, role, token } = caller;
      return { authorization: `Bearer ${await tokenOf(stack, `caller-${role}`, { tenant, roles: [role] }, token)}` };
    }
  }
}

interface Claims {
  readonly tenant: string;
  readonly roles: readonly string[];
}

/** A token of this user that is good, or wrong in one way only. */
export async function tokenOf(stack: Stack, user: string, claims: Claims, kind: 'good' | BadToken): Promise<string> {
  const { issuer, audience } = stack.issuer;
  switch (kind) {
    case 'good':
      return stack.token(user, claims);
    case 'expired':
      return stack.token(user, { ...claims, lifetimeMs: -1_000 });
    case 'HS256':
      return signWithSecret(
        'a-secret-that-nobody-has-set-up-here',
        issuer,
        { user, ...claims, lifetimeMs: 60_000 },
        Date.now(),
      );
    case 'forged':
      return signedByAnother(user, claims, issuer, audience, String(stack.issuer.jwks().keys[0]?.kid));
    case 'of another issuer':
      return signedByAnother(user, claims, 'https://other.example', audience, 'another-key');
    case 'junk':
      return 'a.b.c';
  }
}

/** Made once: a key takes longer than a call. */
const anotherKey = generateKeyPair('RS256');

async function signedByAnother(
  user: string,
  { tenant, roles: given }: Claims,
  issuer: string,
  audience: string,
  kid: string,
): Promise<string> {
  const { privateKey } = await anotherKey;
  return new SignJWT({ tenant, roles: given })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
    .setSubject(user)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
}
