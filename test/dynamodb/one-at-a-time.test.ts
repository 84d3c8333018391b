// Tasks one after the other: each key by itself, and none stopped by another that fails.
import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { oneAtATime } from '../../shared/dynamodb/one-at-a-time.ts';

/** A task that ends when it is told to. */
function aTask(log: string[], name: string) {
  const ends = new EventEmitter();
  const task = async (): Promise<string> => {
    log.push(`${name} begins`);
    const [result] = (await once(ends, 'end')) as [string];
    return result;
  };
  return {
    task,
    resolve: (result: string) => ends.emit('end', result),
    reject: (error: Error) => ends.emit('error', error),
  };
}

describe('one at a time', () => {
  it('begins a task when the ones before it with the same key have ended', async () => {
    const inTurn = oneAtATime();
    const log: string[] = [];
    const [first, second, other] = [aTask(log, 'first'), aTask(log, 'second'), aTask(log, 'other')];
    const runs = [inTurn('a', first.task), inTurn('a', second.task), inTurn('b', other.task)];
    expect(log).toEqual(['first begins', 'other begins']);
    first.resolve('1');
    expect(await runs[0]).toBe('1');
    expect(log.at(-1)).toBe('second begins');
    second.resolve('2');
    other.resolve('3');
    expect(await Promise.all(runs)).toEqual(['1', '2', '3']);
    expect(log).toEqual(['first begins', 'other begins', 'second begins']);
  });

  it('begins the next when one fails, which only its own caller hears of', async () => {
    const inTurn = oneAtATime();
    const log: string[] = [];
    const [first, second] = [aTask(log, 'first'), aTask(log, 'second')];
    const runs = [inTurn('a', first.task), inTurn('a', second.task)];
    first.reject(new Error('failed'));
    await expect(runs[0]).rejects.toThrow('failed');
    second.resolve('2');
    expect(await runs[1]).toBe('2');
  });

  it('begins at once when nobody is there any more', async () => {
    const inTurn = oneAtATime();
    await inTurn('a', async () => Promise.resolve());
    const log: string[] = [];
    const next = aTask(log, 'next');
    const run = inTurn('a', next.task);
    expect(log).toEqual(['next begins']);
    next.resolve('1');
    expect(await run).toBe('1');
  });
});
