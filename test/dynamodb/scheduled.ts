// A store whose single calls to DynamoDB are made in an order that a property test chooses.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type fc from 'fast-check';
import { intercepted } from './faults.ts';

/** A client whose every call waits until the scheduler, which knows the order of this run, lets it go. */
export function scheduledClient(client: DynamoDBDocumentClient, scheduler: fc.Scheduler): DynamoDBDocumentClient {
  // The scheduler leaves rejections unhandled, so it gets to see what came of a call as a value.
  const settle = scheduler.scheduleFunction(
    async (send: () => Promise<unknown>) => (await Promise.allSettled([send()]))[0],
  );
  return intercepted(client, async (send) => {
    const settled = await settle(send);
    if (settled.status === 'rejected') throw settled.reason;
    return settled.value;
  });
}
