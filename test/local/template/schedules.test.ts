// What the schedules of a template become, and which of them are refused.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScheduleModel } from '../../../local/contracts.ts';
import { TemplateError } from '../../../local/template/template-error.ts';
import { readStack, scheduleResources, stackResources, writeAssembly, type Json } from './stack-template.ts';

let assembly: string;

beforeAll(async () => {
  assembly = await mkdtemp(path.join(tmpdir(), 'local-assembly-'));
  await writeAssembly(assembly);
});

afterAll(() => rm(assembly, { recursive: true, force: true }));

/** The schedules of a stack with one, changed as told. */
function read(properties: Json = {}, target: Json = {}, others: Json = {}): readonly ScheduleModel[] {
  const Resources = { ...stackResources(), ...scheduleResources(properties, target), ...others };
  return readStack(assembly, { Resources, Parameters: { Greeting: { Type: 'String', Default: '' } } }).schedules;
}

/** A role with its permissions inside, as templates that are not made by `LambdaInvoke` have them. */
function roleThatAllows(...actions: readonly string[]): Json {
  const Statement = { Effect: 'Allow', Action: actions, Resource: { 'Fn::GetAtt': ['Worker', 'Arn'] } };
  const Policies = [{ PolicyName: 'Invoke', PolicyDocument: { Statement } }];
  return {
    SchedulerRole: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {}, Policies } },
    SchedulerPolicy: { Type: 'AWS::CDK::Metadata', Properties: {} },
  };
}

describe('a schedule', () => {
  const tick = {
    name: 'Tick',
    arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/Tick',
    functionName: 'Worker',
    intervalMs: 60_000,
    input: null,
  };

  it('names its function and its interval', () => {
    expect(read()).toEqual([tick]);
  });

  it('may have a name, an input, and a role with its permissions inside', () => {
    const Input = { 'Fn::Join': ['', ['{"who":"', { Ref: 'AWS::AccountId' }, '"}']] };
    expect(read({ Name: 'tock', Description: 'x' }, { Input }, roleThatAllows('lambda:Invoke*'))).toEqual([
      { ...tick, name: 'tock', arn: tick.arn.replace('Tick', 'tock'), input: '{"who":"000000000000"}' },
    ]);
  });

  it('is given local addresses', () => {
    const Input = { 'Fn::Join': ['', ['{"api":"', { 'Fn::GetAtt': ['Http', 'ApiEndpoint'] }, '/api"}']] };
    expect(read({}, { Input })).toEqual([{ ...tick, input: '{"api":"http://127.0.0.1:4000/api"}' }]);
  });

  it('is left out when it is switched off', () => {
    expect(read({ State: 'DISABLED' })).toEqual([]);
  });

  it('is on unless the template says otherwise', () => {
    expect(read({ State: { Ref: 'AWS::NoValue' } })).toEqual([tick]);
  });

  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(15 minutes)', 900_000],
    ['rate(1 hour)', 3_600_000],
    ['rate(12 hours)', 43_200_000],
    ['rate(1 day)', 86_400_000],
    ['rate(40 days)', 3_456_000_000],
  ])('with %s comes every %i ms', (ScheduleExpression, intervalMs) => {
    expect(read({ ScheduleExpression })).toEqual([{ ...tick, intervalMs }]);
  });
});

describe('what is refused, in one line that names the schedule', () => {
  function refusal(...stack: Parameters<typeof read>): string {
    try {
      read(...stack);
    } catch (error) {
      if (error instanceof TemplateError) return error.message;
      throw error;
    }
    throw new Error('The template was not refused.');
  }

  const rates = 'only rates such as rate(5 minutes) are served here, not ';
  const table = { 'Fn::GetAtt': ['Table', 'Arn'] };
  it.each<[string, Parameters<typeof read>, string]>([
    ['cron', [{ ScheduleExpression: 'cron(0 8 * * ? *)' }], `${rates}cron(0 8 * * ? *)`],
    ['a single time', [{ ScheduleExpression: 'at(2026-01-01T00:00:00)' }], `${rates}at(2026-01-01T00:00:00)`],
    ['a rate of nothing', [{ ScheduleExpression: 'rate(0 minutes)' }], `${rates}rate(0 minutes)`],
    ['a rate in seconds', [{ ScheduleExpression: 'rate(30 seconds)' }], `${rates}rate(30 seconds)`],
    ['another state', [{ State: 'PAUSED' }], 'State must be ENABLED or DISABLED'],
    [
      'a window',
      [{ FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } }],
      'only FlexibleTimeWindow with the Mode OFF',
    ],
    ['no window at all', [{ FlexibleTimeWindow: { Ref: 'AWS::NoValue' } }], 'FlexibleTimeWindow must be an object'],
    ['a group', [{ GroupName: 'mine' }], 'does not know the property GroupName'],
    ['an end', [{ EndDate: '2030-01-01T00:00:00Z' }], 'does not know the property EndDate'],
    ['another kind of target', [{}, { Arn: table }], 'only functions of this template are served as targets'],
    ['parameters of another target', [{}, { SqsParameters: {} }], 'Target.SqsParameters is not known here'],
    ['an input that is not JSON', [{}, { Input: 'hello' }], 'Target.Input must be JSON'],
    [
      'an input with gaps to fill in',
      [{}, { Input: '{"at":"<aws.scheduler.scheduled-time>"}' }],
      "Target.Input names the schedule's own values",
    ],
    ['no role', [{}, { RoleArn: { Ref: 'AWS::NoValue' } }], 'Target.RoleArn must be text'],
    ['a role from elsewhere', [{}, { RoleArn: 'arn:aws:iam::1:role/x' }], 'its role is not in the template'],
    [
      'a role that may not call the function',
      [{}, {}, roleThatAllows('lambda:GetFunction')],
      'its role does not allow lambda:InvokeFunction on arn:aws:lambda:us-east-1:000000000000:function:Worker',
    ],
  ])('%s', (_, stack, message) => {
    const refused = refusal(...stack);
    expect(refused).toContain('Resource Tick (AWS::Scheduler::Schedule)');
    expect(refused).toContain(message);
    expect(refused).not.toContain('\n');
  });
});
