// The head of one log: its epoch, and where it ends or a little before.
import { randomUUID } from 'node:crypto';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LogHead, PastEpoch } from '../domain/log.ts';
import { tableLimits } from '../protocol/limits.ts';
import { tooBusy } from './back-off.ts';
import { conditionHeld } from './conditional.ts';
import type { Log } from './log-entries.ts';
import { lastSeqFrom } from './log-entries.ts';

/** The era of heads that do not name one: they are older than eras. */
const firstEra = '1';

/** Never expires, so that sequence numbers are not used again when all entries have. May lag behind the last entry. */
export interface Head {
  readonly epoch: string;
  readonly lastSeq: number;
  readonly era?: string;
  readonly past?: readonly PastEra[];
}

interface PastEra extends PastEpoch {
  readonly era: string;
}

/**
 * The head, of this era. One that is missing, or of an era that is over, is made anew by whoever comes first: by one
 * put, on condition that nobody was quicker. Its numbers go on after the last entry, for entries may have outlived it.
 */
export async function openHead(log: Log, era: string): Promise<Head> {
  for (let attempt = 0; attempt < tableLimits.changeAttemptsMax; attempt += 1) {
    const stored = await getHead(log);
    if (stored !== null && !isOver(stored, era)) return stored;
    const next = await nextHead(log, stored, era);
    if (await putHead(log, next, stored)) return next;
  }
  throw tooBusy('the log of this topic');
}

/** While a new version is rolled out, functions of the old one still have the era before; that one does not come back. */
function isOver({ era = firstEra, past = [] }: Head, configured: string): boolean {
  return era !== configured && !past.some((each) => each.era === configured);
}

/** The end is that of the last entry: `lastSeq` may lag, but is true when all entries have expired and are gone. */
async function nextHead(log: Log, stored: Head | null, era: string): Promise<Head> {
  const lastSeq = await lastSeqFrom(log, stored?.lastSeq ?? 0);
  const begun = { epoch: randomUUID(), lastSeq, era };
  if (stored === null) return begun;
  const ended: PastEra = { epoch: stored.epoch, endSeq: lastSeq, era: stored.era ?? firstEra };
  return { ...begun, past: [...(stored.past ?? []), ended].slice(-tableLimits.pastEpochsMax) };
}

async function putHead(log: Log, head: Head, before: Head | null): Promise<boolean> {
  const condition =
    before === null
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          // Nor may anybody have appended since the end was looked for: that entry would be beyond the end.
          ConditionExpression: 'epoch = :before AND lastSeq = :seen',
          ExpressionAttributeValues: { ':before': before.epoch, ':seen': before.lastSeq },
        };
  return conditionHeld(
    log.client.send(new PutCommand({ TableName: log.tableName, Item: { pk: log.pk, seq: 0, ...head }, ...condition })),
  );
}

async function getHead(log: Log): Promise<Head | null> {
  const found = await log.client.send(
    new GetCommand({ TableName: log.tableName, Key: { pk: log.pk, seq: 0 }, ConsistentRead: true }),
  );
  return (found.Item as Head | undefined) ?? null;
}

/**
 * Lets the head follow the last entry, and returns the epoch in which it stands there: another one when an epoch began
 * meanwhile, whose beginning may be before this entry. A crash before this is made good by whoever comes next.
 */
export async function advanceHead(log: Log, head: Head, seq: number): Promise<string> {
  if (seq <= head.lastSeq) return head.epoch;
  const isAdvanced = await conditionHeld(
    log.client.send(
      new UpdateCommand({
        TableName: log.tableName,
        Key: { pk: log.pk, seq: 0 },
        UpdateExpression: 'SET lastSeq = :seq',
        ConditionExpression: 'lastSeq < :seq AND epoch = :epoch',
        ExpressionAttributeValues: { ':seq': seq, ':epoch': head.epoch },
      }),
    ),
  );
  if (isAdvanced) return head.epoch;
  const standing = await getHead(log);
  // Another writer has brought it further already, or a new epoch has begun.
  if (standing === null || standing.epoch === head.epoch) return head.epoch;
  return advanceHead(log, standing, seq);
}

export function logHeadOf({ epoch, past = [] }: Head, seq: number): LogHead {
  return { epoch, seq, past: past.map((each) => ({ epoch: each.epoch, endSeq: each.endSeq })) };
}
