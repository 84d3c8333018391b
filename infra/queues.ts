// The queues, their dead letters, and how functions are fed from them.
import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { queueLimits } from '../shared/protocol/limits.ts';
import type { QueueName, FunctionName } from '../shared/protocol/routes.ts';
import { functionNeeds } from './function-needs.ts';
import { pinLogicalId } from './logical-id.ts';

interface QueuePlan {
  readonly logicalId: string;
  readonly deadLettersLogicalId: string;
  readonly consumer: FunctionName;
  /** How many copies of the consumer may run at once, so that one long audience leaves the account room for the rest. */
  readonly concurrencyMax: number;
}

const plans: Readonly<Record<QueueName, QueuePlan>> = {
  broadcasts: {
    logicalId: 'BroadcastQueue',
    deadLettersLogicalId: 'BroadcastDeadLetters',
    consumer: 'fanOut',
    concurrencyMax: 50,
  },
  deadlines: {
    logicalId: 'DeadlineQueue',
    deadLettersLogicalId: 'DeadlineDeadLetters',
    consumer: 'enforceDeadline',
    concurrencyMax: 10,
  },
};

/** Lambda advises six times the function's time limit: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const visibilityPerTimeout = 6;

const batchSize = 10;

const protection = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };

interface QueuePair {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

/** Each queue has dead letters of its own: a failed broadcast and a missed deadline are for different people to look at. */
export class Queues extends Construct {
  readonly broadcasts: QueuePair;
  readonly deadlines: QueuePair;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.broadcasts = this.pair(plans.broadcasts);
    this.deadlines = this.pair(plans.deadlines);
  }

  /** Has Lambda poll the queue and call the function. The role's right to do so is part of the function's own grants. */
  feed(name: QueueName, consumer: LambdaFunction): void {
    consumer.addEventSourceMapping('Queue', {
      eventSourceArn: this[name].queue.queueArn,
      batchSize,
      maxConcurrency: plans[name].concurrencyMax,
      reportBatchItemFailures: true,
    });
  }

  private pair(plan: QueuePlan): QueuePair {
    const { timeoutSeconds } = functionNeeds[plan.consumer];
    // A dead letter keeps the age of its message, so it has to be kept much longer than the queue keeps messages.
    const deadLetters = new Queue(this, plan.deadLettersLogicalId, {
      ...protection,
      retentionPeriod: Duration.days(14),
    });
    const queue = new Queue(this, plan.logicalId, {
      ...protection,
      visibilityTimeout: Duration.seconds(visibilityPerTimeout * timeoutSeconds),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: queueLimits.receivesMax },
    });
    pinLogicalId(deadLetters, plan.deadLettersLogicalId);
    pinLogicalId(queue, plan.logicalId);
    return { queue, deadLetters };
  }
}
