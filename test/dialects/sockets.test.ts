// What holds in every dialect: any text can be read, any frame written, and every client understands what it is sent.
import { decodePacket } from 'engine.io-parser';
import fc from 'fast-check';
import { Decoder, PacketType } from 'socket.io-parser';
import type { Packet } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import { socketDialects } from '../../shared/dialects/sockets.ts';
import type { DialectName } from '../../shared/protocol/dialect-names.ts';
import { dialectNames } from '../../shared/protocol/dialect-names.ts';
import { Failure } from '../../shared/protocol/failures.ts';
import type { ServerFrame } from '../../shared/protocol/server-frames.ts';
import { serverFrame } from '../../shared/protocol/server-frames.ts';
import { isReservedEvent } from '../../shared/socketio/packets.ts';

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string());

/** Pieces of what clients send, so that some of the junk is nearly right. */
const pieces = [
  ...Array.from('0123456789/,[]{}":#b '),
  '{"type":"authenticate","data":{"token":"t"}}',
  '{"type":"ping","id":"7"}',
  '{"type":"subscribe","id":"a#b","data":{"events":["e"]}}',
  '{"type":"shout","id":"7"}',
  '40/admin,{"token":"t"}',
  '40{"token":5}',
  '4212["joinRoom","r"]',
  '42/a,0["x,y"]',
  '451-3["file"]',
  '2probe',
  '\ud800',
  '\n',
];
const clientText = fc.oneof(
  fc.constantFrom(...pieces),
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((some) => some.join('')),
  fc.tuple(fc.constantFrom('40', '42', '421', '42/a,', '45', ''), fc.json()).map((some) => some.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

/** What some client of the dialect asked, as an answer carries it back; or anything. */
function replyToIn(dialect: DialectName): fc.Arbitrary<string | undefined> {
  return fc.oneof(
    clientText.map((sent) => socketDialects.read(dialect, sent).replyTo),
    fc.oneof(text, fc.string({ unit: fc.constantFrom('engine:', 'connect', ':', 'event:', '0', '9', ',', '/', 'x') })),
  );
}

const time = fc.constant('2026-11-21T08:30:00.000Z');
const seq = fc.nat();
const data = fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }));
const position = fc.record({ topic: text, epoch: text, seq });
const unread = { topic: fc.oneof(text, fc.constant('user:7')), epoch: text, count: seq, asOfSeq: seq, version: seq };
const event = fc.oneof(
  fc.constantFrom('notification', 'system', 'message', 'typing', 'presence:online', 'presence:offline'),
  fc.constantFrom('presence:status', 'notification_received', 'connect', 'disconnect', 'newListener', 'task:new'),
  text,
);

/** Every frame there is, with answers to whatever was asked. */
function anyFrame(replyTo: fc.Arbitrary<string | undefined>): fc.Arbitrary<ServerFrame> {
  const one = (
    type: ServerFrame['type'],
    fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
    optional: readonly string[] = [],
  ): fc.Arbitrary<ServerFrame> => {
    const requiredKeys = Object.keys(fields).filter((name) => !optional.includes(name));
    return fc
      .tuple(fc.record<Record<string, unknown>, string>(fields, { requiredKeys }), replyTo)
      .map(([frame, asked]) => ({ type, ...frame, ...(asked === undefined ? {} : { replyTo: asked }) }) as ServerFrame);
  };
  const positions = fc.array(position, { maxLength: 2 });
  const unreadList = fc.array(fc.record(unread), { maxLength: 2 });
  const roles = fc.array(text, { maxLength: 2 });
  const welcome = { connectionId: text, user: text, tenant: text, roles, positions, unread: unreadList };
  return fc.oneof(
    one('connected', { ...welcome, heartbeatEveryMs: seq, time, expiresAt: time }),
    one('notification', { id: text, event, data, metadata: data, createdAt: time, expiresAt: time }, ['metadata']),
    one('skipped', { topic: text, epoch: text, fromSeq: seq, toSeq: seq, reason: fc.constant('expired') }),
    one('reset', { topic: text, epoch: text, seq, reason: fc.constant('new_epoch') }),
    one('resumed', { positions, complete: fc.boolean() }),
    one('pong', { time, heads: positions, unread: unreadList }),
    one('unread', { ...unread, readSeq: seq, readBeyond: fc.constant([]) }),
    one('joined', { room: text, position, time }, ['position']),
    one('left', { room: text, topic: text, time }),
    one('sent', { id: text, room: text, data, time }, ['room']),
    one('refreshed', { roles, positions, expiresAt: time, time }),
    one('error', { code: text, message: text, field: text, remedy: text, closing: fc.constant(true) }, [
      'field',
      'closing',
    ]),
    one('open', { connectionId: text }),
    one('heartbeat', { time }),
    one('selected', { events: roles, time }),
    one('done'),
  );
}

/** A packet as the official client takes it; null for one of Engine.IO alone. */
function officiallyRead(written: string): Packet | null {
  const { type, data: message } = decodePacket(written) as { readonly type: string; readonly data?: unknown };
  expect(['open', 'ping', 'pong', 'message']).toContain(type);
  if (type === 'open') expect(JSON.parse(String(message))).toMatchObject({ sid: expect.any(String) as string });
  if (type !== 'message') return null;
  const decoder = new Decoder();
  const packets: Packet[] = [];
  decoder.on('decoded', (packet) => packets.push(packet));
  decoder.add(message);
  expect(packets).toHaveLength(1);
  return packets[0] ?? null;
}

describe.each(dialectNames)('%s', (dialect) => {
  it('reads any text: as a frame, or as a refusal with a remedy', () => {
    fc.assert(
      fc.property(clientText, (sent) => {
        const { frame, dialect: spokenIn } = socketDialects.read(dialect, sent);
        expect(spokenIn === dialect || (dialect === 'bellhop' && spokenIn === 'leads')).toBe(true);
        if (frame instanceof Failure) expect(frame.detail.remedy).not.toBe('');
      }),
      { numRuns: 1_000 },
    );
  });

  it('writes any frame so that its clients understand it', () => {
    fc.assert(
      fc.property(anyFrame(replyToIn(dialect)), (frame) => {
        for (const written of socketDialects.write(dialect, frame)) {
          if (dialect === 'socketio') officiallyRead(written);
          else expect(JSON.parse(written)).toMatchObject({ type: expect.any(String) as string });
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('bellhop', () => {
  it('writes each of its frames as one text that the schema takes', () => {
    fc.assert(
      fc.property(anyFrame(fc.constantFrom(undefined, '7')), (frame) => {
        const texts = socketDialects.write('bellhop', frame);
        const isOwn = !['open', 'heartbeat', 'selected', 'done'].includes(frame.type);
        expect(texts).toHaveLength(isOwn ? 1 : 0);
        for (const written of texts) expect(serverFrame.safeParse(JSON.parse(written)).success).toBe(true);
      }),
    );
  });
});

describe('socketio', () => {
  it('answers every event with an ack id by one ack with that id, and every connect that is refused', () => {
    const asked = fc.tuple(
      fc.maxSafeNat(),
      fc.constantFrom('joinRoom', 'leave_room', 'message', 'roomMessage', 'typing_start', 'authenticate', 'x,/y', ''),
    );
    fc.assert(
      fc.property(asked, ([id, name]) => {
        const { replyTo } = socketDialects.read('socketio', `42${String(id)}${JSON.stringify([name, 'r'])}`);
        if (replyTo === undefined) throw new Error('nothing binds the answer');
        const answers: readonly ServerFrame[] = [
          { type: 'joined', room: 'r', time: '', replyTo },
          { type: 'left', room: 'r', topic: 'room:r', time: '', replyTo },
          { type: 'sent', id: 'n', data: {}, time: '', replyTo },
          { type: 'refreshed', roles: [], positions: [], expiresAt: '', time: '', replyTo },
          { type: 'pong', time: '', heads: [], unread: [], replyTo },
          { type: 'done', replyTo },
          { type: 'error', code: 'c', message: 'm', remedy: 'r', closing: true, replyTo },
        ];
        for (const frame of answers) {
          const packets = socketDialects.write('socketio', frame).map(officiallyRead);
          const acks = packets.filter((packet) => packet?.type === PacketType.ACK);
          expect(acks).toMatchObject([{ nsp: '/', id }]);
        }
      }),
    );
  });

  it('emits under no name that means something to the client library', () => {
    fc.assert(
      fc.property(anyFrame(replyToIn('socketio')), (frame) => {
        for (const packet of socketDialects.write('socketio', frame).map(officiallyRead)) {
          if (packet?.type !== PacketType.EVENT) continue;
          expect(packet.nsp).toBe('/');
          expect(isReservedEvent(String((packet.data as readonly unknown[])[0]))).toBe(false);
        }
      }),
    );
  });
});
