// Bellhop's own socket: frames as they are. At the same door come clients of the leads, known by their first frame.
import { isLeadsFrame, readLeadsFrame } from './leads-socket.ts';
import { frameId, jsonFrame, refused, spoken } from './spoken.ts';
import type { Spoken } from '../ports.ts';
import { clientFrame } from '../protocol/client-frames.ts';
import { Failure } from '../protocol/failures.ts';
import type { ServerFrame } from '../protocol/server-frames.ts';
import { validate } from '../protocol/validation.ts';

export function readBellhop(text: string): Spoken {
  const value = jsonFrame(text);
  if (value instanceof Failure) return refused('bellhop', undefined, value);
  if (isLeadsFrame(value)) return readLeadsFrame(value);
  return spoken('bellhop', frameId(value), () => validate(clientFrame, value, 'frame'));
}

export function writeBellhop(frame: ServerFrame): readonly string[] {
  switch (frame.type) {
    case 'connected':
    case 'notification':
    case 'skipped':
    case 'reset':
    case 'resumed':
    case 'pong':
    case 'unread':
    case 'joined':
    case 'left':
    case 'sent':
    case 'refreshed':
    case 'error':
      return [JSON.stringify(frame)];
    case 'open':
    case 'heartbeat':
    case 'selected':
    case 'done':
      return [];
  }
}
