// What must hold of the schedules whatever else changes: they run what the routes say, and may do nothing else.
import { describe, expect, it } from 'vitest';
import { capitalized } from '../../infra/logical-id.ts';
import type { Route } from '../../shared/protocol/routes.ts';
import { functionNameOf, routes } from '../../shared/protocol/routes.ts';
import { permissionsOf, readable, resourceOf, resourcesOf, synthesizedTemplate } from './template.ts';

const template = synthesizedTemplate();
const scheduled = Object.entries<Route>(routes).flatMap(([name, route]) =>
  route.kind === 'schedule'
    ? [{ id: capitalized(name), handler: functionIdOf(route), everyMinutes: route.everyMinutes }]
    : [],
);

describe('schedules', () => {
  it('are one for each route that asks for one', () => {
    expect(scheduled).toEqual([{ id: 'SweepOutbox', handler: 'SweepOutboxFunction', everyMinutes: 1 }]);
    expect(Object.keys(resourcesOf(template, 'AWS::Scheduler::Schedule'))).toEqual(['SweepOutboxSchedule']);
  });

  it.each(scheduled)('start $id on the minute, once, with a role of their own', ({ id, handler, everyMinutes }) => {
    expect(resourceOf(template, `${id}Schedule`).Properties).toEqual({
      ScheduleExpression: everyMinutes === 1 ? 'rate(1 minute)' : `rate(${String(everyMinutes)} minutes)`,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [handler, 'Arn'] },
        RoleArn: { 'Fn::GetAtt': [`${id}ScheduleRole`, 'Arn'] },
        RetryPolicy: { MaximumRetryAttempts: 0 },
      },
    });
  });

  it.each(scheduled)('may start $id, and nothing else', ({ id, handler }) => {
    expect(permissionsOf(template, `${id}ScheduleRole`)).toEqual({ [`${handler}.Arn`]: ['lambda:InvokeFunction'] });
  });

  it.each(scheduled)('are trusted to start $id only for this account', ({ id }) => {
    const { Statement } = resourceOf(template, `${id}ScheduleRole`).Properties['AssumeRolePolicyDocument'] as {
      readonly Statement: readonly {
        readonly Principal: object;
        readonly Condition: { readonly StringEquals: Readonly<Record<string, unknown>> };
      }[];
    };
    expect(Statement.map(({ Principal }) => Principal)).toEqual([{ Service: 'scheduler.amazonaws.com' }]);
    const conditions = Object.entries(Statement[0]?.Condition.StringEquals ?? {});
    expect(Object.fromEntries(conditions.map(([key, value]) => [key, readable(value)]))).toEqual({
      'aws:SourceAccount': 'AWS::AccountId',
      'aws:SourceArn': 'arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default',
    });
  });

  it.each(scheduled)('leave $id time to end before it is started again', ({ handler, everyMinutes }) => {
    expect(resourceOf(template, handler).Properties['Timeout']).toBeLessThan(60 * everyMinutes);
  });
});

function functionIdOf({ file }: Route): string {
  return `${capitalized(functionNameOf(file))}Function`;
}
