// A queue behind the AWS endpoint, and the SDK's client for it.
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import type { QueueModel } from '../../../local/contracts.ts';
import { startAws, type AwsStand, type ClientSettings } from '../aws/aws-stand.ts';
import { queueModel } from '../queue-model.ts';

export interface Stand extends AwsStand {
  readonly client: SQSClient;
  readonly QueueUrl: string;
}

export async function start(differences: Partial<QueueModel> = {}, others: readonly QueueModel[] = []): Promise<Stand> {
  const stand = await startAws({ queues: [queueModel('Jobs', differences), ...others] });
  return { ...stand, client: clientOf(stand.operator), QueueUrl: `${stand.endpoint}/000000000000/Jobs` };
}

export function clientOf(settings: ClientSettings): SQSClient {
  const client = new SQSClient(settings);
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

export async function receive({ client, QueueUrl }: Stand, options: object = {}): Promise<Message[]> {
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, ...options }));
  return Messages;
}

export async function count({ client, QueueUrl }: Stand): Promise<Record<string, string | undefined>> {
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return {
    ready: Attributes?.ApproximateNumberOfMessages,
    inFlight: Attributes?.ApproximateNumberOfMessagesNotVisible,
    delayed: Attributes?.ApproximateNumberOfMessagesDelayed,
  };
}
