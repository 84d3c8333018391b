// Texts in paths: taken as they are, or refused by the name of the parameter.
import { describe, expect, it } from 'vitest';
import { pathText } from '../../shared/protocol/path-text.ts';

describe('a text in the path', () => {
  it.each([['a'], ['abcde'], ['a/b c'], ['ü €'], [' ']])('%j is taken as it is', (text) => {
    expect(pathText({ id: text, other: 'x' }, 'id', 5)).toBe(text);
  });

  it.each([
    ['that is missing', undefined, 'id is empty'],
    ['that is empty', '', 'id is empty'],
    ['that is too long', 'abcdef', 'id has 6 characters, at most 5 are allowed'],
    ['with half a character', 'a\ud83d', 'id holds half a surrogate pair'],
  ])('%s is refused by its name and with what was measured', (_, text, message) => {
    const detail = { field: 'path id', message, remedy: 'Put 1 to 5 characters into the path, percent-encoded.' };
    expect(() => pathText({ id: text }, 'id', 5)).toThrow(expect.objectContaining({ code: 'invalid_field', detail }));
  });
});
