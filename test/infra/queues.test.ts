// What must hold of the queues whatever else changes: retries that work, and dead letters that are kept.
import { describe, expect, it } from 'vitest';
import { queueLimits } from '../../shared/protocol/limits.ts';
import type { Route } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';
import { readable, resourceOf, resourcesOf, synthesizedTemplate } from './template.ts';

const template = synthesizedTemplate();

describe('queues', () => {
  const mappings = Object.values(resourcesOf(template, 'AWS::Lambda::EventSourceMapping'));

  it('feed the functions that the routes say', () => {
    const fed = mappings.map(({ Properties }) => [
      readable(Properties['EventSourceArn']),
      readable(Properties['FunctionName']),
    ]);
    expect(fed).toEqual([
      ['BroadcastQueue.Arn', 'FanOutFunction'],
      ['DeadlineQueue.Arn', 'EnforceDeadlineFunction'],
    ]);
    expect(routesOfKind('queue')).toEqual([
      ['fanOut', 'broadcasts'],
      ['enforceDeadline', 'deadlines'],
    ]);
  });

  it.each(mappings)('hide a message for six times as long as its function may run, in mapping %#', (mapping) => {
    const queue = resourceOf(template, readable(mapping.Properties['EventSourceArn']).replace('.Arn', ''));
    const consumer = resourceOf(template, readable(mapping.Properties['FunctionName']));
    const timeoutSeconds = Number(consumer.Properties['Timeout']);
    expect(queue.Properties['VisibilityTimeout']).toBeGreaterThanOrEqual(6 * timeoutSeconds);
  });

  it.each(mappings)('take back only what failed, and run a bounded number of copies, in mapping %#', (mapping) => {
    expect(mapping.Properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
    expect(mapping.Properties['BatchSize']).toBe(10);
    expect(mapping.Properties['ScalingConfig']).toEqual({ MaximumConcurrency: expect.any(Number) as number });
    // Every message that arrives is for the consumer: a filter would delete the others.
    expect(mapping.Properties).not.toHaveProperty('FilterCriteria');
  });

  it.each([
    ['BroadcastQueue', 'BroadcastDeadLetters'],
    ['DeadlineQueue', 'DeadlineDeadLetters'],
  ])('%s gives up on a message after its receives, and %s keeps it for two weeks', (queue, deadLetters) => {
    const { RedrivePolicy } = resourceOf(template, queue).Properties;
    expect(RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters, 'Arn'] },
      maxReceiveCount: queueLimits.receivesMax,
    });
    const day = 24 * 60 * 60;
    expect(resourceOf(template, deadLetters).Properties['MessageRetentionPeriod']).toBe(14 * day);
    expect(resourceOf(template, queue).Properties['MessageRetentionPeriod']).toBeLessThan(14 * day);
  });

  const queues = Object.entries(resourcesOf(template, 'AWS::SQS::Queue'));

  it.each(queues)('%s is encrypted at rest and refuses plain connections', (id, queue) => {
    expect(queue.Properties['SqsManagedSseEnabled']).toBe(true);
    const policies = Object.values(resourcesOf(template, 'AWS::SQS::QueuePolicy'));
    const own = policies.filter(({ Properties }) => readable((Properties['Queues'] as unknown[])[0]) === id);
    expect(own).toHaveLength(1);
    expect(own[0]?.Properties).toMatchObject({
      PolicyDocument: {
        Statement: [{ Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
      },
    });
  });
});

function routesOfKind(kind: 'queue'): readonly (readonly [string, string])[] {
  return Object.entries<Route>(routes).flatMap(([name, route]) =>
    route.kind === kind ? [[name, route.queue] as const] : [],
  );
}
