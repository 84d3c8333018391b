// SHA-256, for fingerprints of requests.
import { createHash } from 'node:crypto';
import type { Digest } from '../ports.ts';

export const digest: Digest = {
  sha256Hex: (text) => createHash('sha256').update(text).digest('hex'),
};
