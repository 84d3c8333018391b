// Names that no other test uses, so that tests can share tables.
import { randomUUID } from 'node:crypto';

export function unique(what: string): string {
  return `${what}-${randomUUID()}`;
}
