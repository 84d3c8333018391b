// What Socket.IO clients emit, in words of Bellhop: the events of the repair shop and of the support desk.
import * as z from 'zod/mini';
import type { ClientFrame, DialectFrame } from '../protocol/client-frames.ts';
import { roomName } from '../protocol/client-frames.ts';
import { Failure } from '../protocol/failures.ts';
import { connectionLimits, nameLimits } from '../protocol/limits.ts';
import { validate } from '../protocol/validation.ts';

type Arguments = readonly unknown[];
type ReadFrame = ClientFrame | DialectFrame;

const jsonObject = z.record(z.string(), z.unknown());
const status = z.string().check(z.minLength(1), z.maxLength(nameLimits.statusCharactersMax));
const token = z.string().check(z.minLength(1), z.maxLength(connectionLimits.tokenCharactersMax));

/**
 * The briefs name the events and show one of their arguments, a room as a text. What the others take is what such servers
 * do: the thing itself, or an object that has it under its name (a room also as `roomName`, as in the desk's addresses).
 */
const events: ReadonlyMap<string, (args: Arguments) => ReadFrame> = new Map([
  ['join_room', ([room]: Arguments): ReadFrame => ({ type: 'join', room: readRoom(room) })],
  ['leave_room', ([room]: Arguments): ReadFrame => ({ type: 'leave', room: readRoom(room) })],
  ['typing_start', ([room]: Arguments): ReadFrame => ({ type: 'typing', room: readRoom(room), active: true })],
  ['typing_stop', ([room]: Arguments): ReadFrame => ({ type: 'typing', room: readRoom(room), active: false })],
  ['user_presence', ([value]: Arguments): ReadFrame => ({ type: 'presence', status: readStatus(value) })],
  ['message', ([value]: Arguments): ReadFrame => ({ type: 'send', data: readMessage(value) })],
  ['joinRoom', ([room]: Arguments): ReadFrame => ({ type: 'join', room: readRoom(room) })],
  ['leaveRoom', ([room]: Arguments): ReadFrame => ({ type: 'leave', room: readRoom(room) })],
  ['roomMessage', ([value]: Arguments): ReadFrame => ({ type: 'send', ...readRoomMessage(value) })],
  ['authenticate', ([value]: Arguments): ReadFrame => ({ type: 'authenticate', token: readToken(value) })],
]);

/** The frame that an event stands for; a `Failure` names the events that there are, or the argument that is wrong. */
export function readEvent(event: string, args: Arguments): ReadFrame {
  const read = events.get(event);
  if (read !== undefined) return read(args);
  const name = JSON.stringify(event.slice(0, nameLimits.eventCharactersMax).toWellFormed());
  throw new Failure('bad_request', {
    message: `there is no event ${name} here`,
    field: 'event',
    remedy: `Send one of ${[...events.keys()].join(', ')}.`,
  });
}

/** The token of a `connect` packet; null when the client sends none, as the page before the log-in does with `token: null`. */
export function tokenOf(auth: Readonly<Record<string, unknown>> | undefined): string | null {
  const given = auth?.['token'] ?? '';
  return given === '' ? null : validate(z.object({ token }), auth, 'auth').token;
}

function readRoom(value: unknown): string {
  if (!isObject(value)) return validate(roomName, value, 'room');
  return validate(roomName, value['room'] ?? value['roomName'], 'room');
}

function readStatus(value: unknown): string {
  return validate(status, isObject(value) ? value['status'] : value, 'status');
}

function readMessage(value: unknown): Record<string, unknown> {
  return typeof value === 'string' ? { message: value } : validate(jsonObject, value, 'message');
}

function readRoomMessage(value: unknown): { room: string; data: Record<string, unknown> } {
  const said = validate(jsonObject, value, 'message');
  const data = Object.entries(said).filter(([name]) => name !== 'room' && name !== 'roomName');
  return { room: readRoom(said), data: Object.fromEntries(data) };
}

function readToken(value: unknown): string {
  return validate(z.object({ token }), value, 'message').token;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
