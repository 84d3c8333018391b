// Allowed sources: CIDR blocks of both families, by the socket's address alone.
import { describe, expect, it } from 'vitest';
import { openSourceList } from '../../shared/system/source-list.ts';

const list = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'];

describe('the source list', () => {
  it.each([
    ['10.1.2.3', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['::ffff:10.1.2.3', true],
    ['::ffff:11.0.0.1', false],
    ['2001:db8:ffff::1', true],
    ['2001:db9::1', false],
    ['', false],
    ['10.1.2.3, 8.8.8.8', false],
    ['localhost', false],
  ])('%j allowed: %s', (address, allowed) => {
    expect(openSourceList(list).allows(address)).toBe(allowed);
  });

  it('allows everyone when it is empty', () => {
    expect(openSourceList([]).allows('203.0.113.9')).toBe(true);
  });

  it('/0 is everyone of its family', () => {
    const all = openSourceList(['0.0.0.0/0']);
    expect([all.allows('203.0.113.9'), all.allows('2001:db8::1')]).toEqual([true, false]);
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'example.com', '10.0.0.0/', '::/129', '10.0.0.0/8/8', '10.0.0.0/-1'])(
    '%j is refused',
    (entry) => {
      expect(() => openSourceList([entry])).toThrow('which is no CIDR block');
    },
  );
});
