// How many entries a page shall have, as the query of a request says it.
import { Failure } from '../protocol/failures.ts';

export function parseLimit(text: string | undefined, byDefault: number, max: number): number {
  if (text === undefined) return byDefault;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= max) return limit;
  throw new Failure('invalid_field', {
    message: `limit is not a whole number from 1 to ${String(max)}`,
    field: 'query limit',
    remedy: `Send limit=${String(byDefault)}.`,
  });
}
