// The kept secret: decrypted, read seldom, changed without a deployment, and there when the Parameter Store is not.
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { sharedSecretLimits } from '../../shared/protocol/limits.ts';
import { secureParameter } from '../../shared/ssm/secure-parameter.ts';
import { fakeTelemetry } from '../fakes/fake-telemetry.ts';

const nowMs = Date.UTC(2026, 10, 21, 8, 30);
const name = '/bellhop/jwt-secret';
const { ageMaxMs, waitAfterFailureMs } = sharedSecretLimits;

/** A Parameter Store whose secret changes, and which can be down. What is parsed is put between brackets. */
function aStore(first: string | Error) {
  const ssm = mockClient(SSMClient);
  const hold = (value: string | Error): void => {
    const command = ssm.on(GetParameterCommand);
    if (value instanceof Error) command.rejects(value);
    else command.resolves({ Parameter: { Name: name, Type: 'SecureString', Value: value } });
  };
  const parse = (text: string): string => {
    if (text.length < 3) throw new Error('too short');
    return `[${text}]`;
  };
  const telemetry = fakeTelemetry();
  hold(first);
  return {
    read: secureParameter(ssm as unknown as SSMClient, name, parse, telemetry),
    hold,
    telemetry,
    calls: () => ssm.commandCalls(GetParameterCommand).map(({ args: [{ input }] }) => input),
  };
}

function gone(): ParameterNotFound {
  return new ParameterNotFound({ message: '', $metadata: {} });
}

describe('a parameter', () => {
  it('is not read before it is needed, and then decrypted', async () => {
    const { read, calls } = aStore('first');
    expect(calls()).toEqual([]);
    expect(await read(nowMs)).toBe('[first]');
    expect(calls()).toEqual([{ Name: name, WithDecryption: true }]);
  });

  it('is read once for many that come together, and not again for those that follow', async () => {
    const { read, calls } = aStore('first');
    const values = await Promise.all([1, 2, 3].map(async () => read(nowMs)));
    expect(values).toEqual(['[first]', '[first]', '[first]']);
    await read(nowMs + ageMaxMs - 1);
    expect(calls()).toHaveLength(1);
  });

  it('is in force within minutes after it was changed', async () => {
    const { read, hold, calls } = aStore('first');
    await read(nowMs);
    hold('second');
    expect(await read(nowMs + ageMaxMs - 1)).toBe('[first]');
    expect(await read(nowMs + ageMaxMs)).toBe('[second]');
    expect(await read(nowMs + 2 * ageMaxMs - 1)).toBe('[second]');
    expect(calls()).toHaveLength(2);
  });

  it.each([
    ['cannot be read', new Error('down')],
    ['holds what cannot be used', 'x'],
    ['holds nothing', ''],
  ])('keeps its old value while it %s, asks once a second, and says so in the log', async (_, value) => {
    const { read, hold, calls, telemetry } = aStore('first');
    await read(nowMs);
    hold(value);
    for (const afterMs of [0, 1, waitAfterFailureMs - 1]) {
      expect(await read(nowMs + ageMaxMs + afterMs)).toBe('[first]');
    }
    expect(calls()).toHaveLength(2);
    expect(telemetry.lines).toMatchObject([
      { level: 'error', event: 'parameter_not_usable', fields: { parameter: name, keptOld: true } },
    ]);
    hold('second');
    expect(await read(nowMs + ageMaxMs + waitAfterFailureMs)).toBe('[second]');
  });

  it('loses its value when it is gone', async () => {
    const { read, hold, telemetry } = aStore('first');
    await read(nowMs);
    hold(gone());
    await expect(read(nowMs + ageMaxMs)).rejects.toMatchObject({ code: 'unavailable' });
    expect(telemetry.lines).toMatchObject([{ fields: { keptOld: false } }]);
  });

  it.each([
    ['is not there', gone()],
    ['cannot be read', new Error('down')],
    ['holds what cannot be used', 'x'],
  ])('is unavailable from the start when it %s, without a word about why', async (_, value) => {
    const { read, hold, calls, telemetry } = aStore(value);
    const unavailable = {
      code: 'unavailable',
      detail: {
        message: 'tokens of this kind cannot be checked at the moment',
        remedy: 'Try again in a moment.',
        retryAfterSeconds: 1,
      },
    };
    await expect(read(nowMs)).rejects.toMatchObject(unavailable);
    await expect(read(nowMs + waitAfterFailureMs - 1)).rejects.toMatchObject(unavailable);
    expect(calls()).toHaveLength(1);
    expect(telemetry.lines).toHaveLength(1);
    hold('first');
    expect(await read(nowMs + waitAfterFailureMs)).toBe('[first]');
  });
});
