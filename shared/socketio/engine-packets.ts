// Engine.IO 4 packets as WebSocket text: one digit that says the kind, then text.

/**
 * One packet, as a client may send it. What stands behind the digit of a kind without `text` means nothing and is dropped.
 * Source: https://github.com/socketio/engine.io-protocol (revision 4).
 */
export type EnginePacket =
  | { readonly kind: 'ping' | 'pong' | 'message'; readonly text: string }
  | { readonly kind: 'open' | 'close' | 'upgrade' | 'noop' };

/** What the first packet tells a client about the connection. */
export interface Handshake {
  readonly sid: string;
  /** A client hangs up when no ping comes for `pingIntervalMs` and `pingTimeoutMs` together. */
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  /** How much a client may send at once; clients heed it in long polling only. */
  readonly maxPayloadBytes: number;
}

/** Every kind without text is one fixed frame. */
export const closePacket = '1';
/** Restarts the client's timer, and has it answer with a pong. */
export const pingPacket = '2';
/** Keeps the gateway from closing an idle connection; clients neither answer it nor restart their timer. */
export const noopPacket = '6';

/**
 * The packet in a text frame, or null when it is none: an empty frame, JSON of another protocol, and `b` with base64,
 * which is how a client sends binary data as text (it cannot be put together here: see `binary` in packets.ts).
 */
export function decodeEnginePacket(text: string): EnginePacket | null {
  const rest = text.slice(1);
  switch (text.charAt(0)) {
    case '0':
      return { kind: 'open' };
    case '1':
      return { kind: 'close' };
    case '2':
      return { kind: 'ping', text: rest };
    case '3':
      return { kind: 'pong', text: rest };
    case '4':
      return { kind: 'message', text: rest };
    case '5':
      return { kind: 'upgrade' };
    case '6':
      return { kind: 'noop' };
    default:
      return null;
  }
}

/** The first packet of a connection. It names no upgrades: WebSocket is the only transport. */
export function openPacket({ sid, pingIntervalMs, pingTimeoutMs, maxPayloadBytes }: Handshake): string {
  const handshake = {
    sid,
    upgrades: [],
    pingInterval: pingIntervalMs,
    pingTimeout: pingTimeoutMs,
    maxPayload: maxPayloadBytes,
  };
  return `0${JSON.stringify(handshake)}`;
}

/** Answers a ping with the text that it carried, `probe` for instance. */
export function pongPacket(text: string): string {
  return `3${text}`;
}

export function messagePacket(text: string): string {
  return `4${text}`;
}
