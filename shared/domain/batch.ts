// Batches: several broadcasts in one request, which are refused together and named by their place.
import { Failure } from '../protocol/failures.ts';

/** What a place of the batch holds; a refusal names the place, such as `broadcasts[3].taskData`. */
export function inPlace<Made>(index: number, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { field } = error.detail;
    const place = `broadcasts[${String(index)}]`;
    const path = field === undefined || field === 'body' ? place : `${place}.${field}`;
    throw new Failure(error.code, { ...error.detail, message: `in ${place}, ${error.detail.message}`, field: path });
  }
}

/** The time of a ULID, and as many characters of a hash as it has of chance. */
const timeCharacters = 10;
const hashCharacters = 16;

/**
 * The id of one broadcast of a batch: the same each time, so that one claim of an idempotency key stands for all of them.
 * It sorts by time like the batch's own id, and hexadecimal digits are digits of a ULID.
 */
export function idInBatch(batchId: string, index: number, sha256Hex: (text: string) => string): string {
  const hash = sha256Hex(`${batchId}#${String(index)}`)
    .slice(0, hashCharacters)
    .toUpperCase();
  return batchId.slice(0, timeCharacters) + hash;
}
