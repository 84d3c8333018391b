// What a queue keeps of one message, the checksums that clients verify, and the handles that receivers get.

import { createHash } from 'node:crypto';

export interface MessageAttribute {
  /** `String`, `Number` or `Binary`, possibly followed by a label: `Number.float`. */
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: MessageAttributes;
  readonly sentAtMs: number;
  /** When its delay ends. */
  readonly availableAtMs: number;
  /** How often it has been received. */
  readonly receives: number;
  readonly firstReceivedAtMs: number | null;
  /** The queue whose receivers gave up on it. */
  readonly deadLetterSourceArn: string | null;
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** As "Calculating the MD5 message digest for message attributes" in the SQS developer guide says. */
export function attributesMd5(attributes: MessageAttributes): string {
  const hash = createHash('md5');
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    add(Buffer.from(name));
    add(Buffer.from(attribute.DataType));
    const binary = attribute.DataType.startsWith('Binary');
    hash.update(Buffer.of(binary ? 2 : 1));
    add(valueOf(attribute));
  }
  return hash.digest('hex');
}

function valueOf({ DataType, StringValue = '', BinaryValue = '' }: MessageAttribute): Buffer {
  return DataType.startsWith('Binary') ? Buffer.from(BinaryValue, 'base64') : Buffer.from(StringValue);
}

/** What counts against the limits: the body and every attribute's name, type and value. */
export function messageBytes(body: string, attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce(
    (bytes, [name, attribute]) =>
      bytes + Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + valueOf(attribute).length,
    Buffer.byteLength(body),
  );
}

/** A handle names the message and the receive that gave it out, so an older receiver's handle no longer counts. */
export function handleOf({ id, receives }: StoredMessage): string {
  return Buffer.from(`${id}:${String(receives)}`).toString('base64url');
}

/** Null for what no receive ever gave out. */
export function readHandle(handle: string): { readonly id: string; readonly receives: number } | null {
  const match = /^([0-9a-f-]{36}):(\d+)$/.exec(Buffer.from(handle, 'base64url').toString());
  return match?.[1] === undefined ? null : { id: match[1], receives: Number(match[2]) };
}
