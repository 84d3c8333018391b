// Socket.IO packets: as in the recorded sessions, and each malformed one refused with its place and a remedy.
import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/protocol/failures.ts';
import { requestLimits, socketIoLimits } from '../../shared/protocol/limits.ts';
import type { SocketIoPacket } from '../../shared/socketio/packets.ts';
import {
  ackPacket,
  connectErrorPacket,
  connectPacket,
  decodePacket,
  disconnectPacket,
  eventPacket,
  isReservedEvent,
} from '../../shared/socketio/packets.ts';

const { namespaceCharactersMax, ackIdMax } = socketIoLimits;
const { jsonDepthMax } = requestLimits;
const longest = `/${'n'.repeat(namespaceCharactersMax - 1)}`;
const reserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'];

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

function refusalOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a packet', () => {
  it.each<readonly [string, SocketIoPacket]>([
    ['0', { kind: 'connect', namespace: '/', auth: undefined }],
    ['0{"token":"good"}', { kind: 'connect', namespace: '/', auth: { token: 'good' } }],
    ['0{"pid":"p","offset":"o"}', { kind: 'connect', namespace: '/', auth: { pid: 'p', offset: 'o' } }],
    ['0/admin,', { kind: 'connect', namespace: '/admin', auth: undefined }],
    ['0/admin', { kind: 'connect', namespace: '/admin', auth: undefined }],
    ['0/,', { kind: 'connect', namespace: '/', auth: undefined }],
    ['0/admin,{"token":"a,b"}', { kind: 'connect', namespace: '/admin', auth: { token: 'a,b' } }],
    [`0${longest},`, { kind: 'connect', namespace: longest, auth: undefined }],
    ['1', { kind: 'disconnect', namespace: '/' }],
    ['1/admin,', { kind: 'disconnect', namespace: '/admin' }],
    ['2["hello",{"x":1,"u":"é☃"}]', event('/', undefined, 'hello', [{ x: 1, u: 'é☃' }])],
    ['2["askme"]', event('/', undefined, 'askme', [])],
    ['2[""]', event('/', undefined, '', [])],
    ['20["sum",2,3]', event('/', 0, 'sum', [2, 3])],
    ['2007["sum"]', event('/', 7, 'sum', [])],
    ['2/admin,456["a",null]', event('/admin', 456, 'a', [null])],
    ['2/a/b?c=1,["e"]', event('/a/b?c=1', undefined, 'e', [])],
    [`2${String(ackIdMax)}["e"]`, event('/', ackIdMax, 'e', [])],
    ['30[5]', { kind: 'ack', namespace: '/', id: 0, args: [5] }],
    ['31["life? 42"]', { kind: 'ack', namespace: '/', id: 1, args: ['life? 42'] }],
    ['3/admin,12[]', { kind: 'ack', namespace: '/admin', id: 12, args: [] }],
    ['4{"message":"no"}', { kind: 'connect_error', namespace: '/' }],
    ['4/admin,"no"', { kind: 'connect_error', namespace: '/admin' }],
    ['51-["file",{"_placeholder":true,"num":0}]', { kind: 'binary', namespace: '/' }],
    ['51-0["file",{"_placeholder":true,"num":0}]', { kind: 'binary', namespace: '/' }],
    ['62-/admin,3[{"_placeholder":true,"num":0}]', { kind: 'binary', namespace: '/admin' }],
    [`2["e",${nested(jsonDepthMax - 1)}]`, event('/', undefined, 'e', [JSON.parse(nested(jsonDepthMax - 1))])],
  ])('%.60j is read', (text, expected) => {
    expect(decodePacket(text)).toEqual(expected);
  });

  it.each([
    ['', 'bad_request', 'packet', 'the packet is empty'],
    ['7', 'bad_request', 'packet', 'the packet is of the unknown type "7"'],
    [' ', 'bad_request', 'packet', 'the packet is of the unknown type " "'],
    ['\ud800', 'bad_request', 'packet', 'the packet is of the unknown type "\\ud800"'],
    ['{"type":"ping"}', 'bad_request', 'packet', 'the packet is of the unknown type "{"'],
    [`0${longest}n,`, 'invalid_field', 'namespace', 'the namespace has 129 characters, at most 128 allowed'],
    ['0/\ud800,', 'invalid_field', 'namespace', 'the namespace holds half a surrogate pair'],
    ['05{}', 'invalid_field', 'id', 'a connect packet has no ack id, this one has 5'],
    ['0[]', 'invalid_field', 'auth', 'the auth of the connect packet is not an object'],
    ['0null', 'invalid_field', 'auth', 'the auth of the connect packet is not an object'],
    ['0"token"', 'invalid_field', 'auth', 'the auth of the connect packet is not an object'],
    ['0 {"token":"good"}', 'invalid_field', 'auth', 'the auth of the connect packet is not an object'],
    ['0admin,', 'invalid_field', 'auth', 'the auth of the connect packet is not an object'],
    ['0{"token":', 'invalid_json', 'auth', 'the auth is not valid JSON'],
    ['0{}x', 'invalid_json', 'auth', 'the auth is not valid JSON'],
    ['0{"__proto__":{"admin":true}}', 'invalid_json', '__proto__', 'the field name __proto__ is not allowed'],
    ['1{}', 'invalid_field', 'packet', 'a disconnect packet carries nothing but a namespace'],
    ['1/admin,0', 'invalid_field', 'id', 'a disconnect packet has no ack id, this one has 0'],
    ['2', 'missing_field', 'packet', 'an event without a list'],
    ['20', 'missing_field', 'packet', 'an event without a list'],
    ['2/admin["e"]', 'missing_field', 'packet', 'an event without a list'],
    ['2{"event":"e"}', 'invalid_field', 'packet', 'an event whose payload is not a list'],
    ['2 ["e"]', 'invalid_field', 'packet', 'an event whose payload is not a list'],
    ['2-1["e"]', 'invalid_field', 'packet', 'an event whose payload is not a list'],
    ['21.5["e"]', 'invalid_field', 'packet', 'an event whose payload is not a list'],
    ['2[]', 'missing_field', 'event', 'the event has no name'],
    ['2[5,"e"]', 'invalid_field', 'event', 'the name of the event is not a text'],
    ['2[null]', 'invalid_field', 'event', 'the name of the event is not a text'],
    ...reserved.map((name) => [
      `2["${name}"]`,
      'invalid_field',
      'event',
      `the event name ${name} is reserved by Socket.IO`,
    ]),
    ['2["e"', 'invalid_json', 'packet', 'the packet is not valid JSON'],
    ['2["e",{"constructor":1}]', 'invalid_json', '[1].constructor', 'the field name [1].constructor is not allowed'],
    ['2["e","\\ud800"]', 'invalid_json', '[1]', '[1] holds half a surrogate pair'],
    [`2["e",${nested(jsonDepthMax)}]`, 'invalid_json', 'packet', 'the packet is nested 33 levels deep'],
    ['29007199254740992["e"]', 'invalid_field', 'id', 'the ack id has 16 digits and is too large'],
    [`2${'9'.repeat(400)}["e"]`, 'invalid_field', 'id', 'the ack id has 400 digits and is too large'],
    ['3[]', 'missing_field', 'id', 'the ack has no id'],
    ['30', 'missing_field', 'packet', 'an ack without a list'],
    ['30{}', 'invalid_field', 'packet', 'an ack whose payload is not a list'],
    ['5', 'bad_request', 'packet', 'the binary packet does not say how many attachments it has'],
    ['5["file"]', 'bad_request', 'packet', 'the binary packet does not say how many attachments it has'],
    ['6-0[]', 'bad_request', 'packet', 'the binary packet does not say how many attachments it has'],
  ])('%.40j is refused: %s, %s', (text, code, field, message) => {
    const failure = refusalOf(() => decodePacket(text));
    expect(failure.code).toBe(code);
    expect(failure.detail.field).toBe(field);
    expect(failure.detail.message).toContain(message);
    expect(failure.detail.remedy).toMatch(/\.$/);
  });

  it.each(['0"canary"', '0{"token":"canary', '1"canary"', '2"canary"', '2[{"canary":1}]', '30"canary"', '5canary'])(
    'of which something is secret is not quoted: %j',
    (text) => {
      expect(JSON.stringify(refusalOf(() => decodePacket(text)).detail)).not.toContain('canary');
    },
  );
});

function event(namespace: string, id: number | undefined, name: string, args: readonly unknown[]): SocketIoPacket {
  return { kind: 'event', namespace, id, event: name, args };
}

describe('what the server sends', () => {
  it.each([
    [connectPacket('/', { sid: 'SBoUE' }), '40{"sid":"SBoUE"}'],
    [connectPacket('/', { sid: 'FkLN8', pid: 'mFkNk' }), '40{"sid":"FkLN8","pid":"mFkNk"}'],
    [connectPacket('/admin', { sid: 'SBoUE' }), '40/admin,{"sid":"SBoUE"}'],
    [
      connectErrorPacket('/', { message: 'not authorized', data: { code: 1 } }),
      '44{"message":"not authorized","data":{"code":1}}',
    ],
    [connectErrorPacket('/admin', { message: 'no' }), '44/admin,{"message":"no"}'],
    [connectErrorPacket('/', { message: 'no', data: undefined }), '44{"message":"no"}'],
    [eventPacket('welcome', [{ sid: 'S' }], { namespace: '/' }), '42["welcome",{"sid":"S"}]'],
    [eventPacket('question', ['life?'], { namespace: '/', id: 1 }), '421["question","life?"]'],
    [eventPacket('e', [], { namespace: '/admin', id: 0 }), '42/admin,0["e"]'],
    [eventPacket('e', [undefined], { namespace: '/', id: undefined }), '42["e",null]'],
    [ackPacket(0, [5], '/'), '430[5]'],
    [ackPacket(12, [], '/admin'), '43/admin,12[]'],
    [disconnectPacket('/'), '41'],
    [disconnectPacket('/admin'), '41/admin,'],
  ])('%j', (frame, expected) => {
    expect(frame).toBe(expected);
  });

  it.each(reserved)('is never the event %s, at which a client drops the connection', (name) => {
    const failure = refusalOf(() => eventPacket(name, [], { namespace: '/' }));
    expect(failure.code).toBe('invalid_field');
    expect(failure.detail.field).toBe('event');
    expect(isReservedEvent(name)).toBe(true);
    expect(isReservedEvent(name.toUpperCase())).toBe(false);
  });

  it.each(['', 'admin', ' /admin', '/a,b', '/,', ',/'])(
    'has no namespace %j, which no client could read',
    (namespace) => {
      const bug = new Error('a namespace begins with a slash and holds no comma');
      expect(() => disconnectPacket(namespace)).toThrow(bug);
      expect(() => connectPacket(namespace, { sid: 'S' })).toThrow(bug);
    },
  );

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, ackIdMax + 1])('has no ack id %d', (id) => {
    const bug = new Error('an ack id is a whole number from 0 on');
    expect(() => ackPacket(id, [], '/')).toThrow(bug);
    expect(() => eventPacket('e', [], { namespace: '/', id })).toThrow(bug);
  });
});
