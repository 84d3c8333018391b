// Times as the wire writes them.

/** ISO 8601 in UTC with milliseconds: `2026-11-21T08:30:00.000Z`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
