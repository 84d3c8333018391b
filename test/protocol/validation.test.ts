// Refusals by schema: each names the field and the remedy.
import { describe, expect, it } from 'vitest';
import { clientFrame } from '../../shared/protocol/client-frames.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { contractorBroadcastBody } from '../../shared/protocol/http-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';

function refusalOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a body', () => {
  const good = { eventType: 'task:new', taskData: { id: 't' } };

  it('passes when it is right', () => {
    expect(validate(contractorBroadcastBody, good, 'body')).toEqual(good);
  });

  it.each([
    [[], 'invalid_field', 'body', 'the body is a list, expected an object'],
    [null, 'invalid_field', 'body', 'the body is null, expected an object'],
    [{}, 'missing_field', 'eventType', 'eventType is missing'],
    [
      { ...good, eventType: 'task:gone' },
      'invalid_field',
      'eventType',
      'eventType is not one of "task:new", "task:assigned", "notification:system"',
    ],
    [
      { ...good, contractorIds: 'contractor1' },
      'invalid_field',
      'contractorIds',
      'contractorIds is a text, expected a list',
    ],
    [
      { ...good, contractorIds: { 0: 'a' } },
      'invalid_field',
      'contractorIds',
      'contractorIds is an object, expected a list',
    ],
    [
      { ...good, contractorIds: [] },
      'invalid_field',
      'contractorIds',
      'contractorIds has 0 entries, at least 1 entry needed',
    ],
    [
      { ...good, contractorIds: ['a', 7] },
      'invalid_field',
      'contractorIds[1]',
      'contractorIds[1] is a number, expected a text',
    ],
    [
      { ...good, contractorIds: [''] },
      'invalid_field',
      'contractorIds[0]',
      'contractorIds[0] has 0 characters, at least 1 character needed',
    ],
    [
      { ...good, contractorIds: Array<string>(1_001).fill('a') },
      'invalid_field',
      'contractorIds',
      'contractorIds has 1001 entries, at most 1000 entries allowed',
    ],
    [{ ...good, taskData: [1] }, 'invalid_field', 'taskData', 'taskData is a list, expected an object'],
    [{ ...good, contractorID: 'a' }, 'unknown_field', 'contractorID', 'contractorID is not known here'],
  ])('%j', (body, code, field, message) => {
    const failure = refusalOf(() => validate(contractorBroadcastBody, body, 'body'));
    expect({ code: failure.code, field: failure.detail.field, message: failure.detail.message }).toEqual({
      code,
      field,
      message,
    });
    expect(failure.detail.remedy).not.toBe('');
  });
});

describe('a frame', () => {
  it.each([
    [{ type: 'ping', id: 'p1' }],
    [{ type: 'acknowledge', topic: 'all', epoch: 'e', seq: 3 }],
    [{ type: 'resume', positions: [{ topic: 'all', epoch: 'e', seq: 0 }] }],
    [{ type: 'read', topic: 'all', epoch: 'e', seqs: [1, 2] }],
    [{ type: 'authenticate', id: 'a1', token: 't' }],
    [{ type: 'join', id: 'j1', room: 'work_order_7' }],
    [{ type: 'leave', room: 'work_order_7' }],
    [{ type: 'send', room: 'work_order_7', data: { text: 'On my way', at: [1, 2] } }],
    [{ type: 'send', data: {} }],
    [{ type: 'typing', room: 'r'.repeat(128), active: false }],
    [{ type: 'read', topic: 'all', epoch: 'e', upToSeq: 2, seqs: [4] }],
    [{ type: 'read', topic: 'all', epoch: 'e', seqs: Array.from({ length: 100 }, (_, index) => index) }],
    [{ type: 'resume', positions: Array.from({ length: 100 }, () => ({ topic: 'all', epoch: 'e', seq: 0 })) }],
  ])('%j passes', (frame) => {
    expect(validate(clientFrame, frame, 'frame')).toEqual(frame);
  });

  it.each([
    [
      { type: 'shout' },
      'type',
      'type is not one of "authenticate", "acknowledge", "read", "resume", "ping", "join", "leave", "send", "typing"',
    ],
    [{}, 'type', 'type is missing'],
    [{ type: 'acknowledge', topic: 'all', epoch: 'e', seq: -1 }, 'seq', 'seq is -1, at least 0 needed'],
    [{ type: 'acknowledge', topic: 'all', epoch: 'e', seq: 1.5 }, 'seq', 'seq is a number, expected a whole number'],
    [{ type: 'join' }, 'room', 'room is missing'],
    [{ type: 'join', room: '' }, 'room', 'room has 0 characters, at least 1 character needed'],
    [{ type: 'leave', room: 'r'.repeat(129) }, 'room', 'room has 129 characters, at most 128 characters allowed'],
    [{ type: 'send', room: 'r' }, 'data', 'data is missing'],
    [{ type: 'send', data: [] }, 'data', 'data is a list, expected an object'],
    [{ type: 'typing', room: 'r' }, 'active', 'active is missing'],
    [{ type: 'typing', room: 'r', active: 'yes' }, 'active', 'active is a text, expected true or false'],
    [{ type: 'ping', id: 7 }, 'id', 'id is a number, expected a text'],
    [{ type: 'read', topic: 'all', epoch: 'e', seqs: [] }, 'seqs', 'seqs has 0 entries, at least 1 entry needed'],
    [{ type: 'read', topic: 'all', epoch: 'e', seqs: [1, -1] }, 'seqs[1]', 'seqs[1] is -1, at least 0 needed'],
    [
      { type: 'read', topic: 'all', epoch: '', upToSeq: 1 },
      'epoch',
      'epoch has 0 characters, at least 1 character needed',
    ],
    [
      { type: 'read', topic: 'all', epoch: 'e', seqs: Array<number>(101).fill(1) },
      'seqs',
      'seqs has 101 entries, at most 100 entries allowed',
    ],
    [
      { type: 'resume', positions: Array.from({ length: 101 }, () => ({ topic: 'all', epoch: 'e', seq: 0 })) },
      'positions',
      'positions has 101 entries, at most 100 entries allowed',
    ],
    [{ type: 'resume', positions: [] }, 'positions', 'positions has 0 entries, at least 1 entry needed'],
    [{ type: 'resume', positions: [{ topic: 'all', epoch: 'e' }] }, 'positions[0].seq', 'positions[0].seq is missing'],
    [
      { type: 'resume', positions: [{ topic: 'all', epoch: 'e', seq: 2 ** 60 }] },
      'positions[0].seq',
      expect.stringContaining('positions[0].seq') as string,
    ],
  ])('%j is refused', (frame, field, message) => {
    const failure = refusalOf(() => validate(clientFrame, frame, 'frame'));
    expect({ field: failure.detail.field, message: failure.detail.message }).toEqual({ field, message });
  });
});
