// Calls functions at the rates of their schedules, as EventBridge Scheduler does.

import { randomUUID } from 'node:crypto';
import { accountId, region } from './account.ts';
import type { Functions, ScheduleModel } from './contracts.ts';

export interface Schedules {
  /** Nothing is called any more. */
  readonly stop: () => void;
}

/** How soon a schedule that came due while the machine slept is noticed; timers stand still meanwhile. */
const lookEveryMs = 60_000;

/**
 * The first call comes one interval after the start, and each further one an interval after the one before, however long
 * the function takes. What came due while the machine was asleep or too busy is made up for by a single call; the next
 * is due when it would have been anyway.
 * @param timeScale divides the intervals
 */
export function startSchedules(
  models: readonly ScheduleModel[],
  functions: Pick<Functions, 'invokeLater'>,
  timeScale: number,
): Schedules {
  const running = models.map((model) => startSchedule(model, functions, model.intervalMs / timeScale));
  return {
    stop: () => {
      for (const schedule of running) schedule.stop();
    },
  };
}

function startSchedule(model: ScheduleModel, functions: Pick<Functions, 'invokeLater'>, intervalMs: number): Schedules {
  let dueMs = Date.now() + intervalMs;
  let timer: NodeJS.Timeout | undefined;
  const wait = (nowMs: number): void => {
    timer = setTimeout(look, Math.min(dueMs - nowMs, lookEveryMs)).unref();
  };
  const look = (): void => {
    const nowMs = Date.now();
    if (nowMs >= dueMs) {
      const missed = Math.floor((nowMs - dueMs) / intervalMs);
      functions.invokeLater(model.functionName, eventOf(model, dueMs + missed * intervalMs));
      dueMs += (missed + 1) * intervalMs;
    }
    // A clock that was set back must not hold up the schedule by as much.
    dueMs = Math.min(dueMs, nowMs + intervalMs);
    wait(nowMs);
  };
  wait(Date.now());
  return {
    stop: () => {
      clearTimeout(timer);
    },
  };
}

/** Without an input of its own it gets the notification that EventBridge Scheduler sends, whose `detail` is text. */
function eventOf({ arn, input }: ScheduleModel, dueMs: number): unknown {
  if (input !== null) return JSON.parse(input);
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: accountId,
    time: new Date(dueMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [arn],
    detail: '{}',
  };
}
