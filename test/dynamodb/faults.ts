// Faults on the way to DynamoDB, planted in real clients.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** A client whose calls go through `around`, which may delay them, answer otherwise, or throw. */
export function intercepted(
  client: DynamoDBDocumentClient,
  around: (send: () => Promise<unknown>, command: string) => Promise<unknown>,
): DynamoDBDocumentClient {
  const send = async (command: Parameters<typeof client.send>[0]): Promise<unknown> =>
    around(async () => client.send(command), command.constructor.name);
  return { send } as unknown as DynamoDBDocumentClient;
}

/** Throws instead of making the first call of this kind, like a function that is killed. */
export function killedBefore(client: DynamoDBDocumentClient, command: string): DynamoDBDocumentClient {
  let isArmed = true;
  return intercepted(client, async (send, name) => {
    if (isArmed && name === command) {
      isArmed = false;
      throw new Error(`killed before ${command}`);
    }
    return send();
  });
}

/** Loses the answer to the next call of this kind after DynamoDB has done it; the SDK then tries again by itself. */
export function loseNextAnswer(client: DynamoDBDocumentClient, command: string): void {
  let isArmed = true;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      if (isArmed && context.commandName === command) {
        isArmed = false;
        throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
      }
      return answer;
    },
    { step: 'deserialize', priority: 'high', name: `lose-${command}`, override: true },
  );
}

/** A client that notes its commands, in order. */
export function counting(client: DynamoDBDocumentClient): {
  readonly client: DynamoDBDocumentClient;
  readonly commands: readonly string[];
} {
  const commands: string[] = [];
  const noting = intercepted(client, async (send, command) => {
    commands.push(command);
    return send();
  });
  return { client: noting, commands };
}
