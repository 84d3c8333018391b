// Presence: whether a user is there, as all connections together say.

export interface Presence {
  readonly state: 'online' | 'offline';
  /** How many connections have come in all: whoever looks at the connections and then writes must find it unchanged. */
  readonly arrivals: number;
  /** Since when the state is as it is. */
  readonly sinceMs: number;
  /** What the user says besides: `away`, `busy`; absent when nothing. */
  readonly status?: string;
}

/** The events that tell others; every dialect has its own words for them. */
export const presenceEvents = {
  came: 'presence:online',
  left: 'presence:offline',
  changed: 'presence:status',
} as const;
export const typingEvent = 'typing';
/** What one user says to others. Clients cannot send any other event. */
export const messageEvent = 'message';
