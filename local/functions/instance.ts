// One running copy of a function: a Lambda sandbox with one invocation at a time and a real deadline.

import { randomUUID } from 'node:crypto';
import type { FunctionModel, InvocationResult } from '../contracts.ts';
import { logGroupName } from './environment.ts';
import type { FunctionLog } from './log.ts';
import type { InvocationContext } from './messages.ts';
import { startThread, type Reply } from './thread.ts';

export interface Instance {
  /** Runs one invocation; the next one may start when it has resolved. `event` is JSON. */
  invoke(event: string): Promise<InvocationResult>;
  /** False once it has crashed, run into its deadline or been stopped: it never answers again. */
  readonly isAlive: () => boolean;
  readonly stop: () => Promise<void>;
}

/** How long Lambda lets a function load. */
const loadMsMax = 10_000;

/** Starts a copy; whether its code loads shows at its first invocation. */
export function startInstance(model: FunctionModel, environment: Record<string, string>, log: FunctionLog): Instance {
  const thread = startThread(model, environment, log);
  const loaded = thread.reply(loadMsMax).then(async (reply) => {
    if (reply.outcome !== 'ready') await thread.stop();
    return reply;
  });
  return {
    isAlive: thread.isAlive,
    stop: thread.stop,
    invoke: async (event) => {
      const load = await loaded;
      if (load.outcome !== 'ready') return load;
      if (!thread.isAlive()) return { outcome: 'error', message: 'The function ended before it was called.' };
      const reply = thread.reply(model.timeoutMs);
      thread.send({ event, context: contextOf(model) });
      return resultOf(await reply);
    },
  };
}

function resultOf(reply: Reply): InvocationResult {
  return reply.outcome === 'ready' ? { outcome: 'error', message: 'The function loaded twice.' } : reply;
}

function contextOf({ name, arn, memoryMegabytes, timeoutMs }: FunctionModel): InvocationContext {
  return {
    awsRequestId: randomUUID(),
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: String(memoryMegabytes),
    logGroupName: logGroupName(name),
    logStreamName: 'local',
    deadlineMs: Date.now() + timeoutMs,
  };
}
