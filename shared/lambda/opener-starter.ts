// Starts the opener, the function that greets a connection once its `$connect` has returned.
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { OpenerStarter } from '../ports.ts';

/** The opener's event is `{ "connectionId": "…" }`. */
export function openerStarter(client: LambdaClient, functionName: string): OpenerStarter {
  return {
    start: async (connectionId) => {
      // `Event` is answered as soon as Lambda has queued the call.
      await client.send(
        new InvokeCommand({
          FunctionName: functionName,
          InvocationType: 'Event',
          Payload: JSON.stringify({ connectionId }),
        }),
      );
    },
  };
}
