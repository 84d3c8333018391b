// The events that the system makes of who is there and who says what.
import { expect, it } from 'vitest';
import { messageEvent, presenceEvents, typingEvent } from '../../shared/domain/presence.ts';
import { nameLimits } from '../../shared/protocol/limits.ts';

const events = [...Object.values(presenceEvents), typingEvent, messageEvent];

it('clients are written against these names', () => {
  expect(presenceEvents).toEqual({ came: 'presence:online', left: 'presence:offline', changed: 'presence:status' });
  expect([typingEvent, messageEvent]).toEqual(['typing', 'message']);
});

it('each event has a name of its own, which fits', () => {
  expect(new Set(events).size).toBe(events.length);
  for (const event of events) expect(event.length).toBeLessThanOrEqual(nameLimits.eventCharactersMax);
});
