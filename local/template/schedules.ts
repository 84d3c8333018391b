// Reads the schedules of EventBridge Scheduler out of a template.

import { scheduleArn } from '../account.ts';
import type { FunctionModel, ScheduleModel } from '../contracts.ts';
import { allows } from '../permissions.ts';
import { permissionsOf, type Roles } from './roles.ts';
import { nameOf, type Resource, type Resources } from './resources.ts';
import { TemplateError } from './template-error.ts';
import { asFields, asText, type Fields } from './values.ts';

const unitsMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const rate = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/;
/**
 * EventBridge Scheduler's retries and dead letters are for events that it cannot hand over to Lambda, and here it always
 * can. What the function makes of an event is Lambda's business: see `FunctionModel.asynchronous`.
 */
const targetFields = new Set(['Arn', 'RoleArn', 'Input', 'RetryPolicy', 'DeadLetterConfig']);

/**
 * Schedules that the template switches off are left out.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html
 */
export function readSchedules(
  resources: Resources,
  roles: Roles,
  functions: readonly FunctionModel[],
): readonly ScheduleModel[] {
  return resources
    .ofType('AWS::Scheduler::Schedule')
    .filter(isEnabled)
    .map((resource) => readSchedule(resources, resource, roles, functions));
}

function isEnabled({ properties, where }: Resource): boolean {
  const state = properties['State'] ?? 'ENABLED';
  if (state !== 'ENABLED' && state !== 'DISABLED')
    throw new TemplateError(`${where}: State must be ENABLED or DISABLED.`);
  return state === 'ENABLED';
}

function readSchedule(
  { scope }: Resources,
  { logicalId, type, properties, where }: Resource,
  roles: Roles,
  functions: readonly FunctionModel[],
): ScheduleModel {
  const window = asFields(properties['FlexibleTimeWindow'], `${where}: FlexibleTimeWindow`)['Mode'];
  // A window spreads runs over time, and what that does to a function would not show here.
  if (window !== 'OFF') throw new TemplateError(`${where}: only FlexibleTimeWindow with the Mode OFF is served here.`);
  const name = nameOf(scope, logicalId, type, properties);
  const target = asFields(properties['Target'], `${where}: Target`);
  return {
    name,
    arn: scheduleArn(name),
    intervalMs: readRate(properties['ScheduleExpression'], where),
    ...readTarget(target, roles, functions, where),
  };
}

function readRate(value: unknown, where: string): number {
  const expression = asText(value, `${where}: ScheduleExpression`);
  const [, count, unit] = rate.exec(expression) ?? [];
  if (unit === undefined)
    throw new TemplateError(`${where}: only rates such as rate(5 minutes) are served here, not ${expression}.`);
  return Number(count) * unitsMs[unit as keyof typeof unitsMs];
}

function readTarget(
  target: Fields,
  roles: Roles,
  functions: readonly FunctionModel[],
  where: string,
): Pick<ScheduleModel, 'functionName' | 'input'> {
  const unknown = Object.keys(target).find((field) => !targetFields.has(field));
  if (unknown !== undefined) throw new TemplateError(`${where}: Target.${unknown} is not known here.`);
  const arn = asText(target['Arn'], `${where}: Target.Arn`);
  const called = functions.find((candidate) => candidate.arn === arn);
  if (called === undefined)
    throw new TemplateError(`${where}: only functions of this template are served as targets, not ${arn}.`);
  const permissions = permissionsOf(asText(target['RoleArn'], `${where}: Target.RoleArn`), roles, where);
  // On AWS such a schedule is made, and then never calls its function.
  if (!allows(permissions, 'lambda:InvokeFunction', arn))
    throw new TemplateError(`${where}: its role does not allow lambda:InvokeFunction on ${arn}.`);
  return { functionName: called.name, input: readInput(target['Input'], where) };
}

function readInput(value: unknown, where: string): string | null {
  if (value === undefined) return null;
  const input = asText(value, `${where}: Target.Input`);
  if (input.includes('<aws.scheduler.'))
    throw new TemplateError(`${where}: Target.Input names the schedule's own values, which are not filled in here.`);
  try {
    JSON.parse(input);
  } catch {
    throw new TemplateError(`${where}: Target.Input must be JSON.`);
  }
  return input;
}
