// The frame guard against generated streams, cut anywhere: what it counts is what was sent.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameGuard } from '../../../local/gateway/frame-guard.ts';
import { CONTINUATION, encodeFrame, PING, TEXT } from './client-frames.ts';
import type { Frame } from './client-frames.ts';

const LIMIT = 32 * 1024;

/** Sizes on both sides of each length form and of the limit. */
const size = fc.oneof(
  fc.integer({ min: 0, max: 130 }),
  fc.integer({ min: LIMIT - 2, max: LIMIT + 2 }),
  fc.integer({ min: 65_530, max: 65_540 }),
);
const smallSize = fc.integer({ min: 0, max: LIMIT });
const control = fc
  .record({ opcode: fc.constantFrom(8, PING, 10), bytes: fc.integer({ min: 0, max: 125 }) })
  .map(({ opcode, bytes }): Frame => ({ opcode, final: true, payload: Buffer.alloc(bytes, 0xff) }));

/** One message: its fragments, with control frames between them. */
function message(bytes: fc.Arbitrary<number>): fc.Arbitrary<Frame[]> {
  const fragment = fc.record({ bytes, controls: fc.array(control, { maxLength: 2 }), wide: fc.boolean() });
  return fc.array(fragment, { minLength: 1, maxLength: 4 }).map((fragments) =>
    fragments.flatMap(({ bytes: length, controls, wide }, index) => [
      ...controls,
      {
        opcode: index === 0 ? TEXT : CONTINUATION,
        final: index === fragments.length - 1,
        payload: Buffer.alloc(length, 0x81),
        ...(wide && { lengthBits: 64 as const }),
      },
    ]),
  );
}

/** A stream of messages, cut into chunks at random places. */
function stream(bytes: fc.Arbitrary<number>): fc.Arbitrary<{ frames: Frame[]; chunks: Buffer[] }> {
  return fc
    .tuple(fc.array(message(bytes), { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 40 }))
    .map(([messages, places]) => {
      const frames = messages.flat();
      const whole = Buffer.concat(frames.map(encodeFrame));
      const cuts = [...new Set(places.map((place) => place % (whole.length + 1)))].sort((a, b) => a - b);
      const chunks = [0, ...cuts].map((start, index) => whole.subarray(start, cuts[index] ?? whole.length));
      return { frames, chunks };
    });
}

function isData(frame: Frame): boolean {
  return frame.opcode < 8;
}

function isOversized(frame: Frame): boolean {
  return isData(frame) && frame.payload.length > LIMIT;
}

describe('the frame guard', () => {
  it('counts frames and messages however the stream is cut', () => {
    fc.assert(
      fc.property(stream(smallSize), ({ frames, chunks }) => {
        const read = frameGuard(LIMIT);
        chunks.forEach((chunk) => read(chunk));
        const messages = frames.filter((frame) => isData(frame) && frame.final).length;
        expect(read(Buffer.alloc(0))).toEqual({ frames: frames.length, messages, oversized: false });
      }),
    );
  });

  it('stops at the first data frame over the limit, knowing how many messages ended before it', () => {
    fc.assert(
      fc.property(stream(size), ({ frames, chunks }) => {
        const read = frameGuard(LIMIT);
        chunks.forEach((chunk) => read(chunk));
        const first = frames.findIndex(isOversized);
        const before = first === -1 ? frames : frames.slice(0, first);
        expect(read(Buffer.alloc(0))).toEqual({
          frames: before.length + (first === -1 ? 0 : 1),
          messages: before.filter((frame) => isData(frame) && frame.final).length,
          oversized: first !== -1,
        });
      }),
    );
  });

  it('judges a frame by its header, before its payload has come', () => {
    const read = frameGuard(LIMIT);
    const frame = encodeFrame({ opcode: TEXT, final: true, payload: Buffer.alloc(LIMIT + 1) });
    expect(read(frame.subarray(0, 7)).oversized).toBe(false);
    expect(read(frame.subarray(7, 8)).oversized).toBe(true);
  });

  it('lets a frame of exactly the limit pass', () => {
    const read = frameGuard(LIMIT);
    const count = read(encodeFrame({ opcode: TEXT, final: true, payload: Buffer.alloc(LIMIT) }));
    expect(count).toEqual({ frames: 1, messages: 1, oversized: false });
  });

  it('reads a header without a mask', () => {
    const read = frameGuard(LIMIT);
    const frame = encodeFrame({ opcode: TEXT, final: true, payload: Buffer.alloc(200), masked: false });
    expect(read(Buffer.concat([frame, frame]))).toEqual({ frames: 2, messages: 2, oversized: false });
  });

  it('takes a length beyond what a number holds exactly for oversized', () => {
    const read = frameGuard(LIMIT);
    const header = Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    expect(read(header).oversized).toBe(true);
  });
});
