// Every limit of the system in one place, with its unit in the name and the source that it comes from.

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const kibibyte = 1_024;

/** API Gateway WebSocket quotas: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html */
export const gatewayLimits = {
  messageBytesMax: 128 * kibibyte,
  connectionMs: 2 * hour,
} as const;

/** What a caller of the HTTP API may send. The body limit leaves room for the envelope inside one 128 KB gateway message. */
export const requestLimits = {
  bodyBytesMax: 96 * kibibyte,
  /** A notification when it is written out: a body, and what a dialect adds to it. */
  notificationBytesMax: 97 * kibibyte,
  jsonDepthMax: 32,
  recipientsMax: 1_000,
  exceptMax: 100,
  idempotencyKeyCharactersMax: 255,
  recipientPageDefault: 100,
  recipientPageMax: 500,
  inboxPageDefault: 50,
  inboxPageMax: 100,
  /** A page ends here at the latest: Lambda answers with at most 6 MB, in which every quote is escaped once more. */
  inboxBytesMax: 2_048 * kibibyte,
  broadcastIdCharactersMax: 64,
  /** Requests of one user to the inbox in each window. */
  inboxRequestsMax: 240,
  /** Requests of one address without credentials in each window. */
  visitorRequestsMax: 120,
  selectedEventsMax: 50,
  testMessageCharactersMax: 1_000,
  /** What people read: the type of a notification, its title, and the text of it or of a chat message. */
  typeCharactersMax: 64,
  titleCharactersMax: 256,
  messageCharactersMax: 16_384,
  /** Rate limits count in windows of this length, which start at whole minutes. */
  rateWindowMs: minute,
  /** How long a repeated request waits for the first one, step by step, before it finishes the work itself. */
  repetitionWaitsMs: [20, 40, 80, 160],
} as const;

/** Names that become part of keys. DynamoDB allows 1,024 bytes of sort key; percent-encoding can triple a name. */
export const nameLimits = {
  userCharactersMax: 128,
  tenantCharactersMax: 64,
  topicNameCharactersMax: 128,
  eventCharactersMax: 128,
  statusCharactersMax: 64,
  /** What callers call their own things: a lead, a form. */
  recordIdCharactersMax: 128,
} as const;

/** What a connection may send and how long it may stay unauthenticated. RFC 8725 has no token size; 4,096 is the gateway's URL limit. */
export const connectionLimits = {
  tokenCharactersMax: 4_096,
  authenticateWithinMs: 10 * second,
  readsPerFrameMax: 100,
  /** A user's own topic, everyone, and one for each role. */
  topicsMax: 50,
  /** Those topics, and the rooms that were joined. */
  positionsMax: 100,
  frameIdCharactersMax: 64,
  /** How many events a client that selects them may name in one frame. */
  eventsPerFrameMax: 100,
  heartbeatEveryMs: 5 * minute,
  /** Two and a half heartbeats: one may be lost, and a hidden browser tab is late by a minute. */
  leaseMs: 12.5 * minute,
  /** How long the opener tries to greet; a client's own limit is some 20 s. */
  greetWithinMs: 10 * second,
  /** A connection younger than this may answer `gone` because `$connect` has not returned yet (29 s at most). */
  openingMs: 30 * second,
} as const;

/** What Socket.IO clients are told and may send. They hang up when no ping comes for interval and timeout together. */
export const socketIoLimits = {
  /** Together more than the gateway's two hours, so that clients live without pings; timers take less than 2^31 ms. */
  pingIntervalMs: 2 * hour,
  pingTimeoutMs: 10 * minute,
  /** One frame of the gateway: a browser cannot cut a message into smaller ones. */
  maxPayloadBytes: 32 * kibibyte,
  namespaceCharactersMax: 128,
  /** Beyond it numbers are no longer exact, and an ack would carry another id than its event. */
  ackIdMax: Number.MAX_SAFE_INTEGER,
} as const;

/** How long things are kept. A cursor outlives the longest log entry, so that nobody who returns late is mistaken for new. */
export const retention = {
  notificationMs: 30 * day,
  notificationDays: 30,
  broadcastMs: 30 * day,
  idempotencyMs: 24 * hour,
  tombstoneMs: 2 * hour,
  ephemeralMs: 5 * second,
  lookBackUnitMs: hour,
} as const;

/** What a cursor remembers besides its positions. */
export const cursorLimits = {
  acknowledgementsKept: 4,
  readTimesKept: 4,
  pastKept: 4,
  passedOverRunsMax: 1_000,
  pushedRunsMax: 1_000,
} as const;

/** How unread notifications are counted: one by one this far, so that expired ones are left out; beyond that by subtraction. */
export const unreadLimits = { countedMax: 100, pagesMax: 10, readRunsShownMax: 100 } as const;

/** How broadcasts that were stored but never queued are found: those older than `afterMs`, so many in one run. */
export const outboxLimits = { afterMs: 30 * second, shards: 4, perShardMax: 250, sweepEveryMinutes: 1 } as const;

/** How fan-out divides its work: a page is what one queue message covers. */
export const fanOutLimits = {
  usersPerPage: 100,
  connectionsPerPage: 500,
  appendsAtOnce: 16,
  postsAtOnce: 64,
  postAttemptsMax: 3,
  postTimeoutMs: 3 * second,
  deadlineMarginMs: 5 * second,
  /** Wide topics are spread over this many partition keys; DynamoDB takes 1,000 writes a second for each. */
  wideTopicShards: 16,
} as const;

/** How a missed history is sent: in order, one frame each, this many read at a time. */
export const resumeLimits = { entriesPerRead: 100, entriesPerCallMax: 2_000 } as const;

/** Between two posts to one connection; each wait is so many times the one before. */
export const postRetry = { firstWaitMs: 100, factor: 4 } as const;

/** Between two posts of the greeting, while the gateway does not know the connection yet. */
export const greetRetry = { firstWaitMs: 10, factor: 1.5, waitMsMax: 250 } as const;

/**
 * An SQS message may be received this often before it becomes a dead letter. The wait between two receives doubles up
 * to a minute, some 14 minutes in all, so that a store that is throttled for a while costs no message. What can never
 * succeed is tried just as often, but each second.
 */
export const queueLimits = { receivesMax: 20, retryFirstSeconds: 1, retrySecondsMax: 60 } as const;

/**
 * How the adapters deal with the tables: quotas of DynamoDB, and bounds of our own for retries and housekeeping.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
 */
export const tableLimits = {
  batchGetKeysMax: 100,
  /** Expired items stay this much longer, so that readers see them expired rather than missing. */
  expirySlackMs: hour,
  /** How far the clocks of two functions may be apart. */
  clockSkewMs: 10 * second,
  /** An append looks at this many of the last entries, and when those are all recent, at four times as many before them. */
  tailEntriesPerRead: 16,
  tailGrowth: 4,
  appendAttemptsMax: 60,
  batchAttemptsMax: 8,
  claimAttemptsMax: 3,
  backOffFirstMs: 8,
  backOffMaxMs: 250,
  /** How often a change is tried again that others were quicker with. */
  changeAttemptsMax: 30,
  /** How many of a log's past epochs are remembered; whoever stood in an older one is told to begin anew. */
  pastEpochsMax: 16,
} as const;

/** Quotas of SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const sendLimits = { entriesPerBatchMax: 10, delaySecondsMax: 900 } as const;

/** How the issuer's public keys are fetched and kept. */
export const keySetLimits = {
  fetchTimeoutMs: 3 * second,
  bytesMax: 256 * kibibyte,
  /** Keys older than this are fetched again, so that a withdrawn one stops working. */
  ageMaxMs: hour,
  /** How long nothing is fetched after a fetch that did not have the key, and after one that failed. */
  waitAfterMissMs: 10 * second,
  waitAfterFailureMs: second,
  /** How far an issuer's clock may be ahead of ours. */
  notBeforeLeewayMs: 5 * second,
} as const;

/** Who is there. A user whose last connection ends is offline when none has come back after the grace. */
export const presenceLimits = {
  graceMs: 10 * second,
  /** A user who is in no state yet is looked at again this often before giving up. */
  checkAttemptsMax: 5,
  /** How long what is known of a user who left is kept. */
  keptMs: 30 * day,
  /** A typing indicator ends by itself after this time. */
  typingMs: 6 * second,
  /** How many users one answer lists: with the longest names, escaped twice, still below the 6 MB that Lambda answers with. */
  listedMax: 5_000,
} as const;

/** How often a connection that cannot ping by itself is attended to: well below the gateway's idle limit of ten minutes. */
export const attendLimits = {
  everyMs: 5 * minute,
  /** What is younger is being posted by whoever made it. */
  settleMs: 30 * second,
} as const;

/**
 * Frames of one connection in each window. Polite clients send far fewer; beyond `framesMax` frames are refused, beyond
 * `framesBeforeClosing` the socket is closed. `uncountedMax` frames of each window are counted by the function's instance
 * alone, so that only a busy connection costs a write.
 */
export const frameLimits = {
  windowMs: 10 * second,
  framesMax: 100,
  framesBeforeClosing: 400,
  uncountedMax: 5,
} as const;

/**
 * Numbers in place of broadcast ids, for clients whose ids were those of an SQL table: milliseconds since `sinceMs`, which
 * last for 34 years, and behind them bits of a hash. Together they are what a number of JavaScript holds exactly.
 */
export const numericIdLimits = { sinceMs: Date.UTC(2024, 0, 1), timeBits: 40, hashBits: 13 } as const;

/** How many rooms one connection may be in. */
export const roomLimits = { roomsMax: 50 } as const;

/** How long events about a page that is open are kept, such as a lead or a work order that changed: who was away for longer reads the page anew. */
export const eventLimits = { keptMs: day } as const;

/** What a batch of broadcasts may hold. */
export const batchLimits = { broadcastsMax: 100, acceptedAtOnce: 16, retryAfterSeconds: 2 } as const;

/** What a communication of the hotel may hold; a label is a category, or who sends it. */
export const communicationLimits = {
  titleCharactersMax: 256,
  messageCharactersMax: 8_192,
  labelCharactersMax: 64,
} as const;

/**
 * How the secret of HS256 tokens is kept, and how long it has to be: as long as the hash.
 * Source: RFC 7518, section 3.2
 */
export const sharedSecretLimits = {
  bytesMin: 32,
  /** A secret older than this is read again, so that a rotated one comes into force. */
  ageMaxMs: 5 * minute,
  readTimeoutMs: 3 * second,
  /** How long nothing is read after a read that failed. */
  waitAfterFailureMs: second,
} as const;
