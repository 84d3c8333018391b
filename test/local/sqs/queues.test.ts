// Queues in their folder: what survives the end of the process, and what time does to messages.
import { cp } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { QueueModel } from '../../../local/contracts.ts';
import type { Queue, ReceivedMessage } from '../../../local/sqs/queue.ts';
import { openQueues, type Queues } from '../../../local/sqs/queues.ts';
import { queueModel } from '../queue-model.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { eventually } from '../eventually.ts';

const jobs = queueModel('Jobs');
/** Its name begins like the other's. */
const jobs2 = queueModel('Jobs2');

async function open(folder: string, models: readonly QueueModel[]): Promise<Queues> {
  const queues = await openQueues(folder, models, (error) => {
    throw error;
  });
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) await queues.close();
    closed = true;
  };
  onTestFinished(close);
  return { ...queues, close };
}

function only(queues: Queues, name = 'Jobs'): Queue {
  const queue = queues.named(name);
  if (queue === undefined) throw new Error(`There is no ${name}.`);
  return queue;
}

function bodies(received: readonly ReceivedMessage[]): string[] {
  return received.map(({ body }) => body);
}

const takeAll = { max: 100, waitMs: 0 };

describe('what was accepted', () => {
  it('is there after a crash, each in its queue, and what was deleted is not', async () => {
    const folder = await temporaryFolder();
    const before = await open(`${folder}/data`, [jobs, jobs2]);
    for (const body of ['one', 'two', 'three']) await only(before).send([{ body, attributes: {} }]);
    await only(before, 'Jobs2').send([{ body: 'other', attributes: {} }]);
    const [gone] = await only(before).receive({ max: 1, waitMs: 0 });
    await only(before).remove([gone?.receiptHandle ?? '']);
    // A copy of the files while the database is open is what a crash at this moment leaves.
    await cp(`${folder}/data`, `${folder}/crashed`, { recursive: true });
    const after = await open(`${folder}/crashed`, [jobs, jobs2]);
    expect(bodies(await only(after).receive(takeAll)).sort()).toEqual(['three', 'two']);
    expect(bodies(await only(after, 'Jobs2').receive(takeAll))).toEqual(['other']);
  });

  it('is ready again when it was in flight, with its receives counted', async () => {
    const folder = await temporaryFolder();
    const before = await open(folder, [jobs]);
    await only(before).send([{ body: 'x', attributes: {} }]);
    await only(before).receive(takeAll);
    await before.close();
    const after = await open(folder, [jobs]);
    expect(await only(after).receive(takeAll)).toMatchObject([{ body: 'x', receives: 2 }]);
  });

  it('keeps its delay', async () => {
    const folder = await temporaryFolder();
    const before = await open(folder, [jobs]);
    await only(before).send([{ body: 'x', attributes: {}, delayMs: 60_000 }]);
    await before.close();
    const after = await open(folder, [jobs]);
    expect(only(after).counts()).toEqual({ ready: 0, inFlight: 0, delayed: 1 });
  });

  it('is a dead letter after a crash when it was one before', async () => {
    const folder = await temporaryFolder();
    const models = [queueModel('Jobs', { deadLetters: { queueArn: jobs2.arn, receivesMax: 1 } }), jobs2];
    const before = await open(`${folder}/data`, models);
    await only(before).send([{ body: 'x', attributes: {} }]);
    await only(before).receive({ ...takeAll, visibilityMs: 0 });
    await eventually(async () => {
      await only(before).receive(takeAll);
      return only(before, 'Jobs2').counts().ready;
    }).toBe(1);
    await cp(`${folder}/data`, `${folder}/crashed`, { recursive: true });
    const after = await open(`${folder}/crashed`, models);
    expect(only(after).counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0 });
    expect(bodies(await only(after, 'Jobs2').receive(takeAll))).toEqual(['x']);
  });
});

describe('a queue', () => {
  it('drops what is older than it keeps messages', async () => {
    const queues = await open(await temporaryFolder(), [queueModel('Jobs', { retentionMs: 60_000 })]);
    await only(queues).send([{ body: 'x', attributes: {} }]);
    await only(queues).expire(Date.now() + 59_000);
    expect(only(queues).counts().ready).toBe(1);
    await only(queues).expire(Date.now() + 61_000);
    expect(only(queues).counts().ready).toBe(0);
  });

  it('gives each message to one of many receivers', async () => {
    const queues = await open(await temporaryFolder(), [jobs]);
    const queue = only(queues);
    const receiving = Array.from({ length: 8 }, () => queue.receive({ max: 3, waitMs: 5_000 }));
    for (let index = 0; index < 24; index += 1) await queue.send([{ body: String(index), attributes: {} }]);
    const rest = queue.receive(takeAll);
    const all = (await Promise.all([...receiving, rest])).flatMap(bodies);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(24);
  });

  it('stops a batch before its bodies are too large together', async () => {
    const queues = await open(await temporaryFolder(), [jobs]);
    const queue = only(queues);
    await queue.send(['aaaa', 'bb', 'cc'].map((body) => ({ body, attributes: {} })));
    expect(bodies(await queue.receive({ ...takeAll, bytesMax: 6 }))).toEqual(['aaaa', 'bb']);
    expect(bodies(await queue.receive({ ...takeAll, bytesMax: 1 }))).toEqual(['cc']);
  });

  it('lets a receiver go that gives up, or when it is closed', async () => {
    const queues = await open(await temporaryFolder(), [jobs]);
    const given = new AbortController();
    const first = only(queues).receive({ max: 1, waitMs: 60_000, signal: given.signal });
    const second = only(queues).receive({ max: 1, waitMs: 60_000 });
    given.abort();
    expect(await first).toEqual([]);
    await queues.close();
    expect(await second).toEqual([]);
  });
});

describe('a folder', () => {
  it('is refused while another has it open', async () => {
    const folder = await temporaryFolder();
    await open(folder, [jobs]);
    await expect(openQueues(folder, [jobs], () => undefined)).rejects.toMatchObject({
      cause: { code: 'LEVEL_LOCKED' },
    });
  });
});
