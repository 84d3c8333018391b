// Decides whether a back office may go on: with an API key, or as an admin with a Bearer token.
import type { Allowance, Headers } from '../domain/caller.ts';
import { holdsToken } from '../domain/caller.ts';
import type { AdmissionPorts } from './admit-caller.ts';
import { admitCaller } from './admit-caller.ts';
import { admitAdmin } from './admit-admin.ts';
import type { UserAdmissionPorts } from './admit-user.ts';

export interface OfficePorts extends AdmissionPorts, UserAdmissionPorts {}

/** A back office: which tenant it speaks for, and a name for it that may be logged. */
export interface Office {
  readonly tenant: string;
  readonly keyId: string;
}

/** A Bearer token alone is that of a person, who must be an admin; with anything in the headers of keys it is a key, and two that differ are refused. */
export async function admitOffice(
  ports: OfficePorts,
  headers: Headers,
  sourceIp: string,
): Promise<{ readonly caller: Office; readonly allowance: Allowance }> {
  if (!holdsToken(headers)) return admitCaller(ports, headers, sourceIp);
  const { caller, allowance } = await admitAdmin(ports, headers);
  return { caller: { tenant: caller.tenant, keyId: 'admin' }, allowance };
}
