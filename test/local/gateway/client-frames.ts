// WebSocket frames as a client puts them on the wire, for tests that need streams no client library would send.

export interface Frame {
  readonly opcode: number;
  readonly final: boolean;
  readonly payload: Buffer;
  readonly masked?: boolean;
  /** Bits of the length field: the smallest that fits unless told. */
  readonly lengthBits?: 7 | 16 | 64;
}

export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const PING = 9;

export function textFrame(text: string): Buffer {
  return encodeFrame({ opcode: TEXT, final: true, payload: Buffer.from(text) });
}

export function encodeFrame({ opcode, final, payload, masked = true, lengthBits }: Frame): Buffer {
  const bits = lengthBits ?? (payload.length < 126 ? 7 : payload.length < 65_536 ? 16 : 64);
  const first = opcode | (final ? 0x80 : 0);
  const maskBit = masked ? 0x80 : 0;
  const header = Buffer.alloc(2 + (bits === 7 ? 0 : bits / 8));
  header.writeUInt8(first, 0);
  header.writeUInt8(maskBit | (bits === 7 ? payload.length : bits === 16 ? 126 : 127), 1);
  if (bits === 16) header.writeUInt16BE(payload.length, 2);
  if (bits === 64) header.writeBigUInt64BE(BigInt(payload.length), 2);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([header, Buffer.alloc(masked ? 4 : 0), payload]);
}
