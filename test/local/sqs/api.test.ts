// SQS through the AWS SDK, which verifies checksums and reads errors as it does with the real service.
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { startAws } from '../aws/aws-stand.ts';
import { queueModel } from '../queue-model.ts';
import { clientOf, count, receive, start } from './sqs-stand.ts';
import { eventually } from '../eventually.ts';

describe('a message', () => {
  it('is received as it was sent, with checksums, attributes and counts', async () => {
    const stand = await start();
    const { client, QueueUrl } = stand;
    const MessageAttributes = {
      trace: { DataType: 'String', StringValue: 'abc' },
      size: { DataType: 'Number', StringValue: '12' },
      raw: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
    };
    const sent = await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'zażółć 🎈', MessageAttributes }));
    const [message] = await receive(stand, { AttributeNames: ['All'], MessageAttributeNames: ['All'] });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'zażółć 🎈',
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) as unknown },
      MessageAttributes,
    });
    expect(stand.errors).toEqual([]);
  });

  it('comes with the attributes that the receiver asked for only', async () => {
    const stand = await start();
    const MessageAttributes = {
      'a.b': { DataType: 'String', StringValue: '1' },
      c: { DataType: 'String', StringValue: '2' },
    };
    await stand.client.send(new SendMessageCommand({ QueueUrl: stand.QueueUrl, MessageBody: 'x', MessageAttributes }));
    const [message] = await receive(stand, {
      MessageSystemAttributeNames: ['SentTimestamp'],
      MessageAttributeNames: ['a.*'],
    });
    expect(Object.keys(message?.Attributes ?? {})).toEqual(['SentTimestamp']);
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(['a.b']);
  });

  it('is in flight until it is deleted', async () => {
    const stand = await start();
    const { client, QueueUrl } = stand;
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    expect(await count(stand)).toEqual({ ready: '1', inFlight: '0', delayed: '0' });
    const [message] = await receive(stand);
    expect(await count(stand)).toEqual({ ready: '0', inFlight: '1', delayed: '0' });
    expect(await receive(stand)).toEqual([]);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    expect(await count(stand)).toEqual({ ready: '0', inFlight: '0', delayed: '0' });
  });

  it('is visible again after its time, and the older handle then deletes nothing', async () => {
    const stand = await start({ visibilityTimeoutMs: 40 });
    const { client, QueueUrl } = stand;
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const [first] = await receive(stand);
    const [second] = await receive(stand, { WaitTimeSeconds: 5, AttributeNames: ['All'], VisibilityTimeout: 60 });
    expect(second).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: '2' } });
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    expect(await count(stand)).toMatchObject({ inFlight: '1' });
  });

  it('is visible at once when a receiver gives it back', async () => {
    const stand = await start();
    const { client, QueueUrl } = stand;
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const [message] = await receive(stand);
    const change = { QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 };
    await client.send(new ChangeMessageVisibilityCommand(change));
    expect(await count(stand)).toMatchObject({ ready: '1' });
    await expect(client.send(new ChangeMessageVisibilityCommand(change))).rejects.toMatchObject({
      name: 'MessageNotInflight',
    });
  });

  it('waits for its delay, which may be that of the queue', async () => {
    const stand = await start({ delayMs: 60_000 });
    const { client, QueueUrl } = stand;
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'the queue delays' }));
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'at once', DelaySeconds: 0 }));
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'soon', DelaySeconds: 1 }));
    expect(await count(stand)).toEqual({ ready: '1', inFlight: '0', delayed: '2' });
    expect(await receive(stand)).toMatchObject([{ Body: 'at once' }]);
    expect(await receive(stand, { WaitTimeSeconds: 10 })).toMatchObject([{ Body: 'soon' }]);
  });

  it('reaches a receiver that waits for it', async () => {
    const stand = await start();
    const waiting = receive(stand, { WaitTimeSeconds: 20 });
    await stand.client.send(new SendMessageCommand({ QueueUrl: stand.QueueUrl, MessageBody: 'x' }));
    expect(await waiting).toHaveLength(1);
  });
});

describe('dead letters', () => {
  it('are what was received too often', async () => {
    const letters = queueModel('Dead');
    const stand = await start({ visibilityTimeoutMs: 1, deadLetters: { queueArn: letters.arn, receivesMax: 2 } }, [
      letters,
    ]);
    const { client, QueueUrl } = stand;
    const { MessageId } = await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
    expect(await receive(stand, { WaitTimeSeconds: 5 })).toHaveLength(1);
    expect(await receive(stand, { WaitTimeSeconds: 5 })).toHaveLength(1);
    await eventually(async () => [
      await receive(stand),
      await count({ ...stand, QueueUrl: `${stand.endpoint}/0/Dead` }),
    ]).toEqual([[], { ready: '1', inFlight: '0', delayed: '0' }]);
    const [letter] = await receive({ ...stand, QueueUrl: `${stand.endpoint}/0/Dead` }, { AttributeNames: ['All'] });
    expect(letter).toMatchObject({
      MessageId,
      Body: 'poison',
      Attributes: { DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:Jobs' },
    });
  });
});

describe('what is refused', () => {
  it.each([
    ['a body over the limit', { MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
    ['a body that is empty', { MessageBody: '' }, 'MissingParameter'],
    ['a character that SQS does not take', { MessageBody: '\u0000' }, 'InvalidMessageContents'],
    ['a negative delay', { MessageBody: 'x', DelaySeconds: -1 }, 'InvalidParameterValue'],
    [
      'an attribute without a value',
      { MessageBody: 'x', MessageAttributes: { a: { DataType: 'String' } } },
      'MissingParameter',
    ],
    [
      'an attribute of an unknown type',
      { MessageBody: 'x', MessageAttributes: { a: { DataType: 'Date', StringValue: 'x' } } },
      'InvalidParameterValue',
    ],
    [
      'an attribute name of AWS',
      { MessageBody: 'x', MessageAttributes: { 'AWS.a': { DataType: 'String', StringValue: 'x' } } },
      'InvalidParameterValue',
    ],
    ['a group of messages', { MessageBody: 'x', MessageGroupId: 'g' }, 'UnsupportedOperation'],
  ])('a message with %s', async (_, input, name) => {
    const { client, QueueUrl } = await start();
    // The code is what the SDK calls the refusals that it has no class for.
    await expect(client.send(new SendMessageCommand({ QueueUrl, ...input }))).rejects.toMatchObject({
      Code: expect.stringContaining(name) as unknown,
    });
  });

  it('a queue that the template does not name', async () => {
    const { client, endpoint } = await start();
    const missing = new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/Other`, MessageBody: 'x' });
    await expect(client.send(missing)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await expect(client.send(new GetQueueUrlCommand({ QueueName: 'Other' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });

  it('a handle that no receive gave out', async () => {
    const { client, QueueUrl } = await start();
    const command = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'nonsense' });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  it('what the role of the caller does not allow', async () => {
    const arn = 'arn:aws:sqs:us-east-1:000000000000:Jobs';
    const permissions = [{ effect: 'Allow', actions: ['sqs:SendMessage'], resources: [arn] }] as const;
    const stand = await startAws({ queues: [queueModel('Jobs')], permissions });
    const client = clientOf(stand.caller);
    const QueueUrl = `${stand.endpoint}/000000000000/Jobs`;
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'x' }] }));
    await expect(client.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /^User: arn:aws:sts::.*Caller is not authorized to perform: sqs:ReceiveMessage on resource: arn:aws:sqs:us-east-1:000000000000:Jobs/,
      ) as unknown,
    });
  });
});

describe('a queue', () => {
  it('tells its address and its settings', async () => {
    const { client, QueueUrl } = await start({ deadLetters: { queueArn: 'arn:dead', receivesMax: 3 } });
    expect(await client.send(new GetQueueUrlCommand({ QueueName: 'Jobs' }))).toMatchObject({
      QueueUrl: queueModel('Jobs').url,
    });
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'RedrivePolicy', 'VisibilityTimeout'] }),
    );
    expect(Attributes).toEqual({
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:Jobs',
      RedrivePolicy: '{"deadLetterTargetArn":"arn:dead","maxReceiveCount":3}',
      VisibilityTimeout: '30',
    });
  });

  it('is empty after a purge', async () => {
    const stand = await start();
    await stand.client.send(new SendMessageCommand({ QueueUrl: stand.QueueUrl, MessageBody: 'x' }));
    await stand.client.send(new PurgeQueueCommand({ QueueUrl: stand.QueueUrl }));
    expect(await count(stand)).toMatchObject({ ready: '0' });
  });
});
