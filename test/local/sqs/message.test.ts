// Checksums and handles of messages.
import { describe, expect, it } from 'vitest';
import {
  attributesMd5,
  handleOf,
  md5,
  messageBytes,
  readHandle,
  type StoredMessage,
} from '../../../local/sqs/message.ts';

const text = { DataType: 'String', StringValue: 'attribValue 1' };
const labelled = { DataType: 'Number.float', StringValue: '4563442423554324324264524243.32543234' };
const binary = { DataType: 'Binary', BinaryValue: Buffer.from('Hello binary world!').toString('base64') };

describe('checksums', () => {
  // The values are those of the package aws-md5-of-message-attributes, which were compared with SQS itself.
  it.each([
    ['text', { attribName1: text }, '19e27d4e946b072f3f58da80d94fd778'],
    ['a labelled number', { customNumberTypeAttrib: labelled }, '9fe1b90bbd9965bdf77bac517c7d2495'],
    ['bytes', { binaryAttribute: binary }, '31a92b15d92f8db860eda32aceb656c3'],
    [
      'all of them in any order',
      { customNumberTypeAttrib: labelled, binaryAttribute: binary, attribName1: text },
      'c932db14a896c663f83c260297d594ff',
    ],
  ])('of attributes with %s', (_, attributes, checksum) => {
    expect(attributesMd5(attributes)).toBe(checksum);
  });

  it('of a body', () => {
    expect(md5('hello')).toBe('5d41402abc4b2a76b9719d911017c592');
  });
});

describe('the size of a message', () => {
  it('counts bytes of the body and of every attribute', () => {
    expect(messageBytes('é', { ab: { DataType: 'Binary', BinaryValue: 'AAAA' } })).toBe(2 + 2 + 6 + 3);
  });
});

describe('a receipt handle', () => {
  it('names the message and the receive', () => {
    const message: StoredMessage = {
      id: '2a1d7e4c-0f60-4f1e-9d0c-5b6a7c8d9e0f',
      body: 'x',
      bodyMd5: md5('x'),
      attributes: {},
      sentAtMs: 0,
      availableAtMs: 0,
      receives: 3,
      firstReceivedAtMs: 0,
      deadLetterSourceArn: null,
    };
    expect(readHandle(handleOf(message))).toEqual({ id: message.id, receives: 3 });
  });

  it.each(['', 'nonsense', Buffer.from('a:1').toString('base64url')])('is not %j', (handle) => {
    expect(readHandle(handle)).toBeNull();
  });
});
