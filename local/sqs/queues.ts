// All queues of the template over one LevelDB, so that what was accepted survives the end of the process.

import { ClassicLevel } from 'classic-level';
import type { QueueModel } from '../contracts.ts';
import type { StoredMessage } from './message.ts';
import { createQueue, type Journal, type Queue } from './queue.ts';

export interface Queues {
  readonly all: readonly Queue[];
  named(name: string): Queue | undefined;
  withArn(arn: string): Queue | undefined;
  close(): Promise<void>;
}

/** How often messages that nobody receives are checked for their age. */
const expireEveryMs = 60_000;

/** @throws LevelDB's error, whose `cause.code` is `LEVEL_LOCKED` while another process has the folder open */
export async function openQueues(
  directory: string,
  models: readonly QueueModel[],
  onError: (error: unknown) => void,
): Promise<Queues> {
  const database = new ClassicLevel<string, StoredMessage>(directory, { valueEncoding: 'json' });
  await database.open();
  const journal = createJournal(database);
  const all: Queue[] = [];
  const withArn = (arn: string): Queue | undefined => all.find(({ model }) => model.arn === arn);
  for (const model of models) {
    const deadLetters = (): Queue | undefined => withArn(model.deadLetters?.queueArn ?? '');
    all.push(createQueue({ model, journal, deadLetters }, await readMessages(database, model.name)));
  }
  const timer = setInterval(() => {
    Promise.all(all.map((queue) => queue.expire(Date.now()))).catch(onError);
  }, expireEveryMs).unref();
  return {
    all,
    named: (name) => all.find(({ model }) => model.name === name),
    withArn,
    close: async () => {
      clearInterval(timer);
      for (const queue of all) queue.stop();
      // Writes that are under way finish first.
      await journal([]);
      await database.close();
    },
  };
}

function createJournal(database: ClassicLevel<string, StoredMessage>): Journal {
  // One write at a time: LevelDB runs concurrent ones in any order, and a late put would bring back a deleted message.
  let last: Promise<void> = Promise.resolve();
  return (changes) => {
    const operations = changes.map(({ queueName, id, message }) => {
      const key = `${queueName}/${id}`;
      return message === null ? ({ type: 'del', key } as const) : ({ type: 'put', key, value: message } as const);
    });
    const write = last.then(() => database.batch(operations));
    last = write.catch(() => undefined);
    return write;
  };
}

/** In the order in which they were sent, since keys are random. */
async function readMessages(
  database: ClassicLevel<string, StoredMessage>,
  queueName: string,
): Promise<StoredMessage[]> {
  // The character after the slash ends the range of this queue's keys.
  const messages = await database.values({ gt: `${queueName}/`, lt: `${queueName}0` }).all();
  return messages.sort((first, second) => first.sentAtMs - second.sentAtMs);
}
