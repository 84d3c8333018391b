// Which tenants are teams: those that the operator names, and all of them only when that was said.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTeam } from '../../shared/domain/team.ts';

describe('a tenant', () => {
  it.each<readonly [string, readonly string[], boolean]>([
    ['sales-north', ['sales-north'], true],
    ['sales-north', ['sales-south', 'sales-north'], true],
    ['sales-north', ['*'], true],
    ['sales-north', ['sales-south', '*'], true],
    ['sales-north', [], false],
    ['sales-north', ['sales-south'], false],
    ['sales', ['sales-north'], false],
    ['sales-north', ['sales'], false],
    ['sales-north', ['sales-*'], false],
    ['sales-north', ['Sales-North'], false],
    ['*', ['sales-north'], false],
    ['', ['sales-north'], false],
  ])('called %j among the teams %j: %j', (tenant, teams, expected) => {
    expect(isTeam(teams, tenant)).toBe(expected);
  });

  const names = fc.array(fc.string({ maxLength: 3 }));

  it('is a team when it is named, whatever else is', () => {
    fc.assert(
      fc.property(names, fc.string(), names, (some, tenant, others) => isTeam([...some, tenant, ...others], tenant)),
    );
  });

  it('is none when neither it nor every tenant is named', () => {
    fc.assert(
      fc.property(names, fc.string(), (teams, tenant) => {
        const without = teams.filter((team) => team !== tenant && team !== '*');
        return !isTeam(without, tenant);
      }),
    );
  });
});
