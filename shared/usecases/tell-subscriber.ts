// Tells one connection of a broadcast: in its dialect, if its client wants the event, and each dialect written once.
import type { Subscriber } from '../domain/connection.ts';
import { acknowledges, wants } from '../domain/connection.ts';
import type { Topic } from '../domain/topic.ts';
import type { Position } from '../domain/log.ts';
import type { TellResult } from '../domain/fan-out-plan.ts';
import type { CursorStore } from '../ports.ts';
import type { DialectName } from '../protocol/dialect-names.ts';
import type { ServerFrame } from '../protocol/server-frames.ts';
import type { GoOn } from './fan-out-ports.ts';
import type { PostFramePorts } from './post-frame.ts';
import { postTexts } from './post-frame.ts';

/** Tells a subscriber; the same frame for every one of them. */
export type Teller = (subscriber: Subscriber, goOn: GoOn) => Promise<TellResult>;

/** @param event what the frame is about, for clients that select events. */
export function tellerOf(ports: PostFramePorts, frame: ServerFrame, event: string): Teller {
  const written = new Map<DialectName, readonly string[]>();
  const textsFor = (dialect: DialectName): readonly string[] => {
    const texts = written.get(dialect) ?? ports.dialects.write(dialect, frame);
    written.set(dialect, texts);
    return texts;
  };
  return async (subscriber, goOn) => {
    const wanted = wants(subscriber, event);
    if (wanted === 'later') return 'not_yet';
    return wanted === 'no' ? 'not_selected' : postTexts(ports, subscriber, textsFor(subscriber.dialect), goOn);
  };
}

/**
 * Notes what is settled for a user whose client does not acknowledge: what was posted to such a client is not posted to
 * one again, nor is what the client did not select. Nothing is noted of clients that acknowledge for themselves.
 */
export async function noteTold(
  ports: { readonly cursors: CursorStore },
  tenant: string,
  key: { readonly topic: Topic; readonly user: string },
  { epoch, seq }: Position,
  told: readonly { readonly subscriber: Subscriber; readonly result: TellResult }[],
): Promise<void> {
  const results = told.flatMap(({ subscriber, result }) => (acknowledges(subscriber.dialect) ? [] : [result]));
  const run = { fromSeq: seq, toSeq: seq };
  if (results.includes('posted')) await ports.cursors.push(tenant, key, epoch, [run]);
  else if (results.length > 0 && results.every((result) => result === 'not_selected'))
    await ports.cursors.push(tenant, key, epoch, [], [run]);
}
