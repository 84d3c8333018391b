// The sockets of the repair shop and of the support desk: every event of the two briefs, as packets in both directions.
import { describe, expect, it } from 'vitest';
import { readSocketIo, writeSocketIo } from '../../shared/dialects/socketio-socket.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import { connectionLimits, nameLimits } from '../../shared/protocol/limits.ts';
import type { ServerFrame } from '../../shared/protocol/server-frames.ts';

const time = '2026-11-21T08:30:00.000Z';
const later = '2026-11-21T10:30:00.000Z';
const longToken = 't'.repeat(connectionLimits.tokenCharactersMax + 1);
const longStatus = 's'.repeat(nameLimits.statusCharactersMax + 1);
const longRoom = 'r'.repeat(nameLimits.topicNameCharactersMax + 1);
const everyEvent =
  'join_room, leave_room, typing_start, typing_stop, user_presence, message, joinRoom, leaveRoom, roomMessage, authenticate';

describe('a packet of the client', () => {
  it.each([
    ['2', { type: 'ping' }, 'engine:'],
    ['2probe', { type: 'ping' }, 'engine:probe'],
    ['3', { type: 'alive' }, undefined],
    ['3probe', { type: 'alive' }, undefined],
    ['1', { type: 'goodbye' }, undefined],
    ['41', { type: 'goodbye' }, undefined],
    ['41/admin,', { type: 'nothing' }, undefined],
    ['0', { type: 'nothing' }, undefined],
    ['5', { type: 'nothing' }, undefined],
    ['6', { type: 'nothing' }, undefined],
    ['431["life? 42"]', { type: 'nothing' }, undefined],
    ['40', { type: 'enter' }, 'connect'],
    ['40{}', { type: 'enter' }, 'connect'],
    ['40{"token":null}', { type: 'enter' }, 'connect'],
    ['40{"token":""}', { type: 'enter' }, 'connect'],
    ['40{"pid":"p","offset":"o"}', { type: 'enter' }, 'connect'],
    ['40{"token":"good"}', { type: 'authenticate', token: 'good' }, 'connect'],
    ['42["authenticate",{"token":"newer"}]', { type: 'authenticate', token: 'newer' }, 'event:,/,authenticate'],
    ['42["join_room","work_order_123"]', { type: 'join', room: 'work_order_123' }, 'event:,/,join_room'],
    ['4212["join_room",{"room":"r"}]', { type: 'join', room: 'r' }, 'event:12,/,join_room'],
    ['42["leave_room",{"roomName":"r"}]', { type: 'leave', room: 'r' }, 'event:,/,leave_room'],
    ['42["typing_start",{"room":"r"}]', { type: 'typing', room: 'r', active: true }, 'event:,/,typing_start'],
    ['42["typing_stop","r"]', { type: 'typing', room: 'r', active: false }, 'event:,/,typing_stop'],
    ['42["user_presence",{"status":"away"}]', { type: 'presence', status: 'away' }, 'event:,/,user_presence'],
    ['42["user_presence","busy"]', { type: 'presence', status: 'busy' }, 'event:,/,user_presence'],
    ['420["message","hi"]', { type: 'send', data: { message: 'hi' } }, 'event:0,/,message'],
    ['42["message",{"room":"r","text":"hi"}]', { type: 'send', data: { room: 'r', text: 'hi' } }, 'event:,/,message'],
    ['42["joinRoom","a,b#c"]', { type: 'join', room: 'a,b#c' }, 'event:,/,joinRoom'],
    ['42["leaveRoom",{"room":"r"}]', { type: 'leave', room: 'r' }, 'event:,/,leaveRoom'],
    [
      '42["roomMessage",{"room":"r","message":"hi","mood":3}]',
      { type: 'send', room: 'r', data: { message: 'hi', mood: 3 } },
      'event:,/,roomMessage',
    ],
    [
      '42["roomMessage",{"roomName":"r","message":"hi"}]',
      { type: 'send', room: 'r', data: { message: 'hi' } },
      'event:,/,roomMessage',
    ],
  ])('%s is read', (text, frame, replyTo) => {
    expect(readSocketIo(text)).toEqual({ dialect: 'socketio', replyTo, frame });
  });

  it.each([
    ['', 'bad_request', 'frame', undefined],
    ['{"type":"ping"}', 'bad_request', 'frame', undefined],
    ['bAQID', 'bad_request', 'packet', undefined],
    ['4', 'bad_request', 'packet', undefined],
    ['47', 'bad_request', 'packet', undefined],
    ['44{"message":"no"}', 'bad_request', 'packet', undefined],
    ['451-0["file",{"_placeholder":true,"num":0}]', 'bad_request', 'packet', 'event:0,/,'],
    ['451-/admin,7["file"]', 'bad_request', 'packet', 'event:7,/admin,'],
    ['461-3[{"_placeholder":true,"num":0}]', 'bad_request', 'packet', undefined],
    ['40/admin,', 'not_found', 'namespace', 'connect:/admin'],
    ['40/admin,{"token":"good"}', 'not_found', 'namespace', 'connect:/admin'],
    ['40[]', 'invalid_field', 'auth', 'connect'],
    ['40/admin,{"token":', 'invalid_json', 'auth', 'connect:/admin'],
    ['40{"token":7}', 'invalid_field', 'token', 'connect'],
    [`40{"token":"${longToken}"}`, 'invalid_field', 'token', 'connect'],
    ['42', 'missing_field', 'packet', 'event:,/,'],
    ['4212["joinRoom"', 'invalid_json', 'packet', 'event:12,/,'],
    ['42/admin,12[5]', 'invalid_field', 'event', 'event:12,/admin,'],
    [`42${'9'.repeat(20)}["joinRoom"]`, 'invalid_field', 'id', 'event:,/,'],
    ['42/admin,5["joinRoom","r"]', 'not_found', 'namespace', 'event:5,/admin,joinRoom'],
    ['420["shout","r"]', 'bad_request', 'event', 'event:0,/,shout'],
    ['42["toString"]', 'bad_request', 'event', 'event:,/,toString'],
    ['42["join_room"]', 'missing_field', 'room', 'event:,/,join_room'],
    ['42["join_room",null]', 'invalid_field', 'room', 'event:,/,join_room'],
    ['42["join_room",7]', 'invalid_field', 'room', 'event:,/,join_room'],
    ['42["join_room",""]', 'invalid_field', 'room', 'event:,/,join_room'],
    [`42["join_room","${longRoom}"]`, 'invalid_field', 'room', 'event:,/,join_room'],
    ['42["join_room",["r"]]', 'invalid_field', 'room', 'event:,/,join_room'],
    ['42["typing_start",{"room":{}}]', 'invalid_field', 'room', 'event:,/,typing_start'],
    ['42["typing_stop",{}]', 'missing_field', 'room', 'event:,/,typing_stop'],
    ['42["user_presence",{"status":true}]', 'invalid_field', 'status', 'event:,/,user_presence'],
    [`42["user_presence","${longStatus}"]`, 'invalid_field', 'status', 'event:,/,user_presence'],
    ['42["message"]', 'missing_field', 'message', 'event:,/,message'],
    ['42["message",["hi"]]', 'invalid_field', 'message', 'event:,/,message'],
    ['42["message",{"__proto__":{}}]', 'invalid_json', '[1].__proto__', 'event:,/,'],
    ['42["roomMessage","r","hi"]', 'invalid_field', 'message', 'event:,/,roomMessage'],
    ['42["roomMessage",{"message":"hi"}]', 'missing_field', 'room', 'event:,/,roomMessage'],
    ['42["authenticate","good"]', 'invalid_field', 'message', 'event:,/,authenticate'],
    ['42["authenticate",{}]', 'missing_field', 'token', 'event:,/,authenticate'],
  ])('%.50s is refused', (text, code, field, replyTo) => {
    const refusal = readSocketIo(text);
    expect(refusal.frame).toBeInstanceOf(Failure);
    expect(refusal).toMatchObject({ dialect: 'socketio', replyTo, frame: { code, detail: { field } } });
    expect(refusal.replyTo).toBe(replyTo);
  });

  it('of an unknown event is told which ones there are', () => {
    expect(readSocketIo('42["shout"]').frame).toMatchObject({
      detail: { message: 'there is no event "shout" here', remedy: `Send one of ${everyEvent}.` },
    });
  });

  it('with a room that is a number is told so', () => {
    expect(readSocketIo('42["joinRoom",7]').frame).toMatchObject({
      detail: { message: 'the room is a number, expected a text', remedy: 'Send the room as a text.' },
    });
  });
});

const error = { type: 'error', code: 'forbidden', message: 'm', field: 'room', remedy: 'r' } as const;
const errorBody = '"code":"forbidden","message":"m","field":"room","remedy":"r"';
const pong = { type: 'pong', time, heads: [], unread: [] } satisfies ServerFrame;
const refreshed = { type: 'refreshed', roles: ['admin'], positions: [], expiresAt: later, time } satisfies ServerFrame;
const sent = { type: 'sent', id: 'n1', data: { message: 'hi' }, time } as const;
const unread = { type: 'unread' as const, epoch: 'e', count: 3, asOfSeq: 9, version: 1, readSeq: 6, readBeyond: [] };

describe('a frame of the server', () => {
  it.each<readonly [ServerFrame, readonly string[]]>([
    [
      { type: 'open', connectionId: 'c=' },
      ['0{"sid":"c=","upgrades":[],"pingInterval":7200000,"pingTimeout":600000,"maxPayload":32768}'],
    ],
    [{ type: 'heartbeat', time }, ['2']],
    [
      {
        type: 'connected',
        connectionId: 'c=',
        user: '7',
        tenant: 'shop',
        roles: [],
        positions: [],
        unread: [
          { topic: 'user:7', epoch: 'e', count: 2, asOfSeq: 3, version: 1 },
          { topic: 'all', epoch: 'e', count: 5, asOfSeq: 9, version: 1 },
        ],
        heartbeatEveryMs: 300_000,
        time,
        expiresAt: later,
        replyTo: 'connect',
      },
      [
        '40{"sid":"c="}',
        `42["connected",{"message":"Connected to WebSocket server","clientId":"7","socketId":"c=","timestamp":"${time}"}]`,
        '42["notification_count_updated",{"count":2,"unreadCount":2}]',
      ],
    ],
    [{ ...pong, replyTo: 'engine:probe' }, ['3probe']],
    [pong, [`42["pong",{"timestamp":"${time}"}]`]],
    [{ ...pong, replyTo: 'event:4,/,ping' }, [`434[{"success":true,"timestamp":"${time}"}]`]],
    [
      { type: 'joined', room: 'r', time, replyTo: 'event:,/,joinRoom' },
      [`42["roomJoined",{"room":"r","message":"Joined room r","timestamp":"${time}"}]`],
    ],
    [
      { type: 'joined', room: 'r', time, replyTo: 'event:12,/,joinRoom' },
      [
        `4312[{"success":true,"room":"r","timestamp":"${time}"}]`,
        `42["roomJoined",{"room":"r","message":"Joined room r","timestamp":"${time}"}]`,
      ],
    ],
    [{ type: 'joined', room: 'r', time, replyTo: 'event:,/,join_room' }, []],
    [
      { type: 'joined', room: 'r', time, replyTo: 'event:0,/,join_room' },
      [`430[{"success":true,"room":"r","timestamp":"${time}"}]`],
    ],
    [{ type: 'joined', room: 'r', time }, []],
    [
      { type: 'left', room: 'r', topic: 'room:r', time, replyTo: 'event:,/,leaveRoom' },
      [`42["roomLeft",{"room":"r","message":"Left room r","timestamp":"${time}"}]`],
    ],
    [{ type: 'left', room: 'r', topic: 'room:r', time, replyTo: 'event:,/,leave_room' }, []],
    [
      { ...sent, replyTo: 'event:3,/,message' },
      [
        `433[{"success":true,"id":"n1","timestamp":"${time}"}]`,
        `42["messageReceived",{"id":"n1","message":"hi","timestamp":"${time}"}]`,
      ],
    ],
    [{ ...sent, room: 'r', replyTo: 'event:,/,roomMessage' }, []],
    [
      { ...sent, room: 'r', replyTo: 'event:3,/,roomMessage' },
      [`433[{"success":true,"id":"n1","room":"r","timestamp":"${time}"}]`],
    ],
    [{ ...refreshed, replyTo: 'event:,/,authenticate' }, [`42["authenticated",{"expiresAt":"${later}"}]`]],
    [{ ...refreshed, replyTo: 'event:9,/,authenticate' }, [`439[{"success":true,"expiresAt":"${later}"}]`]],
    [{ type: 'done', replyTo: 'event:9,/,typing_start' }, ['439[{"success":true}]']],
    [{ type: 'done', replyTo: 'event:,/,typing_start' }, []],
    [{ type: 'done' }, []],
    [error, [`42["error",{${errorBody}}]`]],
    [{ ...error, replyTo: 'event:,/,join_room' }, [`42["error",{${errorBody},"event":"join_room"}]`]],
    [{ ...error, replyTo: 'event:,/,' }, [`42["error",{${errorBody}}]`]],
    [{ ...error, replyTo: 'event:12,/,join_room' }, [`4312[{"success":false,"error":{${errorBody}}}]`]],
    [{ ...error, replyTo: 'event:12,/admin,x' }, [`43/admin,12[{"success":false,"error":{${errorBody}}}]`]],
    [{ ...error, closing: true }, [`42["error",{${errorBody}}]`, '41']],
    [{ ...error, closing: true, replyTo: 'event:12,/,x' }, [`4312[{"success":false,"error":{${errorBody}}}]`, '41']],
    [
      { ...error, closing: true, replyTo: 'connect' },
      ['44{"message":"m","data":{"code":"forbidden","field":"room","remedy":"r"}}'],
    ],
    [
      { ...error, replyTo: 'connect:/admin' },
      ['44/admin,{"message":"m","data":{"code":"forbidden","field":"room","remedy":"r"}}'],
    ],
    [{ ...error, replyTo: 'engine:' }, [`42["error",{${errorBody}}]`]],
    [{ ...error, replyTo: 'not ours' }, [`42["error",{${errorBody}}]`]],
    [{ ...unread, topic: 'user:7' }, ['42["notification_count_updated",{"count":3,"unreadCount":3}]']],
    [{ ...unread, topic: 'all' }, []],
    [{ type: 'resumed', positions: [], complete: true }, []],
    [{ type: 'reset', topic: 'all', epoch: 'e', seq: 0, reason: 'new_epoch' }, []],
    [{ type: 'skipped', topic: 'all', epoch: 'e', fromSeq: 1, toSeq: 2, reason: 'expired' }, []],
    [{ type: 'selected', events: [], time }, []],
  ])('%j', (frame, texts) => {
    expect(writeSocketIo(frame)).toEqual(texts);
  });
});
