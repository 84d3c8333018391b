// Functions for gateway tests: handlers in this process, with a record of what each was called with.
import { vi } from 'vitest';
import type { Functions, InvocationResult } from '../../../local/contracts.ts';

export type Handler = (event: unknown) => InvocationResult | Promise<InvocationResult>;

export interface StandInFunctions extends Functions {
  /** The events that a function was called with, as JSON would carry them. */
  eventsOf(functionName: string): unknown[];
  /** Waits until a function was called that many times, and returns the last event of those. */
  called(functionName: string, times?: number): Promise<unknown>;
}

export function standInFunctions(handlers: Readonly<Record<string, Handler>>): StandInFunctions {
  const calls: { functionName: string; event: unknown }[] = [];
  const eventsOf = (functionName: string): unknown[] =>
    calls.filter((call) => call.functionName === functionName).map((call) => call.event);
  return {
    eventsOf,
    called: (functionName, times = 1) =>
      vi.waitFor(() => {
        const event = eventsOf(functionName)[times - 1];
        if (event === undefined) throw new Error(`${functionName} was not called ${String(times)} times`);
        return event;
      }, WAIT),
    invoke: async (functionName, payload) => {
      const event: unknown = JSON.parse(JSON.stringify(payload));
      calls.push({ functionName, event });
      const handler = handlers[functionName];
      return handler === undefined
        ? { outcome: 'error', message: `no function ${functionName}` }
        : await handler(event);
    },
    invokeLater: () => {
      throw new Error('a gateway calls functions synchronously');
    },
  };
}

/** How long a condition may take to come true; a machine that is slow is no failure. */
export const WAIT = { timeout: 10_000, interval: 5 };

export function returned(payload: unknown): InvocationResult {
  return { outcome: 'returned', payload };
}

export function failed(outcome: 'error' | 'timeout' | 'throttled'): InvocationResult {
  return { outcome, message: `the stand-in says ${outcome}` };
}

/** A handler whose answer comes when the test gives it. */
export function heldHandler(): { readonly handler: Handler; answer(result: InvocationResult): void } {
  let answer: (result: InvocationResult) => void = () => undefined;
  const result = new Promise<InvocationResult>((resolve) => {
    answer = resolve;
  });
  return { handler: () => result, answer };
}
