// Telemetry that remembers.
import type { Telemetry } from '../../shared/ports.ts';

export interface TelemetryLine {
  readonly level: 'info' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
  readonly error?: unknown;
}

export interface FakeTelemetry extends Telemetry {
  readonly lines: readonly TelemetryLine[];
}

export function fakeTelemetry(): FakeTelemetry {
  const lines: TelemetryLine[] = [];
  return {
    info: (event, fields) => {
      lines.push({ level: 'info', event, fields });
    },
    error: (event, fields, error) => {
      lines.push({ level: 'error', event, fields, error });
    },
    lines,
  };
}
