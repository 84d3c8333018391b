// What callers of the HTTP API send and get, as schemas.
import * as z from 'zod/mini';
import { nameLimits, requestLimits } from './limits.ts';

const jsonObject = z.record(z.string(), z.unknown());
const contractorId = z.string().check(z.minLength(1), z.maxLength(nameLimits.userCharactersMax));

const recipients = {
  /** Whom to tell. Without it and `targetContractor`: everybody. */
  contractorIds: z.optional(z.array(contractorId).check(z.minLength(1), z.maxLength(requestLimits.recipientsMax))),
  /** One more contractor to tell, as the brief's shorthand for a list of one. */
  targetContractor: z.optional(contractorId),
};

export const contractorEventTypes = ['task:new', 'task:assigned', 'notification:system'] as const;

/** `POST /api/notifications/broadcast` */
export const contractorBroadcastBody = z.strictObject({
  eventType: z.enum(contractorEventTypes),
  taskData: z.optional(jsonObject),
  notification: z.optional(jsonObject),
  ...recipients,
  metadata: z.optional(jsonObject),
});

/** `POST /api/notifications/test` */
export const contractorTestBody = z.strictObject({
  message: z.optional(z.string().check(z.maxLength(requestLimits.testMessageCharactersMax))),
  ...recipients,
});

/** The query of `GET /api/notifications/broadcasts/{id}` */
export const reportQuery = z.strictObject({ limit: z.optional(z.string()), after: z.optional(z.string()) });

export type ContractorBroadcastBody = z.infer<typeof contractorBroadcastBody>;
export type ContractorTestBody = z.infer<typeof contractorTestBody>;
