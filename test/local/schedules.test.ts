// When schedules call their functions and with what, on a clock that the test moves.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ScheduleModel } from '../../local/contracts.ts';
import { startSchedules, type Schedules } from '../../local/schedules.ts';

const minuteMs = 60_000;
const startMs = Date.parse('2026-03-01T12:00:00Z');

let running: Schedules | undefined;

beforeEach(() => {
  vi.useFakeTimers({ now: startMs });
});

afterEach(() => {
  running?.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function scheduleModel(differences: Partial<ScheduleModel> = {}): ScheduleModel {
  const arn = 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/Tick';
  return { name: 'Tick', arn, functionName: 'Worker', intervalMs: minuteMs, input: '{}', ...differences };
}

interface Call {
  readonly functionName: string;
  readonly payload: unknown;
  /** Since the start. */
  readonly afterMs: number;
}

/** Starts the schedules; what they call is added to the list. */
function start(models: readonly ScheduleModel[], timeScale = 1): readonly Call[] {
  const calls: Call[] = [];
  const invokeLater = (functionName: string, payload: unknown): void => {
    calls.push({ functionName, payload, afterMs: Date.now() - startMs });
  };
  running = startSchedules(models, { invokeLater }, timeScale);
  return calls;
}

function timesOf(calls: readonly Call[]): readonly number[] {
  return calls.map(({ afterMs }) => afterMs);
}

describe('a schedule', () => {
  it('comes one interval after the start, and then at every interval', () => {
    const calls = start([scheduleModel({ intervalMs: 5 * minuteMs })]);
    vi.advanceTimersByTime(5 * minuteMs - 1);
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(10 * minuteMs + 1);
    expect(timesOf(calls)).toEqual([5 * minuteMs, 10 * minuteMs, 15 * minuteMs]);
  });

  it('comes in its own time, beside the others', () => {
    const calls = start([
      scheduleModel({ functionName: 'Often' }),
      scheduleModel({ functionName: 'Seldom', intervalMs: 2.5 * minuteMs }),
    ]);
    vi.advanceTimersByTime(3 * minuteMs);
    expect(calls.map(({ functionName }) => functionName)).toEqual(['Often', 'Often', 'Seldom', 'Often']);
  });

  it('may take longer than a timer can', () => {
    const intervalMs = 40 * 86_400_000;
    const calls = start([scheduleModel({ intervalMs })]);
    vi.advanceTimersByTime(intervalMs - 1);
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(timesOf(calls)).toEqual([intervalMs]);
  });

  it('comes sooner when time is divided', () => {
    const calls = start([scheduleModel()], 600);
    vi.advanceTimersByTime(300);
    expect(timesOf(calls)).toEqual([100, 200, 300]);
  });

  it('does not come after the end', () => {
    const calls = start([scheduleModel()]);
    vi.advanceTimersByTime(minuteMs);
    running?.stop();
    vi.advanceTimersByTime(10 * minuteMs);
    expect(timesOf(calls)).toEqual([minuteMs]);
  });
});

describe('a schedule whose machine slept', () => {
  it('comes once for all that it missed, and then when it would have', () => {
    const calls = start([scheduleModel({ intervalMs: 10 * minuteMs, input: null })]);
    vi.setSystemTime(startMs + 35.5 * minuteMs);
    // The timer that stood still has its minute to go.
    vi.advanceTimersByTime(minuteMs);
    expect(timesOf(calls)).toEqual([36.5 * minuteMs]);
    expect(calls[0]?.payload).toMatchObject({ time: '2026-03-01T12:30:00Z' });
    vi.advanceTimersByTime(4 * minuteMs);
    expect(timesOf(calls)).toEqual([36.5 * minuteMs, 40 * minuteMs]);
  });

  it('waits for one interval at most when the clock was set back', () => {
    const calls = start([scheduleModel({ intervalMs: 2 * minuteMs })]);
    vi.setSystemTime(startMs - 1000 * minuteMs);
    vi.advanceTimersByTime(3 * minuteMs);
    expect(timesOf(calls)).toEqual([-997 * minuteMs]);
  });
});

describe('the event', () => {
  it('is the input of the schedule', () => {
    const calls = start([scheduleModel({ input: '{"shard":3}' })]);
    vi.advanceTimersByTime(minuteMs);
    expect(calls[0]?.payload).toEqual({ shard: 3 });
  });

  it('is that of EventBridge Scheduler without one', () => {
    const calls = start([scheduleModel({ input: null })]);
    vi.advanceTimersByTime(2 * minuteMs);
    const event = {
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: '000000000000',
      time: '2026-03-01T12:01:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/default/Tick'],
      detail: '{}',
    };
    expect(calls.map(({ payload }) => payload)).toEqual([event, { ...event, time: '2026-03-01T12:02:00Z' }]);
  });
});
