// The mark of an inbox: what is written is read again, and nothing else is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInboxMark, writeInboxMark } from '../../shared/protocol/inbox-mark.ts';
import { connectionLimits } from '../../shared/protocol/limits.ts';

// As names and epochs are: not empty, and Unicode without half surrogate pairs.
const name = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const place = fc.record({ topic: name, epoch: name, seq: fc.maxSafeNat() });
const places = fc.array(place, { maxLength: connectionLimits.positionsMax });

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

describe('a mark', () => {
  it('is read as it was written, and needs no encoding in an address', () => {
    fc.assert(
      fc.property(places, (positions) => {
        const mark = writeInboxMark(positions);
        expect(mark).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(readInboxMark(mark)).toEqual(positions);
      }),
    );
  });

  it('stays what it is: clients keep it', () => {
    const positions = [{ topic: 'user:ü?', epoch: 'e1', seq: 7 }];
    const mark = 'W3sidG9waWMiOiJ1c2VyOsO8PyIsImVwb2NoIjoiZTEiLCJzZXEiOjd9XQ';
    expect(writeInboxMark(positions)).toBe(mark);
    expect(readInboxMark(mark)).toEqual(positions);
    expect(readInboxMark('W10')).toEqual([]);
  });
});

describe('what is no mark', () => {
  const refused = expect.objectContaining({
    code: 'invalid_field',
    detail: expect.objectContaining({ field: 'query after' }) as object,
  }) as Error;

  it.each([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['a character beyond Latin-1', '\u20ac'],
    ['no JSON', base64url('[')],
    ['no list', base64url('{"topic":"all","epoch":"e1","seq":1}')],
    ['a number', base64url('7')],
    ['a place without an epoch', base64url('[{"topic":"all","seq":1}]')],
    ['a place without a topic', base64url('[{"topic":"","epoch":"e1","seq":1}]')],
    ['a place before the first', base64url('[{"topic":"all","epoch":"e1","seq":-1}]')],
    ['half a place', base64url('[{"topic":"all","epoch":"e1","seq":1.5}]')],
    ['a place that no number can hold', base64url('[{"topic":"all","epoch":"e1","seq":1e400}]')],
    ['a place with a field too many', base64url('[{"topic":"all","epoch":"e1","seq":1,"user":"b"}]')],
    ['a prototype', base64url('[{"topic":"all","epoch":"e1","seq":1,"__proto__":{}}]')],
    ['nested 10,000 deep', base64url('['.repeat(10_000) + ']'.repeat(10_000))],
    [
      'more places than topics and rooms',
      base64url(JSON.stringify(Array.from({ length: 101 }, () => ({ topic: 'all', epoch: 'e1', seq: 1 })))),
    ],
  ])('because it is %s is refused', (_, mark) => {
    expect(() => readInboxMark(mark)).toThrow(refused);
  });

  it('is refused whatever it is, and its contents are not repeated', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.jsonValue().map((value) => base64url(JSON.stringify(value))),
    );
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(!/^W1\s*0=*$/.test(text.trim()) && text !== base64url('[]'));
        expect(() => readInboxMark(text)).toThrow(refused);
      }),
    );
    expect(() => readInboxMark(base64url('{"canary":4711}'))).not.toThrow(/canary|4711/);
  });
});
