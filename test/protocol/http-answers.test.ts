// The schemas of answers against what the dialects really answer: nothing more, nothing less.
import { describe, expect, it } from 'vitest';
import { deliveriesAnswer, publishedAnswer } from '../../shared/dialects/broadcasts.ts';
import {
  acceptedAnswer,
  batchAnswer,
  reportAnswer,
  statusAnswer,
  testAnswer,
} from '../../shared/dialects/contractors.ts';
import { communicationAnswer, guestConnectionsAnswer, guestTestAnswer } from '../../shared/dialects/hotel.ts';
import type { Broadcast } from '../../shared/domain/broadcast.ts';
import type { Delivery } from '../../shared/domain/delivery.ts';
import { newTally } from '../../shared/domain/delivery.ts';
import { deliveryStates } from '../../shared/protocol/delivery-states.ts';
import { notificationFrame, resetFrame, skippedFrame } from '../../shared/domain/frames.ts';
import { Failure, failureStatus } from '../../shared/protocol/failures.ts';
import * as schemas from '../../shared/protocol/http-answers.ts';
import { writeInboxMark } from '../../shared/protocol/inbox-mark.ts';
import { operations } from '../../shared/protocol/operations.ts';
import type { HttpRouteName } from '../../shared/protocol/routes.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { refuse } from '../../functions/http/answers.ts';
import { aBroadcast } from '../builders/broadcast.ts';
import { aNotification } from '../builders/notification.ts';

const atMs = Date.UTC(2026, 10, 21, 8, 30);
const named = aBroadcast();
const wide: Broadcast = aBroadcast({ audience: { kind: 'topic', topic: 'all' }, durability: 'ephemeral' });
const role: Broadcast = aBroadcast({ audience: { kind: 'topic', topic: 'role:technician' } });
const everyTime = Object.fromEntries(deliveryStates.map((state) => [state, atMs]));
const deliveries: readonly Delivery[] = [
  ...deliveryStates.map((state): Delivery => ({ user: state, state, times: { accepted: atMs } })),
  { user: 'a', state: 'failed', reason: 'too_late', times: everyTime },
];
const status = { connections: 2, users: 1, queue: { waiting: 1, inFlight: 0 }, deadLetters: 0, atMs };
const tally = newTally();
const communication = aBroadcast({
  data: { hotel_id: 1, type: 'notification', title: 't', message: 'm', recipient_type: 'all', status: 'sent' },
});
const position = { topic: 'user:a', epoch: 'e', seq: 3 } as const;
const unread = { topic: 'user:a', epoch: 'e', count: 1, asOfSeq: 3, version: 2 };
const inbox = {
  frames: [
    notificationFrame(aNotification({ metadata: { alert: 'x' } }), position),
    skippedFrame('user:a', 'e', { fromSeq: 1, toSeq: 2 }, 'expired'),
    resetFrame(position, 'new_epoch'),
  ],
  positions: [position],
  complete: true,
  topics: [{ ...unread, readSeq: 1, readBeyond: [{ fromSeq: 3, toSeq: 3 }] }],
  next: writeInboxMark([position]),
};

/** An answer for each route whose dialect is as old as the schema; the other products' answers are typed by their schemas. */
const answered: readonly (readonly [HttpRouteName, number, object])[] = [
  ...[named, wide, role].flatMap((broadcast) => [
    ['publish', 202, publishedAnswer(broadcast)] as const,
    ['getDeliveries', 200, deliveriesAnswer({ broadcast, deliveries, next: 'mark' })] as const,
    ['createBroadcast', 202, acceptedAnswer(broadcast)] as const,
    ['getBroadcast', 200, reportAnswer({ broadcast, deliveries, next: null, counts: tally.counts })] as const,
  ]),
  ['createBatch', 202, batchAnswer([named, wide])],
  ['getStatus', 200, statusAnswer(status)],
  ['getStatus', 200, statusAnswer({ ...status, deadLetters: 1 })],
  ['sendTest', 200, testAnswer(aBroadcast({ data: { message: 'Hello' } }), status)],
  ['getInbox', 200, inbox],
  ['updateInbox', 200, { unread: [unread] }],
  ['createCommunication', 201, communicationAnswer(communication)],
  ['getGuestConnections', 200, guestConnectionsAnswer([{ user: '7', connections: [1, 2] }])],
  ['sendGuestTest', 200, guestTestAnswer({ guestId: 7 }, named)],
];

it.each(answered)('%s %i answers what its schema says, field for field', (name, code, answer) => {
  const schema = operations[name].answers[code]?.schema;
  if (schema === undefined) throw new Error(`${name} has no answer ${String(code)}`);
  // A schema drops the fields that it does not know.
  expect(validate(schema, JSON.parse(JSON.stringify(answer)), 'answer')).toEqual(answer);
});

describe('a refusal', () => {
  const detail = { message: 'm', field: 'f', remedy: 'r', accepted: [{ index: 0, broadcastId: 'B1' }] };

  it.each(Object.keys(failureStatus) as (keyof typeof failureStatus)[])('%s is as its schema says', (code) => {
    for (const given of [detail, { message: 'm', remedy: 'r', retryAfterSeconds: 1 }]) {
      const { body } = refuse(new Failure(code, given), 'request-1', {});
      const answer: unknown = JSON.parse(body ?? '');
      expect(validate(schemas.errorAnswer, answer, 'answer')).toEqual(answer);
    }
  });
});
