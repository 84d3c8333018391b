// Socket.IO packets beside the official parser: both read what the other writes, and neither is fooled by junk.
import fc from 'fast-check';
import { Decoder, Encoder, PacketType } from 'socket.io-parser';
import type { Packet } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/protocol/failures.ts';
import { socketIoLimits } from '../../shared/protocol/limits.ts';
import { decodeEnginePacket } from '../../shared/socketio/engine-packets.ts';
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

/** Text as UTF-8 can carry it, with everything in it that has a meaning in a packet. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('0189/,[]{}"\\-. é☃')) }),
);
const namespace = fc.oneof(
  fc.constant('/'),
  text.map((name) => `/${name.replaceAll(',', '')}`),
);
const id = fc.oneof(fc.constant(0), fc.nat(), fc.maxSafeNat());
const optionalId = fc.option(id, { nil: undefined });
const name = fc.oneof(fc.constantFrom('hello', '__proto__', 'Connect', ''), text);
/** What our limits on JSON let through: some six levels, and no key that changes a prototype. */
const json = fc
  .jsonValue({ maxDepth: 6, stringUnit: 'binary' })
  .filter((value) => !/__proto__|constructor|prototype/.test(JSON.stringify(value)));
const args = fc.array(json, { maxLength: 4 });
const object = fc
  .dictionary(text, json)
  .filter((value) => !/__proto__|constructor|prototype/.test(JSON.stringify(value)));

/** What the official client makes of a frame of ours. */
function officiallyRead(frame: string): Packet {
  const message = decodeEnginePacket(frame);
  if (message?.kind !== 'message') throw new Error(`not a message: ${frame}`);
  return officiallyDecoded(message.text);
}

function officiallyDecoded(packetText: string): Packet {
  const decoder = new Decoder();
  let packet: Packet | undefined;
  decoder.on('decoded', (decoded) => {
    packet = decoded;
  });
  decoder.add(packetText);
  if (packet === undefined) throw new Error('no packet came of it');
  return packet;
}

/** The text that the official client sends, without the `4`. */
function officiallyEncoded(packet: Packet): string {
  const [encoded, ...attachments] = new Encoder().encode(packet) as readonly unknown[];
  expect(attachments).toEqual([]);
  return String(encoded);
}

/** A packet of the official parser in our words; null for what the two do not share. */
function inOurWords({ type, nsp, id: ackId, data }: Packet): SocketIoPacket | null {
  const payload: unknown = data;
  switch (type) {
    case PacketType.CONNECT:
      return { kind: 'connect', namespace: nsp, auth: payload as Readonly<Record<string, unknown>> | undefined };
    case PacketType.DISCONNECT:
      return { kind: 'disconnect', namespace: nsp };
    case PacketType.EVENT: {
      const [event, ...rest] = payload as readonly [string, ...unknown[]];
      return { kind: 'event', namespace: nsp, id: ackId, event, args: rest };
    }
    case PacketType.ACK:
      return ackId === undefined
        ? null
        : { kind: 'ack', namespace: nsp, id: ackId, args: payload as readonly unknown[] };
    case PacketType.CONNECT_ERROR:
      return { kind: 'connect_error', namespace: nsp };
    case PacketType.BINARY_EVENT:
    case PacketType.BINARY_ACK:
      return null;
  }
}

/** Every packet of text that a client may send. */
const clientPacket: fc.Arbitrary<Packet> = fc.oneof(
  fc.record<Packet>({
    type: fc.constant(PacketType.CONNECT),
    nsp: namespace,
    data: fc.option(object, { nil: undefined }),
  }),
  fc.record<Packet>({ type: fc.constant(PacketType.DISCONNECT), nsp: namespace }),
  fc
    .tuple(namespace, optionalId, name, args)
    .filter(([, , event]) => !isReservedEvent(event))
    .map(([nsp, ackId, event, rest]): Packet => ({
      type: PacketType.EVENT,
      nsp,
      data: [event, ...rest],
      ...(ackId === undefined ? {} : { id: ackId }),
    })),
  fc.record<Packet>({ type: fc.constant(PacketType.ACK), nsp: namespace, id, data: args }),
  fc.record<Packet>({
    type: fc.constant(PacketType.CONNECT_ERROR),
    nsp: namespace,
    data: fc.oneof(text, object),
  }),
);

/** JSON alone tells no `-0` from `0`, and no object without a prototype from another. */
function asJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

describe('the official parser', () => {
  it('reads what the server sends', () => {
    fc.assert(
      fc.property(namespace, optionalId, name, args, (nsp, ackId, event, rest) => {
        fc.pre(!isReservedEvent(event));
        expect(officiallyRead(eventPacket(event, rest, { namespace: nsp, id: ackId }))).toEqual({
          type: PacketType.EVENT,
          nsp,
          id: ackId,
          data: asJson([event, ...rest]),
        });
      }),
    );
    fc.assert(
      fc.property(namespace, id, args, (nsp, ackId, rest) => {
        const expected = { type: PacketType.ACK, nsp, id: ackId, data: asJson(rest) };
        expect(officiallyRead(ackPacket(ackId, rest, nsp))).toEqual(expected);
      }),
    );
    fc.assert(
      fc.property(namespace, text, text, json, (nsp, sid, message, data) => {
        expect(officiallyRead(connectPacket(nsp, { sid }))).toEqual({ type: PacketType.CONNECT, nsp, data: { sid } });
        expect(officiallyRead(connectErrorPacket(nsp, { message, data }))).toEqual({
          type: PacketType.CONNECT_ERROR,
          nsp,
          data: asJson({ message, data }),
        });
        expect(officiallyRead(disconnectPacket(nsp))).toEqual({ type: PacketType.DISCONNECT, nsp });
      }),
    );
  });

  it.each([
    ...['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'],
    ...['error', 'Connect', 'connection', 'hello', ''],
  ])('takes the event name %j exactly when it is not reserved here', (event) => {
    const isRefused = throws(() => officiallyDecoded(`2["${event}"]`)) !== undefined;
    expect(isReservedEvent(event)).toBe(isRefused);
  });

  it('writes what is read here', () => {
    fc.assert(
      fc.property(clientPacket, (packet) => {
        const expected = inOurWords(packet);
        expect(decodePacket(officiallyEncoded(packet))).toEqual(expected === null ? null : withJson(expected));
      }),
      { numRuns: 500 },
    );
  });

  it('writes binary events and acks that are recognised', () => {
    fc.assert(
      fc.property(namespace, optionalId, fc.integer({ min: 1, max: 12 }), fc.boolean(), (nsp, ackId, count, isAck) => {
        const buffers = Array.from({ length: count }, () => new Uint8Array(2));
        const type = isAck ? PacketType.ACK : PacketType.EVENT;
        const place = ackId === undefined ? {} : { id: ackId };
        const [head] = new Encoder().encode({ type, nsp, ...place, data: ['file', ...buffers] }) as readonly unknown[];
        expect(decodePacket(String(head))).toEqual({ kind: 'binary', namespace: nsp });
      }),
    );
  });
});

function withJson(packet: SocketIoPacket): SocketIoPacket {
  if (packet.kind === 'event' || packet.kind === 'ack') return { ...packet, args: asJson(packet.args) };
  return packet.kind === 'connect' && packet.auth !== undefined ? { ...packet, auth: asJson(packet.auth) } : packet;
}

function throws(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('junk', () => {
  const fragments = [
    ...Array.from('0123456789/,[]{}"-.: \n'),
    'null',
    '"e"',
    '["e"]',
    '/a,',
    '{"a":1}',
    '1e400',
    '\\ud800',
    '\ud800',
  ];
  const soup = fc.array(fc.constantFrom(...fragments), { maxLength: 8 }).map((parts) => parts.join(''));
  const type = fc.constantFrom(...Array.from('01234567'));
  /** A packet as a client sends it, with a piece cut out and another put in. */
  const damaged = fc.tuple(clientPacket, fc.nat(), fc.nat(4), soup).map(([packet, at, cut, put]) => {
    const whole = officiallyEncoded(packet);
    const place = at % (whole.length + 1);
    return whole.slice(0, place) + put + whole.slice(place + cut);
  });
  const junk = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.tuple(type, soup).map((parts) => parts.join('')),
    damaged,
  );

  it('is refused as what it is, or read exactly as the official parser reads it', () => {
    fc.assert(
      fc.property(junk, (sent) => {
        const refusal = throws(() => decodePacket(sent));
        if (refusal !== undefined) {
          expect(refusal).toBeInstanceOf(Failure);
          return;
        }
        const packet = decodePacket(sent);
        // Of these only the head is read, so that the official parser may well refuse what stands behind it.
        if (packet.kind === 'binary' || packet.kind === 'connect_error') return;
        expect(packet).toEqual(inOurWords(officiallyDecoded(sent)));
      }),
      { numRuns: 3_000 },
    );
  });

  it('as long as a frame can be is refused as well', () => {
    for (const first of '012356') {
      for (const piece of ['/', '1', '[', '{', '"', ',', '-', ' ']) {
        const frame = first + piece.repeat(socketIoLimits.maxPayloadBytes);
        expect(throws(() => decodePacket(frame))).toBeInstanceOf(Failure);
      }
    }
  });
});
