// IAM's evaluation, and what is remembered of it.
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../local/contracts.ts';
import { allows, createGuard, type Identity } from '../../local/permissions.ts';

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/Things';

function statement(actions: string[], resources: string[], effect: 'Allow' | 'Deny' = 'Allow'): Statement {
  return { effect, actions, resources };
}

describe('permissions', () => {
  it.each([
    ['nothing', [], false],
    ['the action on the resource', [statement(['dynamodb:PutItem'], [table])], true],
    ['the action in other letters', [statement(['DynamoDB:putitem'], [table])], true],
    ['another action', [statement(['dynamodb:GetItem'], [table])], false],
    ['an action that only begins alike', [statement(['dynamodb:Put'], [table])], false],
    ['a pattern of actions', [statement(['dynamodb:*Item'], [table])], true],
    ['everything', [statement(['*'], ['*'])], true],
    ['another resource', [statement(['dynamodb:PutItem'], [`${table}2`])], false],
    ['the resource in other letters', [statement(['dynamodb:PutItem'], [table.toUpperCase()])], false],
    ['what lies below the resource', [statement(['dynamodb:PutItem'], [`${table}/index/*`])], false],
    ['one unknown character', [statement(['dynamodb:PutItem'], [table.replace('Things', 'Thing?')])], true],
    ['a dot, which is no pattern', [statement(['dynamodb:PutItem'], [table.replace('Things', 'T.ings')])], false],
    ['the second of several', [statement(['sqs:*'], ['*']), statement(['dynamodb:PutItem'], ['x', table])], true],
    ['a denial', [statement(['*'], ['*']), statement(['dynamodb:*'], [table], 'Deny')], false],
    ['a denial of something else', [statement(['*'], ['*']), statement(['sqs:*'], ['*'], 'Deny')], true],
  ])('that name %s', (_, statements, allowed) => {
    expect(allows(statements, 'dynamodb:PutItem', table)).toBe(allowed);
  });
});

describe('the guard', () => {
  const root: Identity = {
    accessKeyId: 'R',
    secretAccessKey: 'r',
    arn: 'root',
    functionName: null,
    permissions: 'everything',
  };
  const writer: Identity = {
    accessKeyId: 'W',
    secretAccessKey: 'w',
    arn: 'writer',
    functionName: 'Writer',
    permissions: [statement(['dynamodb:PutItem'], [table])],
  };

  it('knows only the keys that were given out', () => {
    const guard = createGuard([root, writer]);
    expect(guard.identify('W')).toBe(writer);
    expect(guard.identify('X')).toBeUndefined();
  });

  it('remembers once what each function asked, and nothing of the operator', () => {
    const guard = createGuard([root, writer]);
    expect(guard.check(root, 'dynamodb:Scan', table)).toBe(true);
    expect([1, 2].map(() => guard.check(writer, 'dynamodb:PutItem', table))).toEqual([true, true]);
    expect(guard.check(writer, 'dynamodb:Scan', table)).toBe(false);
    expect(guard.used()).toEqual([
      { functionName: 'Writer', action: 'dynamodb:PutItem', resource: table, allowed: true },
      { functionName: 'Writer', action: 'dynamodb:Scan', resource: table, allowed: false },
    ]);
  });
});
