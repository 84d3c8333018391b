// JSON from outside: what passes can be serialised again, and what does not is refused with its place.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nestingDepth, parseJson } from '../../shared/protocol/json.ts';

const depthMax = 32;
const parse = (text: string): unknown => parseJson(text, 'body', depthMax);

describe('JSON from outside', () => {
  it.each([
    ['', 'the body is empty'],
    ['  \n', 'the body is empty'],
    ['{"a":', 'the body is not valid JSON'],
    ["{'a':1}", 'the body is not valid JSON'],
    ['undefined', 'the body is not valid JSON'],
    ['['.repeat(10_000) + ']'.repeat(10_000), 'the body is nested 10000 levels deep, at most 32 are allowed'],
    ['{"a":{"__proto__":{"admin":true}}}', 'the field name a.__proto__ is not allowed'],
    ['{"a":[{"constructor":1}]}', 'the field name a[0].constructor is not allowed'],
    ['{"prototype":1}', 'the field name prototype is not allowed'],
    ['{"a":{"b":1e400}}', 'a.b is a number too large for JSON to carry back'],
    ['{"a":"\\ud800"}', 'a holds half a surrogate pair, which UTF-8 cannot carry'],
    ['{"\\udc00":1}', '\ufffd holds half a surrogate pair, which UTF-8 cannot carry'],
  ])('%.40s is refused', (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'invalid_json',
        detail: expect.objectContaining({ message: expect.stringContaining(message) as string }) as object,
      }),
    );
  });

  it('never quotes the text in a refusal', () => {
    expect(() => parse('{"password":"canary-4711" oops}')).not.toThrow(/canary/);
  });

  it('passes every JSON value that is within the depth, unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 10 }), (value) => {
        const text = JSON.stringify({ value });
        fc.pre(!/__proto__|constructor|prototype/.test(text));
        expect(JSON.stringify(parse(text))).toBe(text);
      }),
    );
  });

  it('measures depth as the parser sees it, also around strings', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        expect(nestingDepth(JSON.stringify(value))).toBe(depthOf(value));
      }),
    );
    expect(nestingDepth('{"a":"[[[\\"[[["}')).toBe(1);
  });
});
