// How an answer finds the Socket.IO packet that it answers: `replyTo` says what was asked, and under which ack id.
import { socketIoLimits } from '../protocol/limits.ts';

export type Asked =
  /** An Engine.IO ping, and the text that its pong gives back. */
  | { readonly kind: 'ping'; readonly text: string }
  | { readonly kind: 'connect'; readonly namespace: string }
  | {
      readonly kind: 'event';
      readonly namespace: string;
      /** With an id the client waits for an ack. */
      readonly id: number | undefined;
      /** Empty when the packet is too broken to have a name. */
      readonly event: string;
    };

/** `engine:probe`, `connect`, `connect:/admin`, `event:12,/,joinRoom`: a namespace holds no comma, so that each can be read again. */
export function replyToOf(asked: Asked): string {
  switch (asked.kind) {
    case 'ping':
      return `engine:${asked.text}`;
    case 'connect':
      return asked.namespace === '/' ? 'connect' : `connect:${asked.namespace}`;
    case 'event':
      return `event:${asked.id === undefined ? '' : String(asked.id)},${asked.namespace},${asked.event}`;
  }
}

/** What was asked, or null for what no client of this dialect has asked. */
export function askedIn(replyTo: string | undefined): Asked | null {
  if (replyTo === undefined) return null;
  if (replyTo.startsWith('engine:')) return { kind: 'ping', text: replyTo.slice('engine:'.length) };
  if (replyTo === 'connect') return { kind: 'connect', namespace: '/' };
  const namespace = /^connect:(\/[^,]*)$/.exec(replyTo)?.[1];
  if (namespace !== undefined) return { kind: 'connect', namespace };
  const [, digits = '', place, event = ''] = /^event:(\d*),(\/[^,]*),([^]*)$/.exec(replyTo) ?? [];
  return place === undefined ? null : { kind: 'event', namespace: place, id: ackId(digits), event };
}

/**
 * What a packet asked that is too broken to be decoded (the text behind the `4`): a refused `connect` must be answered in
 * any case, for its client would wait for ever; so must an event with an ack id.
 */
export function askedByBroken(packet: string): Asked | null {
  const [head = '', type = '', namespace = '/', digits = ''] =
    /^([0256])(?:(?<=[56])\d+-)?(?:(\/[^,]*),?)?(\d*)/.exec(packet) ?? [];
  if (head === '' || type === '6') return null;
  return type === '0' ? { kind: 'connect', namespace } : { kind: 'event', namespace, id: ackId(digits), event: '' };
}

/** An id that a number cannot hold exactly would be another one in the ack. */
function ackId(digits: string): number | undefined {
  const id = Number(digits);
  return digits === '' || id > socketIoLimits.ackIdMax ? undefined : id;
}
