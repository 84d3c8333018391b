// The bodies of the hotel's API: guests are numbers or names, and a refusal says so.
import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/protocol/failures.ts';
import { sendGuestTestBody } from '../../shared/protocol/hotel-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';

describe('a guest', () => {
  it.each([123, 0, -1, Number.MAX_SAFE_INTEGER, '123', 'guest-7', 'x'.repeat(128)])('may be %j', (guestId) => {
    expect(validate(sendGuestTestBody, { guestId }, 'body')).toEqual({ guestId });
  });

  it.each([
    [undefined, 'missing_field', 'guestId is missing', 'Send guestId as a number or a text.'],
    [null, 'invalid_field', 'guestId is null, expected a number or a text', 'Send guestId as a number or a text.'],
    [
      1.5,
      'invalid_field',
      'guestId is a number, expected a whole number or a text',
      'Send guestId as a whole number or a text.',
    ],
    [[1], 'invalid_field', 'guestId is a list, expected a number or a text', 'Send guestId as a number or a text.'],
    ['', 'invalid_field', 'guestId has 0 characters, at least 1 character needed', 'Send at least 1 character.'],
    [
      'x'.repeat(129),
      'invalid_field',
      'guestId has 129 characters, at most 128 characters allowed',
      'Send at most 128 characters.',
    ],
  ])('cannot be %j', (guestId, code, message, remedy) => {
    let refusal: unknown;
    try {
      validate(sendGuestTestBody, { guestId }, 'body');
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(Failure);
    expect(refusal).toMatchObject({ code, detail: { field: 'guestId', message, remedy } });
  });

  it('whose number is not exact is refused', () => {
    expect(() => validate(sendGuestTestBody, { guestId: 2 ** 60 }, 'body')).toThrow(Failure);
  });
});
