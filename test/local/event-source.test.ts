// Queues that feed functions: batches, partial failures, malformed answers, dead letters, duplicates.
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EventSourceModel, Functions, InvocationResult, QueueModel } from '../../local/contracts.ts';
import { startEventSource } from '../../local/event-source.ts';
import type { Queue } from '../../local/sqs/queue.ts';
import { openQueues } from '../../local/sqs/queues.ts';
import { queueModel } from './queue-model.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { eventually } from './eventually.ts';

interface SqsRecord {
  readonly messageId: string;
  readonly body: string;
}

interface Stand {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  /** The bodies of each batch that the function got, in order. */
  readonly batches: string[][];
  readonly events: { readonly Records: readonly SqsRecord[] }[];
  stop(): Promise<void>;
}

interface Settings {
  readonly model?: Partial<EventSourceModel>;
  readonly queue?: Partial<QueueModel>;
  readonly duplicates?: number;
  /** Sent before the function is fed. */
  readonly bodies?: readonly string[];
}

type Handler = (records: readonly SqsRecord[]) => InvocationResult | Promise<InvocationResult>;

const letters = queueModel('Dead');

async function start(
  handler: Handler,
  { model = {}, queue: differences = {}, duplicates = 0, bodies = [] }: Settings = {},
): Promise<Stand> {
  const deadLetters = { queueArn: letters.arn, receivesMax: 2 };
  const jobs = queueModel('Jobs', { visibilityTimeoutMs: 60_000, deadLetters, ...differences });
  const errors: unknown[] = [];
  const queues = await openQueues(await temporaryFolder(), [jobs, letters], (error) => errors.push(error));
  const queue = queues.named('Jobs');
  const dead = queues.named('Dead');
  if (queue === undefined || dead === undefined) throw new Error('The queues are missing.');
  await queue.send(bodies.map((body) => ({ body, attributes: {} })));
  const events: Stand['events'] = [];
  const functions: Functions = {
    invoke: async (_, event) => {
      const { Records } = event as { Records: SqsRecord[] };
      events.push({ Records });
      return handler(Records);
    },
    invokeLater: () => undefined,
  };
  const source = startEventSource({
    model: {
      queueArn: jobs.arn,
      functionName: 'Worker',
      batchSize: 10,
      batchWindowMs: 0,
      concurrencyMax: null,
      reportsItemFailures: true,
      ...model,
    },
    queue,
    functions,
    faults: { queueDuplicateShare: duplicates },
    onError: (error) => errors.push(error),
    random: () => 0.5,
  });
  onTestFinished(async () => {
    await source.stop();
    await queues.close();
    expect(errors).toEqual([]);
  });
  return {
    queue,
    deadLetters: dead,
    events,
    get batches() {
      return events.map(({ Records }) => Records.map(({ body }) => body));
    },
    stop: () => source.stop(),
  };
}

function returned(payload: unknown): InvocationResult {
  return { outcome: 'returned', payload };
}

/** For what a test sees come again. */
const quick = { visibilityTimeoutMs: 30 };
const empty = { ready: 0, inFlight: 0, delayed: 0 };

describe('an event', () => {
  it('has the shape that Lambda gives it', async () => {
    const stand = await start(() => returned(null));
    const attributes = { trace: { DataType: 'String', StringValue: 'abc' } };
    const [sent] = await stand.queue.send([{ body: 'hello', attributes }]);
    await eventually(() => stand.queue.counts()).toEqual(empty);
    expect(stand.events).toEqual([
      {
        Records: [
          {
            messageId: sent?.id,
            receiptHandle: expect.any(String) as unknown,
            body: 'hello',
            attributes: {
              ApproximateReceiveCount: '1',
              ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/) as unknown,
              SentTimestamp: String(sent?.sentAtMs),
              SenderId: 'LOCAL',
            },
            messageAttributes: {
              trace: { stringValue: 'abc', stringListValues: [], binaryListValues: [], dataType: 'String' },
            },
            md5OfBody: '5d41402abc4b2a76b9719d911017c592',
            eventSource: 'aws:sqs',
            eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:Jobs',
            awsRegion: 'us-east-1',
          },
        ],
      },
    ]);
  });
});

describe('batches', () => {
  it('are no larger than the mapping says', async () => {
    const stand = await start(() => returned(null), {
      model: { batchSize: 2, concurrencyMax: 1 },
      bodies: ['a', 'b', 'c', 'd', 'e'],
    });
    await eventually(() => stand.queue.counts()).toEqual(empty);
    expect(stand.batches).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('wait for more within their window, and no longer than they are full', async () => {
    const stand = await start(() => returned(null), {
      model: { batchSize: 2, batchWindowMs: 60_000, concurrencyMax: 1 },
      bodies: ['a'],
    });
    await eventually(() => stand.queue.counts().inFlight).toBe(1);
    expect(stand.batches).toEqual([]);
    await stand.queue.send([{ body: 'b', attributes: {} }]);
    await eventually(() => stand.batches).toEqual([['a', 'b']]);
  });

  it('run beside each other up to the concurrency', async () => {
    let running = 0;
    let most = 0;
    const stand = await start(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 10));
        running -= 1;
        return returned(null);
      },
      {
        model: { batchSize: 1, concurrencyMax: 2 },
        bodies: ['a', 'b', 'c', 'd'],
      },
    );
    await eventually(() => stand.queue.counts()).toEqual(empty);
    expect(most).toBe(2);
  });
});

describe('what stays in the queue', () => {
  it('is what the function reports, and after its receives it is a dead letter while others flow', async () => {
    const stand = await start(
      (records) =>
        returned({
          batchItemFailures: records
            .filter(({ body }) => body === 'poison')
            .map(({ messageId }) => ({ itemIdentifier: messageId })),
        }),
      { bodies: ['good', 'poison', 'fine'], model: { concurrencyMax: 1 }, queue: quick },
    );
    await eventually(() => stand.deadLetters.counts().ready).toBe(1);
    expect(stand.batches).toEqual([['good', 'poison', 'fine'], ['poison']]);
    expect(stand.queue.counts()).toEqual(empty);
  });

  it.each<[string, InvocationResult]>([
    ['fails', { outcome: 'error', message: 'no' }],
    ['runs into its deadline', { outcome: 'timeout', message: 'late' }],
    ['is throttled', { outcome: 'throttled', message: 'busy' }],
    ['answers text', returned('fine')],
    ['reports something that is no list', returned({ batchItemFailures: 'a' })],
    ['reports an empty id', returned({ batchItemFailures: [{ itemIdentifier: '' }] })],
    ['reports no id', returned({ batchItemFailures: [{ itemIdentifier: null }] })],
    ['misspells the key', returned({ batchItemFailures: [{ itemId: 'a' }] })],
    ['reports nothing in its entry', returned({ batchItemFailures: [null] })],
    ['reports a message of another batch', returned({ batchItemFailures: [{ itemIdentifier: 'other' }] })],
  ])('is the whole batch when the function %s', async (_, result) => {
    const stand = await start(() => result, { bodies: ['a', 'b'], queue: quick });
    await eventually(() => stand.deadLetters.counts().ready).toBe(2);
  });

  it.each([
    ['nothing', null],
    ['an empty object', {}],
    ['no failures', { batchItemFailures: [] }],
    ['failures that are null', { batchItemFailures: null }],
  ])('is nothing when the function answers %s', async (_, payload) => {
    const stand = await start(() => returned(payload), { bodies: ['a', 'b'], model: { concurrencyMax: 1 } });
    await eventually(() => stand.queue.counts()).toEqual(empty);
    expect(stand.batches).toEqual([['a', 'b']]);
    expect(stand.deadLetters.counts()).toEqual(empty);
  });

  it('is nothing without partial failures, whatever the function answers', async () => {
    const stand = await start(
      (records) => returned({ batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) }),
      {
        bodies: ['a'],
        model: { reportsItemFailures: false },
      },
    );
    await eventually(() => stand.queue.counts()).toEqual(empty);
    expect(stand.deadLetters.counts()).toEqual(empty);
  });
});

describe('duplicates', () => {
  it.each([
    { share: 0.6, times: 2 },
    { share: 0.4, times: 1 },
  ])('come $times times where the share is $share and the dice say 0.5', async ({ share, times }) => {
    const stand = await start(() => returned(null), {
      bodies: ['a', 'b'],
      duplicates: share,
      model: { concurrencyMax: 1 },
    });
    await eventually(() => stand.queue.counts()).toEqual(empty);
    await stand.stop();
    expect(stand.batches).toEqual(Array.from({ length: times }, () => ['a', 'b']));
  });
});

describe('stop', () => {
  it('takes nothing more', async () => {
    const stand = await start(() => returned(null));
    await stand.stop();
    await stand.queue.send([{ body: 'late', attributes: {} }]);
    expect(stand.queue.counts().ready).toBe(1);
    expect(stand.batches).toEqual([]);
  });
});
