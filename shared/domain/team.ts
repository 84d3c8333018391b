// Teams: the tenants whose members may tell each other anything.

/** Stands for every tenant in the list of teams. */
const everyTenant = '*';

/**
 * Whether the members of a tenant may broadcast to each other. Only the operator can say so: a tenant may as well be a
 * hotel, whose guests have tokens too and must not speak to all other guests.
 *
 * @param teams the names of tenants, or `*` for every tenant.
 */
export function isTeam(teams: readonly string[], tenant: string): boolean {
  return teams.includes(tenant) || teams.includes(everyTenant);
}
