// Times as the wire writes them.
import { Failure } from '../protocol/failures.ts';

/** ISO 8601 in UTC with milliseconds: `2026-11-21T08:30:00.000Z`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** Times by name, as the wire writes them. */
export function isoTimes(times: Readonly<Record<string, number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, isoTime(ms)]));
}

/** RFC 3339, which is ISO 8601 with date, time and offset. */
const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Throws `invalid_field` for what is no time, or leaves open in which zone it is. */
export function parseTime(text: string, field: string): number {
  const ms = timePattern.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms) && isOnCalendar(text)) return ms;
  throw new Failure('invalid_field', {
    message: `${field} is not a time with its offset from UTC`,
    field,
    remedy: `Send ${field} as 2026-12-24T18:00:00Z or 2026-12-24T19:00:00+01:00.`,
  });
}

/** `Date.parse` takes 30 February for 2 March, and 24:00 for the next day. */
function isOnCalendar(text: string): boolean {
  const [day = '', time = ''] = text.split('T');
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) && !time.startsWith('24');
}
