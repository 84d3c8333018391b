// One line of a brief that must hold: what is printed there, and how it is tried.
import type { Site } from './site.ts';

export const briefs = ['contractors', 'hotel', 'repair-shop', 'leads', 'support-desk'] as const;
export type Brief = (typeof briefs)[number];

export interface Row {
  readonly brief: Brief;
  /** The curl, frame, answer or sentence, in the brief's words. */
  readonly what: string;
  /** Throws when it does not hold. Rows run one after the other, in any number of repetitions, and share the site. */
  readonly run: (site: Site) => Promise<void>;
}
