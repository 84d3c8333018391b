// Structured logs.
import { describe, expect, it, vi } from 'vitest';
import { logger } from '../../shared/telemetry/logger.ts';
import { fakeClock } from '../fakes/fake-clock.ts';

function logged(write: (log: ReturnType<typeof logger>) => void): readonly unknown[] {
  const lines: string[] = [];
  write(logger(fakeClock(), (line) => lines.push(line)));
  for (const line of lines) expect(line).toMatch(/^[^\n]*\n$/);
  return lines.map((line): unknown => JSON.parse(line));
}

const time = '2026-11-21T08:30:00.000Z';

describe('the logger', () => {
  it('writes one line of JSON for each event', () => {
    const lines = logged((log) => {
      log.info('connected', { connectionId: 'Ab1=', sockets: 2, known: true, reason: null });
      log.info('a text with\na line break', {});
    });
    expect(lines).toEqual([
      { level: 'info', event: 'connected', time, connectionId: 'Ab1=', sockets: 2, known: true, reason: null },
      { level: 'info', event: 'a text with\na line break', time },
    ]);
  });

  it('describes errors, with where they come from', () => {
    const error = new RangeError('too far');
    expect(
      logged((log) => {
        log.error('failed', { attempt: 1 }, error);
      }),
    ).toEqual([
      {
        level: 'error',
        event: 'failed',
        time,
        attempt: 1,
        error: { name: 'RangeError', message: 'too far', stack: error.stack },
      },
    ]);
    expect(
      logged((log) => {
        log.error('failed', {});
      }),
    ).toEqual([{ level: 'error', event: 'failed', time }]);
  });

  it('does not quote what was thrown without being an error', () => {
    const [line] = logged((log) => {
      log.error('failed', {}, { token: 'canary' });
    });
    expect(JSON.stringify(line)).not.toContain('canary');
    expect(line).toMatchObject({ error: { name: 'object' } });
  });

  it.each([
    'token',
    'authorization',
    'Authorization',
    'key',
    'apiKey',
    'idempotency_key',
    'x-api-key',
    'clientSecret',
    'body',
    'requestBody',
    'data',
  ])('redacts the field %s', (name) => {
    expect(
      logged((log) => {
        log.info('request', { [name]: 'canary' });
      }),
    ).toEqual([{ level: 'info', event: 'request', time, [name]: '[redacted]' }]);
  });

  it.each(['keyId', 'tokenExpiresAtMs', 'dataBytes', 'monkey'])('leaves the field %s', (name) => {
    expect(
      logged((log) => {
        log.info('request', { [name]: 'plain' });
      }),
    ).toEqual([{ level: 'info', event: 'request', time, [name]: 'plain' }]);
  });

  it('lets no field take the place of what every line has', () => {
    expect(
      logged((log) => {
        log.info('request', { level: 'x', event: 'x', time: 'x' });
      }),
    ).toEqual([{ level: 'info', event: 'request', time }]);
  });

  it('writes to the standard output unless told otherwise', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    logger(fakeClock()).info('started', {});
    expect(write.mock.calls).toEqual([[`{"level":"info","event":"started","time":"${time}"}\n`]]);
    write.mockRestore();
  });
});
