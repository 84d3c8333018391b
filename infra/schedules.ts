// The schedules: functions that run at a fixed interval, each with a role that may start that function and nothing else.
import { Aws, Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { RouteName } from '../shared/protocol/routes.ts';
import { capitalized, pinLogicalId } from './logical-id.ts';

export class Schedules extends Construct {
  /** Starts the function every so many minutes. A run that fails is not repeated: the next one comes anyhow. */
  run(route: RouteName, everyMinutes: number, handler: LambdaFunction): void {
    const interval = Duration.minutes(everyMinutes);
    const role = this.startingRole(route, handler);
    // The resource itself, because the target for functions that comes with the CDK would also grant every version of it.
    const schedule = new CfnSchedule(this, capitalized(route), {
      scheduleExpression: ScheduleExpression.rate(interval).expressionString,
      flexibleTimeWindow: { mode: 'OFF' },
      target: { arn: handler.functionArn, roleArn: role.roleArn, retryPolicy: { maximumRetryAttempts: 0 } },
    });
    schedule.overrideLogicalId(`${capitalized(route)}Schedule`);
    // The scheduler only hands the event over, and Lambda would try a run that failed twice more on its own:
    // https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html
    handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: interval });
  }

  private startingRole(route: RouteName, handler: LambdaFunction): Role {
    const role = new Role(this, `${capitalized(route)}Role`, {
      // Only for schedules of this account, and of the group that they are in unless told:
      // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Aws.ACCOUNT_ID,
            'aws:SourceArn': Stack.of(this).formatArn({
              service: 'scheduler',
              resource: 'schedule-group',
              resourceName: 'default',
            }),
          },
        },
      }),
      inlinePolicies: {
        start: new PolicyDocument({
          statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] })],
        }),
      },
    });
    pinLogicalId(role, `${capitalized(route)}ScheduleRole`);
    return role;
  }
}
