// The wrapper of every queue's function: each record alone, failures given back with a growing wait.
import { describe, expect, it } from 'vitest';
import { queueConsumer } from '../../functions/queue/consumer.ts';
import { queueLimits } from '../../shared/protocol/limits.ts';
import type { FanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { fanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { fakeTelemetry } from '../fakes/fake-telemetry.ts';
import { aContext, sqsEvent, sqsRecord } from './events.ts';

function aConsumer(run: (id: string, goOn: () => boolean) => Promise<void>) {
  const telemetry = fakeTelemetry();
  const deferred: (readonly [handle: string, seconds: number])[] = [];
  const defer = async (handle: string, seconds: number): Promise<void> => {
    deferred.push([handle, seconds]);
    return Promise.resolve();
  };
  const handle = async (message: FanOutMessage, goOn: () => boolean) => run(message.broadcastId, goOn);
  return { telemetry, deferred, defer, handle, handler: queueConsumer({ telemetry, defer }, fanOutMessage, handle) };
}

const body = (broadcastId: string): string => JSON.stringify({ kind: 'broadcast', broadcastId });

const failFor =
  (...ids: readonly string[]) =>
  async (id: string): Promise<void> => {
    await Promise.resolve();
    if (ids.includes(id)) throw new Error(`planted for ${id}`);
  };

describe('a batch', () => {
  it('that went well gives nothing back', async () => {
    const seen: string[] = [];
    const { handler, deferred } = aConsumer(async (id) => Promise.resolve(void seen.push(id)));
    const event = sqsEvent(sqsRecord('m1', body('b1')), sqsRecord('m2', body('b2')));
    expect(await handler(event, aContext())).toEqual({ batchItemFailures: [] });
    expect(seen.sort()).toEqual(['b1', 'b2']);
    expect(deferred).toEqual([]);
  });

  it('gives back the record that failed, alone; the others are done', async () => {
    const done: string[] = [];
    const { handler, deferred, telemetry } = aConsumer(async (id) => {
      await failFor('b2')(id);
      done.push(id);
    });
    const records = ['b1', 'b2', 'b3'].map((id) => sqsRecord(`m-${id}`, body(id)));
    expect(await handler(sqsEvent(...records), aContext())).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-b2' }],
    });
    expect(done.sort()).toEqual(['b1', 'b3']);
    expect(deferred).toEqual([['receipt-of-m-b2', queueLimits.retryFirstSeconds]]);
    expect(telemetry.lines).toMatchObject([
      {
        level: 'error',
        event: 'message_failed',
        fields: { messageId: 'm-b2', receives: 1 },
        error: new Error('planted for b2'),
      },
    ]);
  });

  it('of failures only is given back whole', async () => {
    const { handler } = aConsumer(failFor('b1', 'b2'));
    const answer = await handler(sqsEvent(sqsRecord('m1', body('b1')), sqsRecord('m2', body('b2'))), aContext());
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }]);
  });
});

describe('a record that cannot be read', () => {
  it.each([
    ['no JSON', '{"kind":'],
    ['of an unknown kind', '{"kind":"party","broadcastId":"b1"}'],
    ['without a broadcast', '{"kind":"broadcast"}'],
    ['with a field too many', '{"kind":"broadcast","broadcastId":"b1","more":1}'],
    ['a page of no kind', '{"kind":"page","broadcastId":"b1","page":{"number":0}}'],
  ])('because it is %s fails by itself, and is not run', async (_, bad) => {
    const ran: string[] = [];
    const { handler } = aConsumer(async (id) => Promise.resolve(void ran.push(id)));
    const answer = await handler(sqsEvent(sqsRecord('bad', bad), sqsRecord('good', body('b2'))), aContext());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'bad' }] });
    expect(ran).toEqual(['b2']);
  });
});

describe('the wait before the next receive', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 16],
    [6, 32],
    [40, 60],
  ])('after %i receives is %i seconds', async (receives, seconds) => {
    const { handler, deferred } = aConsumer(failFor('b1'));
    await handler(sqsEvent(sqsRecord('m1', body('b1'), receives)), aContext());
    expect(deferred).toEqual([['receipt-of-m1', seconds]]);
  });

  it('that cannot be shortened is no failure of its own: the visibility timeout remains', async () => {
    const { telemetry, handle } = aConsumer(failFor('b1'));
    const throttled = async (): Promise<void> => Promise.reject(new Error('throttled'));
    const handler = queueConsumer({ telemetry, defer: throttled }, fanOutMessage, handle);
    const answer = await handler(sqsEvent(sqsRecord('m1', body('b1')), sqsRecord('m2', body('b2'))), aContext());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(telemetry.lines.map(({ event }) => event)).toEqual(['message_failed', 'message_not_deferred']);
  });
});

it('each record is asked to stop near the deadline of the invocation', async () => {
  let remainingMs = 30_000;
  const answers: boolean[] = [];
  const { handler } = aConsumer(async (_id, goOn) => {
    answers.push(goOn());
    remainingMs = 4_000;
    answers.push(goOn());
    return Promise.resolve();
  });
  await handler(
    sqsEvent(sqsRecord('m1', body('b1'))),
    aContext(() => remainingMs),
  );
  expect(answers).toEqual([true, false]);
});
