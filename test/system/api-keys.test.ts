// API keys: known by digest, several at once, each bound to its tenant.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openApiKeys } from '../../shared/system/api-keys.ts';

const digest = (key: string): string => createHash('sha256').update(key).digest('hex');

describe('the live keys', () => {
  const keys = openApiKeys([digest('old'), digest('new'), `acme:${digest('acme-key')}`, `a:b:${digest('odd')}`]);

  it.each([
    ['old', 'default'],
    ['new', 'default'],
    ['acme-key', 'acme'],
    ['odd', 'a:b'],
  ])('%s is one of tenant %s', (key, tenant) => {
    expect(keys.find(key)).toEqual({ tenant, keyId: digest(key).slice(0, 8) });
  });

  it.each(['', 'ol', 'old ', 'OLD', digest('old')])('%j is none', (key) => {
    expect(keys.find(key)).toBeNull();
  });

  it.each(['plain-key', `${digest('k')}0`, `:${digest('k')}`])(
    'a setting with %j is refused without repeating it',
    (entry) => {
      expect(() => openApiKeys([entry])).toThrow('neither sha256-hex nor tenant:sha256-hex');
    },
  );
});
