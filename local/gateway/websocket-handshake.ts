// Before a connection exists: what may upgrade at all, how fast, what is held back meanwhile, and how one is refused.
import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { frameGuard } from './frame-guard.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html */
const URL_CHARACTERS_MAX = 4_096;

/** A client must not send anything before it has its answer; one that sends more frames than this is cut off. */
const EARLY_FRAMES_MAX = 100;

/** How long a refused client may take to hang up. */
const LINGER_MS = 1_000;

/** Takes one from a bucket that holds `perSecond` and is refilled at that rate; false when it is empty. */
export function tokenBucket(perSecond: number, now: () => number): () => boolean {
  let tokens = perSecond;
  let filledAtMs = now();
  return () => {
    const nowMs = now();
    tokens = Math.min(perSecond, tokens + ((nowMs - filledAtMs) * perSecond) / 1_000);
    filledAtMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/**
 * The status that an upgrade is refused with before any function hears of it; null when it is in order. The gateway
 * knows only the path itself, with one slash at its end or none: everything else is 403.
 */
export function handshakeProblem(request: IncomingMessage, path: string): number | null {
  const url = request.url ?? '';
  const asked = url.split('?', 1)[0];
  if (asked !== path && asked !== `${path}/`) return 403;
  if (url.length > URL_CHARACTERS_MAX) return 414;
  const { headers } = request;
  const isWellFormed =
    request.method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '') &&
    areDistinctTokens(headers['sec-websocket-protocol']);
  return isWellFormed ? null : 400;
}

/** Answers an upgrade with a plain HTTP status and hangs up. */
export function refuseUpgrade(socket: Socket, status: number): void {
  const text = STATUS_CODES[status] ?? 'Refused';
  const body = JSON.stringify({ message: text });
  const head = [
    `HTTP/1.1 ${String(status)} ${text}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
  ];
  socket.on('error', () => socket.destroy());
  socket.setTimeout(LINGER_MS, () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
}

/** What a client sends, or that it left, while its upgrade is pending. */
export interface HeldClient {
  isGone(): boolean;
  /** Stops holding and returns what came. The socket is paused until somebody reads it. */
  release(): Buffer;
}

/** Reads on while `$connect` runs: only one who reads learns that the client has left. */
export function holdClient(socket: Socket, head: Buffer): HeldClient {
  const chunks: Buffer[] = [];
  const read = frameGuard(Infinity);
  let gone = false;
  const leave = (): void => {
    gone = true;
    socket.destroy();
  };
  const keep = (chunk: Buffer): void => {
    chunks.push(chunk);
    if (read(chunk).frames > EARLY_FRAMES_MAX) leave();
  };
  keep(head);
  socket.on('error', leave).on('end', leave).on('close', leave).on('data', keep);
  return {
    isGone: () => gone,
    release: () => {
      socket.pause();
      socket.off('data', keep).off('close', leave).off('end', leave).off('error', leave);
      return Buffer.concat(chunks);
    },
  };
}

function areDistinctTokens(protocols: string | undefined): boolean {
  if (protocols === undefined) return true;
  const names = protocols.split(',').map((name) => name.trim());
  return new Set(names).size === names.length && names.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name));
}
