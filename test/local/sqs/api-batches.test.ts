// Batches through the AWS SDK: what they do, and how they fail entry by entry or as a whole.
import { DeleteMessageBatchCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { count, receive, start } from './sqs-stand.ts';

describe('a batch', () => {
  it('sends, receives and deletes up to ten messages', async () => {
    const stand = await start();
    const { client, QueueUrl } = stand;
    const Entries = Array.from({ length: 10 }, (_, index) => ({
      Id: `m${String(index)}`,
      MessageBody: `body ${String(index)}`,
    }));
    const sent = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(Entries.map(({ Id }) => Id));
    const received = await receive(stand, { MaxNumberOfMessages: 10 });
    expect(received.map(({ Body }) => Body)).toEqual(Entries.map(({ MessageBody }) => MessageBody));
    const deletions = received.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const bad = { Id: 'bad', ReceiptHandle: 'nonsense' };
    const deleted = await client.send(
      new DeleteMessageBatchCommand({ QueueUrl, Entries: [...deletions.slice(1), bad] }),
    );
    expect(deleted.Successful).toHaveLength(9);
    expect(deleted.Failed).toMatchObject([{ Id: 'bad', SenderFault: true, Code: 'ReceiptHandleIsInvalid' }]);
    expect(await count(stand)).toMatchObject({ inFlight: '1' });
  });

  it('fails entry by entry for what is wrong with an entry', async () => {
    const { client, QueueUrl } = await start();
    const Entries = [
      { Id: 'good', MessageBody: 'x' },
      { Id: 'late', MessageBody: 'x', DelaySeconds: 901 },
    ];
    const sent = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(sent.Successful).toMatchObject([{ Id: 'good' }]);
    expect(sent.Failed).toMatchObject([{ Id: 'late', Code: 'InvalidParameterValue' }]);
  });

  it.each([
    ['no entry', [], 'EmptyBatchRequest'],
    [
      'eleven entries',
      Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: 'x' })),
      'TooManyEntriesInBatchRequest',
    ],
    [
      'an id twice',
      [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'y' },
      ],
      'BatchEntryIdsNotDistinct',
    ],
    ['a strange id', [{ Id: 'a b', MessageBody: 'x' }], 'InvalidBatchEntryId'],
    [
      'more than 1 MiB',
      [
        { Id: 'a', MessageBody: 'x'.repeat(600_000) },
        { Id: 'b', MessageBody: 'x'.repeat(600_000) },
      ],
      'BatchRequestTooLong',
    ],
  ])('with %s is refused as a whole', async (_, Entries, name) => {
    const stand = await start();
    await expect(
      stand.client.send(new SendMessageBatchCommand({ QueueUrl: stand.QueueUrl, Entries })),
    ).rejects.toMatchObject({ name });
    expect(await count(stand)).toMatchObject({ ready: '0' });
  });
});
