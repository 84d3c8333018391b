// Reads the frame headers of a client's WebSocket stream beside ws, which shows only whole messages.

/** What a stream has held so far. */
export interface FrameCount {
  /** Frames whose header was read, control frames included. */
  readonly frames: number;
  /** Data messages that were read to their end. */
  readonly messages: number;
  /** True from the header of the first data frame over the limit on; from there nothing is counted any more. */
  readonly oversized: boolean;
}

/** The longest header: two bytes, a 64-bit length, a mask. */
const HEADER_BYTES_MAX = 14;

/**
 * A reader for the frames of one connection (RFC 6455, section 5.2). Call it with each chunk, in order; it keeps no
 * payload, and returns the same count every time, brought up to date. It judges lengths only: whatever else is wrong
 * with a frame is for ws to refuse.
 */
export function frameGuard(frameBytesMax: number): (chunk: Buffer) => FrameCount {
  const count = { frames: 0, messages: 0, oversized: false };
  const header = Buffer.alloc(HEADER_BYTES_MAX);
  let headerBytes = 0;
  let payloadLeft = 0;
  let endsMessage = false;

  const startFrame = (): void => {
    const isData = (header.readUInt8(0) & 0x08) === 0;
    const isFinal = (header.readUInt8(0) & 0x80) !== 0;
    payloadLeft = payloadLength(header);
    endsMessage = isData && isFinal;
    count.frames += 1;
    count.oversized = isData && payloadLeft > frameBytesMax;
    headerBytes = 0;
  };

  return (chunk) => {
    let at = 0;
    while (at < chunk.length && !count.oversized) {
      if (payloadLeft === 0) {
        headerBytes += chunk.copy(header, headerBytes, at, at + 1);
        at += 1;
        if (headerBytes < 2 || headerBytes < headerLength(header)) continue;
        startFrame();
      } else {
        const skipped = Math.min(payloadLeft, chunk.length - at);
        payloadLeft -= skipped;
        at += skipped;
      }
      if (payloadLeft === 0 && endsMessage) count.messages += 1;
    }
    return count;
  };
}

function headerLength(header: Buffer): number {
  const second = header.readUInt8(1);
  const length = second & 0x7f;
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (second >= 0x80 ? 4 : 0);
}

function payloadLength(header: Buffer): number {
  const length = header.readUInt8(1) & 0x7f;
  if (length === 126) return header.readUInt16BE(2);
  return length === 127 ? Number(header.readBigUInt64BE(2)) : length;
}
