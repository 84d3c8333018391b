// Engine.IO packets: what the official parser encodes is read the same here, and the other way round.
import { decodePacket, encodePacket } from 'engine.io-parser';
import type { PacketType } from 'engine.io-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatewayLimits, socketIoLimits } from '../../shared/protocol/limits.ts';
import type { EnginePacket } from '../../shared/socketio/engine-packets.ts';
import {
  closePacket,
  decodeEnginePacket,
  messagePacket,
  noopPacket,
  openPacket,
  pingPacket,
  pongPacket,
} from '../../shared/socketio/engine-packets.ts';

const types: readonly PacketType[] = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];
const text = fc.string({ unit: 'binary' });

function officiallyEncoded(type: PacketType, data: string): string {
  let encoded: unknown;
  encodePacket({ type, data }, true, (frame) => {
    encoded = frame;
  });
  return String(encoded);
}

function officiallyRead(frame: string): { readonly type: PacketType; readonly data?: unknown } {
  return decodePacket(frame);
}

/** What the official parser makes of a frame, in our words; null where it speaks of an error. */
function officiallyDecoded(frame: string): EnginePacket | null {
  const { type, data } = officiallyRead(frame);
  switch (type) {
    case 'error':
      return null;
    case 'ping':
    case 'pong':
    case 'message':
      return { kind: type, text: typeof data === 'string' ? data : '' };
    case 'open':
    case 'close':
    case 'upgrade':
    case 'noop':
      return { kind: type };
  }
}

describe('an Engine.IO frame', () => {
  it.each<readonly [string, EnginePacket | null]>([
    ['0', { kind: 'open' }],
    ['0{"sid":"a"}', { kind: 'open' }],
    ['1', { kind: 'close' }],
    ['2', { kind: 'ping', text: '' }],
    ['2probe', { kind: 'ping', text: 'probe' }],
    ['3', { kind: 'pong', text: '' }],
    ['3probe', { kind: 'pong', text: 'probe' }],
    ['4', { kind: 'message', text: '' }],
    ['40', { kind: 'message', text: '0' }],
    ['420["sum",2,3]', { kind: 'message', text: '20["sum",2,3]' }],
    ['5', { kind: 'upgrade' }],
    ['6', { kind: 'noop' }],
    ['', null],
    ['7', null],
    [' 4', null],
    ['\u0664', null],
    ['{"type":"ping"}', null],
    ['{"message": "Internal server error"}', null],
    ['bAAEC', null],
  ])('%j is %j', (frame, expected) => {
    expect(decodeEnginePacket(frame)).toEqual(expected);
  });

  it('is read as the official parser reads it, whatever it holds; but for binary data as text, which is none', () => {
    const frames = fc.oneof(
      text,
      fc.tuple(fc.constantFrom(...Array.from('0123456789b')), text).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(frames, (frame) => {
        expect(decodeEnginePacket(frame)).toEqual(frame.startsWith('b') ? null : officiallyDecoded(frame));
      }),
    );
  });

  it('is read when the official parser wrote it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), text, (type, data) => {
        const expected = ['ping', 'pong', 'message'].includes(type) ? { kind: type, text: data } : { kind: type };
        expect(decodeEnginePacket(officiallyEncoded(type, data))).toEqual(expected);
      }),
    );
  });
});

describe('what the server sends', () => {
  it('opens with what the official server says, and names no upgrades', () => {
    const handshake = { sid: 'eMDB5', pingIntervalMs: 25_000, pingTimeoutMs: 20_000, maxPayloadBytes: 1_000_000 };
    expect(openPacket(handshake)).toBe(
      '0{"sid":"eMDB5","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
    );
  });

  it.each([
    [closePacket, '1', 'close'],
    [pingPacket, '2', 'ping'],
    [noopPacket, '6', 'noop'],
  ])('is the fixed frame %j', (frame, expected, type) => {
    expect(frame).toBe(expected);
    expect(decodePacket(frame)).toEqual({ type });
  });

  it('is read by the official parser, with its text', () => {
    fc.assert(
      fc.property(text, (sent) => {
        const data = sent === '' ? {} : { data: sent };
        expect(decodePacket(pongPacket(sent))).toEqual({ type: 'pong', ...data });
        expect(decodePacket(messagePacket(sent))).toEqual({ type: 'message', ...data });
      }),
    );
    fc.assert(
      fc.property(text, fc.nat(), (sid, number) => {
        const frame = openPacket({ sid, pingIntervalMs: number, pingTimeoutMs: 1, maxPayloadBytes: 2 });
        const { type, data } = officiallyRead(frame);
        expect(type).toBe('open');
        expect(JSON.parse(String(data))).toEqual({
          sid,
          upgrades: [],
          pingInterval: number,
          pingTimeout: 1,
          maxPayload: 2,
        });
      }),
    );
  });
});

describe('the timers that a client is told', () => {
  const { pingIntervalMs, pingTimeoutMs } = socketIoLimits;

  it('outlive the gateway, so that no client hangs up for want of a ping', () => {
    expect(pingIntervalMs + pingTimeoutMs).toBeGreaterThan(gatewayLimits.connectionMs);
  });

  it('fit a timer: at 2^31 ms every client would hang up at once, and so it would at nothing', () => {
    expect(pingIntervalMs + pingTimeoutMs).toBeLessThan(2 ** 31);
    expect(Math.min(pingIntervalMs, pingTimeoutMs)).toBeGreaterThan(0);
  });
});
