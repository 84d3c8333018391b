// Starting the opener.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { openerStarter } from '../../shared/lambda/opener-starter.ts';

it('invokes the opener without waiting for it', async () => {
  const lambda = mockClient(LambdaClient);
  lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
  await openerStarter(lambda as unknown as LambdaClient, 'opener').start('Ab1=');
  expect(lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => input)).toEqual([
    { FunctionName: 'opener', InvocationType: 'Event', Payload: '{"connectionId":"Ab1="}' },
  ]);
});
