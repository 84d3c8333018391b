// Decides whether an admin who calls the HTTP API may go on.
import type { Allowance, Headers } from '../domain/caller.ts';
import type { Identity } from '../domain/connection.ts';
import { adminRole, isAdmin } from '../domain/room.ts';
import { Failure } from '../protocol/failures.ts';
import type { UserAdmissionPorts } from './admit-user.ts';
import { admitUser } from './admit-user.ts';

/** As `admitUser`, and throws `forbidden` for a token without the role. */
export async function admitAdmin(
  ports: UserAdmissionPorts,
  headers: Headers,
): Promise<{ readonly caller: Identity; readonly allowance: Allowance }> {
  const admitted = await admitUser(ports, headers);
  if (isAdmin(admitted.caller)) return admitted;
  throw new Failure('forbidden', {
    message: 'this call is for admins',
    field: 'header Authorization',
    remedy: `Call with the token of a user who has the role ${adminRole}.`,
  });
}
