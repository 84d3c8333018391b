// What both gateways say of a request: ids, times and who is at the other end, in the formats of API Gateway.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

/** An id as API Gateway gives to requests and connections: 15 base64url characters and `=`. */
export function newGatewayId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

/** The time of a request as events carry it: `09/Feb/2024:18:11:43 +0000`. */
export function requestTime(epochMs: number): string {
  // `Fri, 09 Feb 2024 18:11:43 GMT`, whose parts have fixed places.
  const text = new Date(epochMs).toUTCString();
  return `${text.slice(5, 7)}/${text.slice(8, 11)}/${text.slice(12, 16)}:${text.slice(17, 25)} +0000`;
}

/** The address at the other end of the socket; an IPv4 address is shown as one, also on a dual-stack socket. */
export function sourceIpOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}

/**
 * The headers that AWS adds on the way in, by lower-case name. What the client claims in `X-Forwarded-For` stays in
 * front of the address that was really seen. Port and protocol are those of the deployed address, which is always TLS.
 */
export function forwardingHeaders(claimed: string | undefined, sourceIp: string, nowMs: number): Map<string, string> {
  const seconds = Math.floor(nowMs / 1000).toString(16);
  return new Map([
    ['x-amzn-trace-id', `Root=1-${seconds}-${randomBytes(12).toString('hex')}`],
    ['x-forwarded-for', claimed === undefined ? sourceIp : `${claimed}, ${sourceIp}`],
    ['x-forwarded-port', '443'],
    ['x-forwarded-proto', 'https'],
  ]);
}
