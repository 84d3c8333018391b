// Reads and checks the parameters of SQS calls.

import { SqsFault } from './fault.ts';
import { messageBytes, type MessageAttribute, type MessageAttributes } from './message.ts';
import type { NewMessage } from './queue.ts';

export type Input = Readonly<Record<string, unknown>>;

const batchEntriesMax = 10;
const attributesMax = 10;

export function readInput(body: Buffer): Input {
  try {
    return asInput(JSON.parse(body.toString('utf8')), 'The body');
  } catch {
    throw new SqsFault('InvalidParameterValue', 'The body is not a JSON object.');
  }
}

function asInput(value: unknown, what: string): Input {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Input;
  throw new SqsFault('InvalidParameterValue', `${what} must be an object.`);
}

export function readText(input: Input, name: string): string {
  const value = input[name];
  if (value === undefined) throw new SqsFault('MissingParameter', `The request must contain the parameter ${name}.`);
  if (typeof value === 'string') return value;
  throw new SqsFault('InvalidParameterValue', `${name} must be a string.`);
}

export function readWhole(input: Input, name: string, least: number, most: number): number | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  const range = `Must be between ${String(least)} and ${String(most)}`;
  throw new SqsFault('InvalidParameterValue', `Value for parameter ${name} is invalid. Reason: ${range}.`);
}

/** In milliseconds, from a parameter in seconds. */
export function readSeconds(input: Input, name: string, most: number): number | undefined {
  const seconds = readWhole(input, name, 0, most);
  return seconds === undefined ? undefined : seconds * 1000;
}

export function readTexts(input: Input, name: string): readonly string[] {
  const value = input[name];
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
  throw new SqsFault('InvalidParameterValue', `${name} must be a list of strings.`);
}

export interface BatchEntry {
  readonly id: string;
  readonly input: Input;
}

/** The entries of a batch, each with an id of its own. */
export function readEntries(input: Input): readonly BatchEntry[] {
  const value = input['Entries'];
  if (!Array.isArray(value) || value.length === 0) {
    throw new SqsFault('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (value.length > batchEntriesMax) {
    const found = `You have sent ${String(value.length)}.`;
    throw new SqsFault('TooManyEntriesInBatchRequest', `Maximum number of entries per request are 10. ${found}`);
  }
  const entries = value.map((entry: unknown) => {
    const fields = asInput(entry, 'An entry');
    return { id: readText(fields, 'Id'), input: fields };
  });
  for (const [index, { id }] of entries.entries()) {
    if (!/^[\w-]{1,80}$/.test(id)) {
      throw new SqsFault('InvalidBatchEntryId', 'An id has up to 80 letters, digits, hyphens and underscores.');
    }
    if (entries.findIndex((entry) => entry.id === id) !== index) {
      throw new SqsFault('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    }
  }
  return entries;
}

export interface CheckedMessage extends NewMessage {
  readonly bytes: number;
}

/** The message of a send, or of one entry of a batch. */
export function readMessage(input: Input, bytesMax: number): CheckedMessage {
  // Silently unordered or duplicated messages would be worse than a refusal.
  for (const name of ['MessageGroupId', 'MessageDeduplicationId', 'MessageSystemAttributes']) {
    if (input[name] !== undefined)
      throw new SqsFault('UnsupportedOperation', `${name} is not served by the local runtime.`);
  }
  const body = readText(input, 'MessageBody');
  if (body === '') throw new SqsFault('MissingParameter', 'The request must contain the parameter MessageBody.');
  // SQS takes the characters of XML 1.0.
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(body)) {
    throw new SqsFault('InvalidMessageContents', 'The message body contains characters that are not allowed.');
  }
  const attributes = readAttributes(input['MessageAttributes']);
  const bytes = messageBytes(body, attributes);
  if (bytes > bytesMax) {
    const limit = `Message must be shorter than ${String(bytesMax)} bytes`;
    throw new SqsFault('InvalidParameterValue', `One or more parameters are invalid. Reason: ${limit}.`);
  }
  const delayMs = readSeconds(input, 'DelaySeconds', 900);
  return { body, attributes, bytes, ...(delayMs !== undefined && { delayMs }) };
}

function readAttributes(value: unknown): MessageAttributes {
  if (value === undefined) return {};
  const entries = Object.entries(asInput(value, 'MessageAttributes'));
  if (entries.length > attributesMax) {
    throw new SqsFault('InvalidParameterValue', `A message has at most ${String(attributesMax)} attributes.`);
  }
  return Object.fromEntries(entries.map(([name, attribute]) => [name, readAttribute(name, attribute)]));
}

function readAttribute(name: string, value: unknown): MessageAttribute {
  if (!/^(?!\.|AWS\.|Amazon\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i.test(name)) {
    throw new SqsFault('InvalidParameterValue', `The message attribute name ${JSON.stringify(name)} is invalid.`);
  }
  const fields = asInput(value, `The message attribute ${name}`);
  const type = readText(fields, 'DataType');
  const kind = /^(String|Number|Binary)(?:\.|$)/.exec(type)?.[1];
  if (kind === undefined)
    throw new SqsFault('InvalidParameterValue', `The type of the message attribute ${name} is invalid.`);
  const valueName = kind === 'Binary' ? 'BinaryValue' : 'StringValue';
  const text = readText(fields, valueName);
  if (text === '') throw new SqsFault('InvalidParameterValue', `The message attribute ${name} must not be empty.`);
  return { DataType: type, [valueName]: text };
}
