// JSON that comes from outside: parsed only when every later step can carry, store and serialise it again.
import { Failure } from './failures.ts';

/** Keys that change an object's prototype when it is merged or assigned somewhere downstream. */
const dangerousKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Parses text to JSON. Refused with `Failure`, naming the place: broken JSON, nesting deeper than `depthMax`,
 * prototype keys, numbers that become Infinity, half surrogate pairs. `JSON.parse` takes 64,000 nested arrays but
 * `JSON.stringify` of the result overflows the stack at some 3,000, so depth is measured on the text, before parsing.
 *
 * @param what how the text is called in refusals: `body`, `frame`.
 */
export function parseJson(text: string, what: string, depthMax: number): unknown {
  if (text.trim() === '') {
    throw new Failure('invalid_json', {
      message: `the ${what} is empty`,
      field: what,
      remedy: 'Send one JSON object.',
    });
  }
  const depth = nestingDepth(text);
  if (depth > depthMax) {
    throw new Failure('invalid_json', {
      message: `the ${what} is nested ${String(depth)} levels deep, at most ${String(depthMax)} are allowed`,
      field: what,
      remedy: `Flatten the data to ${String(depthMax)} levels or fewer.`,
    });
  }
  const value = parse(text, what);
  const problem = findProblem(value, '');
  if (problem !== null) {
    throw new Failure('invalid_json', { message: problem.message, field: problem.field, remedy: problem.remedy });
  }
  return value;
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The engine's message may quote the text; only the position is passed on.
    const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    const place = position === undefined ? '' : ` (at character ${position})`;
    throw new Failure('invalid_json', {
      message: `the ${what} is not valid JSON${place}`,
      field: what,
      remedy: 'Send one JSON object, with double quotes and without trailing commas.',
    });
  }
}

/** The deepest nesting of arrays and objects in JSON text, without parsing it. */
export function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}

interface Problem {
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

function findProblem(value: unknown, path: string): Problem | null {
  if (typeof value === 'string') return textProblem(value, path);
  if (typeof value === 'number') return numberProblem(value, path);
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      const problem = findProblem(element, `${path}[${String(index)}]`);
      if (problem !== null) return problem;
    }
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const field = path === '' ? key : `${path}.${key}`;
    const problem = keyProblem(key, field) ?? findProblem(member, field);
    if (problem !== null) return problem;
  }
  return null;
}

function keyProblem(key: string, field: string): Problem | null {
  if (dangerousKeys.has(key)) {
    return { field, message: `the field name ${field} is not allowed`, remedy: 'Use another field name.' };
  }
  return textProblem(key, field);
}

function textProblem(text: string, field: string): Problem | null {
  if (text.isWellFormed()) return null;
  return {
    field: field.toWellFormed(),
    message: `${field.toWellFormed()} holds half a surrogate pair, which UTF-8 cannot carry`,
    remedy: 'Send well-formed Unicode; do not cut text in the middle of a character.',
  };
}

function numberProblem(number: number, field: string): Problem | null {
  if (Number.isFinite(number)) return null;
  return {
    field,
    message: `${field} is a number too large for JSON to carry back`,
    remedy: 'Send very large numbers as text.',
  };
}
