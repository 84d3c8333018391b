// Decides whether an identity may make an AWS call, as IAM would, and remembers which permissions are really used.

import type { Statement } from './contracts.ts';

/** Who calls: a function with its role, or the operator, who may do everything. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** How AWS names it in refusals. */
  readonly arn: string;
  readonly functionName: string | null;
  readonly permissions: readonly Statement[] | 'everything';
}

/** One permission that a function asked for at least once. */
export interface UsedPermission {
  readonly functionName: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

export interface Guard {
  identify(accessKeyId: string): Identity | undefined;
  /** Whether the call is allowed; what functions ask is remembered. */
  check(identity: Identity, action: string, resource: string): boolean;
  used(): readonly UsedPermission[];
}

/** IAM's evaluation: a matching denial wins, then a matching permission; what nothing allows is denied. */
export function allows(statements: readonly Statement[], action: string, resource: string): boolean {
  const matching = statements.filter(
    ({ actions, resources }) =>
      // Action names ignore case, resources do not.
      actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      resources.some((pattern) => matches(pattern, resource)),
  );
  return matching.length > 0 && matching.every(({ effect }) => effect === 'Allow');
}

/** `*` stands for any characters, `?` for one. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

export function createGuard(identities: readonly Identity[]): Guard {
  const byKey = new Map(identities.map((identity) => [identity.accessKeyId, identity]));
  // Roles do not change while the runtime runs, so each question is worked out once.
  const decisions = new Map<string, Map<string, UsedPermission>>();
  return {
    identify: (accessKeyId) => byKey.get(accessKeyId),
    check: ({ functionName, permissions }, action, resource) => {
      if (permissions === 'everything' || functionName === null) return permissions === 'everything';
      const asked = decisions.get(functionName) ?? new Map<string, UsedPermission>();
      decisions.set(functionName, asked);
      const question = `${action} ${resource}`;
      let decision = asked.get(question);
      if (decision === undefined) {
        decision = { functionName, action, resource, allowed: allows(permissions, action, resource) };
        asked.set(question, decision);
      }
      return decision.allowed;
    },
    used: () => [...decisions.values()].flatMap((asked) => [...asked.values()]),
  };
}
