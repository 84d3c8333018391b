// What the API documents say of the routes of the contractors.
import {
  contractorBroadcastBody,
  contractorTestBody,
  createBatchAnswer,
  createBatchBody,
  createBroadcastAnswer,
  reportQuery,
} from './http-bodies.ts';
import { reportAnswer, statusAnswer, testAnswer } from './http-answers.ts';
import type { Operation } from './operation.ts';
import type { HttpRouteName } from './routes.ts';

const taskForTwo = {
  eventType: 'task:new',
  taskData: { id: 'task-1', title: 'Fix the boiler', priority: 'High' },
  contractorIds: ['contractor1', 'contractor2'],
} as const;

export const contractorOperations = {
  createBroadcast: {
    product: 'Contractors',
    summary: 'Tell contractors something',
    description:
      'Without `contractorIds` and `targetContractor` everybody is told. `task:new` and `task:assigned` need `taskData`, `notification:system` needs `notification`. ' +
      'The priority of the task (or of the notification) becomes `metadata.alert`, by which the app chooses sound and vibration.',
    body: contractorBroadcastBody,
    example: { body: taskForTwo },
    answers: {
      202: { description: 'Stored. It is sent next, and kept for who is away.', schema: createBroadcastAnswer },
    },
  },
  createBatch: {
    product: 'Contractors',
    summary: 'Tell contractors several things at once',
    description:
      'All broadcasts are checked before any is accepted, so that a refusal means that nothing was. Send an `Idempotency-Key`: should the request fail midway, repeat it with the same key, and nothing is sent twice.',
    body: createBatchBody,
    example: { body: { broadcasts: [taskForTwo] } },
    answers: { 202: { description: 'All of them are stored.', schema: createBatchAnswer } },
  },
  getBroadcast: {
    product: 'Contractors',
    summary: 'What became of a broadcast, with counts',
    query: reportQuery,
    example: { path: { id: '01KAHJ5X3B9V6C2M4N8P7Q0RST' } },
    answers: { 200: { description: 'Its counts, and one page of its deliveries.', schema: reportAnswer } },
    refusals: ['not_found'],
  },
  sendTest: {
    product: 'Contractors',
    summary: 'Try the whole path',
    description:
      'Sends a notification of the event `notification:test` that only reaches who is connected, and leaves nothing behind.',
    body: contractorTestBody,
    example: { body: { message: 'Is this thing on?' } },
    answers: { 200: { description: 'It is on its way, and this is how the service is.', schema: testAnswer } },
  },
  getStatus: {
    product: 'Contractors',
    summary: 'How the service is',
    answers: {
      200: { description: 'Who is connected, what waits, what could not be processed.', schema: statusAnswer },
    },
  },
} as const satisfies Partial<Record<HttpRouteName, Operation>>;
