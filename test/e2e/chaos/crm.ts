// A CRM that does not give up: each call is repeated with its idempotency key until it is answered with 202.
import type { Random } from '../../simulation/random.ts';

/** One broadcast that was accepted. */
export interface Accepted {
  readonly number: number;
  readonly id: string;
  /** Null is everybody. */
  readonly users: readonly string[] | null;
}

export interface Crm {
  /** What was answered with 202, in the order of the answers. */
  readonly accepted: readonly Accepted[];
  /** How many calls were repeated because they had no answer, or one that asks for it. */
  repetitions(): number;
  /** Begins no further broadcast, and resolves when all that were begun are accepted. */
  finish(): Promise<void>;
}

export interface CrmOptions {
  readonly httpUrl: string;
  readonly apiKey: string;
  readonly users: readonly string[];
  readonly random: Random;
  /** How many callers there are, each of which waits for its answer. */
  readonly callers: number;
  /** How long a caller waits on average before its next broadcast. */
  readonly pauseMs: number;
}

const answerWithinMs = 10_000;
const repeatAfterMsMax = 500;
const severalMax = 10;

export function startCrm(options: CrmOptions): Crm {
  const accepted: Accepted[] = [];
  const state = { number: 0, repetitions: 0, isFinishing: false };
  const call = async (random: Random): Promise<void> => {
    while (!state.isFinishing) {
      state.number += 1;
      const { number } = state;
      const users = audienceOf(options.users, random);
      for (;;) {
        const id = await broadcast(options, number, users);
        if (id !== null) {
          accepted.push({ number, id, users });
          break;
        }
        state.repetitions += 1;
        await wait(random.next() * repeatAfterMsMax);
      }
      await wait(random.exponential(options.pauseMs));
    }
  };
  const callers = Promise.all(
    Array.from({ length: options.callers }, (_, index) => call(options.random.fork(`caller ${String(index)}`))),
  );
  // A refusal ends the run when it is finished, not somewhere in between.
  callers.catch(() => undefined);
  return {
    accepted,
    repetitions: () => state.repetitions,
    finish: async () => {
      state.isFinishing = true;
      await callers;
    },
  };
}

/** One user, several, or everybody. */
function audienceOf(users: readonly string[], random: Random): readonly string[] | null {
  if (random.chance(0.1)) return null;
  const count = random.chance(0.3) ? random.int(2, severalMax) : 1;
  return [...new Set(Array.from({ length: count }, () => random.pick(users)))];
}

/** The broadcast's id; null when there was no answer, or one after which the same call may succeed. */
async function broadcast(
  { httpUrl, apiKey }: CrmOptions,
  number: number,
  users: readonly string[] | null,
): Promise<string | null> {
  const audience = users === null ? { everyone: true } : { users };
  let response: Response;
  let body: { readonly broadcastId?: string };
  try {
    response = await fetch(`${httpUrl}/api/broadcasts`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-internal-api-key': apiKey,
        'idempotency-key': `number-${String(number)}`,
      },
      body: JSON.stringify({ event: 'chaos', data: { number }, audience }),
      signal: AbortSignal.timeout(answerWithinMs),
    });
    body = (await response.json()) as typeof body;
  } catch {
    return null;
  }
  if (response.status >= 500 || response.status === 429) return null;
  if (response.status === 202 && body.broadcastId !== undefined) return body.broadcastId;
  throw new Error(`a broadcast was refused with ${String(response.status)}: ${JSON.stringify(body)}`);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
