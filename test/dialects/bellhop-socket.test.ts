// Bellhop's own socket: frames go through as they are, and a client of the leads is known by its first frame.
import { describe, expect, it } from 'vitest';
import { readBellhop, writeBellhop } from '../../shared/dialects/bellhop-socket.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { connectionLimits } from '../../shared/protocol/limits.ts';
import type { ServerFrame } from '../../shared/protocol/server-frames.ts';

const timestamp = '2026-11-21T08:30:00.000Z';
const longestId = 'i'.repeat(connectionLimits.frameIdCharactersMax);

describe('a frame', () => {
  it.each([
    { type: 'authenticate', token: 't' },
    { type: 'acknowledge', topic: 'all', epoch: 'e', seq: 3 },
    { type: 'read', topic: 'all', epoch: 'e', upToSeq: 3 },
    { type: 'resume', positions: [{ topic: 'all', epoch: 'e', seq: 3 }] },
    { type: 'ping' },
    { type: 'join', room: 'work_order_7' },
    { type: 'leave', room: 'work_order_7' },
    { type: 'send', data: { text: 'hi' } },
    { type: 'typing', room: 'work_order_7', active: true },
  ])('$type is taken as it is, with its id', (frame) => {
    expect(readBellhop(JSON.stringify(frame))).toEqual({ dialect: 'bellhop', replyTo: undefined, frame });
    const withId = { ...frame, id: longestId };
    expect(readBellhop(JSON.stringify(withId))).toEqual({ dialect: 'bellhop', replyTo: longestId, frame: withId });
  });

  it.each([
    ['', 'invalid_json', 'frame', undefined],
    ['{"type":"ping"', 'invalid_json', 'frame', undefined],
    ['[]', 'invalid_field', 'frame', undefined],
    ['null', 'invalid_field', 'frame', undefined],
    ['{}', 'missing_field', 'type', undefined],
    ['{"id":"7"}', 'missing_field', 'type', '7'],
    ['{"id":7,"type":"ping"}', 'invalid_field', 'id', undefined],
    ['{"id":"","type":"ping"}', 'invalid_field', 'id', undefined],
    [`{"id":"${longestId}i","type":"ping"}`, 'invalid_field', 'id', undefined],
    ['{"id":"7","type":"shout"}', 'invalid_field', 'type', '7'],
    ['{"id":"7","type":"join"}', 'missing_field', 'room', '7'],
    ['{"id":"7","type":"ping","loud":true}', 'unknown_field', 'loud', '7'],
    ['{"id":"7","type":"send","event":"e","data":{}}', 'unknown_field', 'event', '7'],
    ['{"id":"7","type":"presence","status":"away"}', 'invalid_field', 'type', '7'],
    ['{"id":"7","type":"enter"}', 'invalid_field', 'type', '7'],
    ['{"id":"7","type":"ping","data":null}', 'unknown_field', 'data', '7'],
    ['{"id":"7","type":"ping","timestamp":5}', 'unknown_field', 'timestamp', '7'],
    ['{"id":"7","type":"authenticate","token":"t","timestamp":"now"}', 'unknown_field', 'timestamp', '7'],
    ['{"id":"7","type":"authenticate","token":"t","data":{"token":"t"}}', 'unknown_field', 'data', '7'],
  ])('%.70s is refused with its field, and with its id if it has one', (text, code, field, replyTo) => {
    const read = readBellhop(text);
    expect(read.frame).toBeInstanceOf(Failure);
    expect(read).toMatchObject({ dialect: 'bellhop', replyTo, frame: { code, detail: { field } } });
  });
});

describe('a frame of the leads', () => {
  it.each([
    [
      { type: 'authenticate', data: { token: 't' }, timestamp },
      { type: 'authenticate', token: 't' },
    ],
    [
      { type: 'subscribe', data: { events: ['lead_update'] } },
      { type: 'subscribe', events: ['lead_update'] },
    ],
    [{ type: 'ping', data: {}, timestamp }, { type: 'ping' }],
    [{ type: 'ping', timestamp }, { type: 'ping' }],
    [{ type: 'pong', data: {} }, { type: 'alive' }],
  ])('%j chooses that dialect', (sent, frame) => {
    expect(readBellhop(JSON.stringify(sent))).toMatchObject({ dialect: 'leads', replyTo: sent.type, frame });
  });

  it('that is wrong is refused in that dialect too', () => {
    expect(readBellhop('{"type":"authenticate","data":{}}')).toMatchObject({
      dialect: 'leads',
      replyTo: 'authenticate',
      frame: { code: 'missing_field', detail: { field: 'data.token' } },
    });
  });
});

describe('a frame of the server', () => {
  it('is JSON as it is', () => {
    const frame: ServerFrame = { type: 'left', room: 'r', topic: 'room:r', time: timestamp, replyTo: '7' };
    expect(writeBellhop(frame)).toEqual([JSON.stringify(frame)]);
  });

  it.each<ServerFrame>([
    { type: 'open', connectionId: 'c' },
    { type: 'heartbeat', time: timestamp },
    { type: 'selected', events: [], time: timestamp },
    { type: 'done', replyTo: '7' },
  ])('$type is for others', (frame) => {
    expect(writeBellhop(frame)).toEqual([]);
  });
});
