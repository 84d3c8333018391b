// The mark with which a polling client goes on where it was: its positions, as text that fits into an address.
import * as z from 'zod/mini';
import type { TopicPosition } from './client-frames.ts';
import { position } from './client-frames.ts';
import { Failure } from './failures.ts';
import { parseJson } from './json.ts';
import { connectionLimits, requestLimits } from './limits.ts';

const positions = z.array(position).check(z.maxLength(connectionLimits.positionsMax));

export function writeInboxMark(marked: readonly TopicPosition[]): string {
  const binary = Array.from(new TextEncoder().encode(JSON.stringify(marked)), (byte) => String.fromCharCode(byte));
  return btoa(binary.join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Throws `invalid_field` for anything that `writeInboxMark` has not written. */
export function readInboxMark(mark: string): readonly TopicPosition[] {
  try {
    const binary = atob(mark.replaceAll('-', '+').replaceAll('_', '/'));
    const text = new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
    return z.parse(positions, parseJson(text, 'mark', requestLimits.jsonDepthMax));
  } catch {
    throw new Failure('invalid_field', {
      message: 'after is not a mark of this inbox',
      field: 'query after',
      remedy: 'Send the next of the answer before, or leave after out to begin with what is not acknowledged.',
    });
  }
}
