// Reads what each role of a template may do.

import { roleArn } from '../account.ts';
import type { Statement } from '../contracts.ts';
import { nameOf, type Resources } from './resources.ts';
import { TemplateError } from './template-error.ts';
import { asFields, asList, asText, asTexts } from './values.ts';

/** Managed policies that allow only what the local runtime does not serve: logs, metrics and traces. */
const harmlessManagedPolicies =
  /:iam::aws:policy\/(?:service-role\/AWSLambdaBasicExecutionRole|AWSXRayDaemonWriteAccess|AWSXrayWriteOnlyAccess)$/;

/** The statements of every role by the role's name. */
export type Roles = ReadonlyMap<string, readonly Statement[]>;

/** @throws TemplateError for what is not known here; leaving it out would allow more or less than AWS does. */
export function readRoles({ scope, ofType }: Resources): Roles {
  const roles = new Map<string, Statement[]>();
  for (const { logicalId, type, properties, where } of ofType('AWS::IAM::Role')) {
    for (const managed of asList(properties['ManagedPolicyArns'], where)) {
      const arn = asText(managed, where);
      if (!harmlessManagedPolicies.test(arn))
        throw new TemplateError(`${where}: the managed policy ${arn} is not known here.`);
    }
    const inline = asList(properties['Policies'], where).flatMap((policy) =>
      readDocument(asFields(policy, where)['PolicyDocument'], where),
    );
    roles.set(nameOf(scope, logicalId, type, properties), inline);
  }
  for (const { properties, where } of ofType('AWS::IAM::Policy')) {
    const statements = readDocument(properties['PolicyDocument'], where);
    for (const role of asList(properties['Roles'], where)) roles.get(asText(role, where))?.push(...statements);
  }
  return roles;
}

/** What the role with this ARN may do. */
export function permissionsOf(arn: string, roles: Roles, where: string): readonly Statement[] {
  for (const [name, statements] of roles) {
    if (roleArn(name) === arn) return statements;
  }
  throw new TemplateError(`${where}: its role is not in the template.`);
}

function readDocument(value: unknown, where: string): readonly Statement[] {
  const statements = asFields(value, `${where}: PolicyDocument`)['Statement'];
  return (Array.isArray(statements) ? statements : [statements]).map((entry: unknown) => readStatement(entry, where));
}

function readStatement(value: unknown, where: string): Statement {
  const { Effect, Action, Resource, ...others } = asFields(value, `${where}: Statement`);
  const unknown = Object.keys(others).find((name) => name !== 'Sid');
  // A condition that is not evaluated would allow more here than on AWS.
  if (unknown !== undefined) throw new TemplateError(`${where}: ${unknown} in a statement is not known here.`);
  if (Effect !== 'Allow' && Effect !== 'Deny') throw new TemplateError(`${where}: Effect must be Allow or Deny.`);
  return { effect: Effect, actions: asTexts(Action, where), resources: asTexts(Resource, where) };
}
