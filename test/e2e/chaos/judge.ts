// What clients have shown, held against what was accepted: each once, in order, complete, and nothing else.
import type { NotificationFrame } from '../../../shared/protocol/server-frames.ts';
import type { Accepted } from './crm.ts';

export interface Screen {
  readonly name: string;
  readonly user: string;
  /** In the order in which they were shown. */
  readonly shown: readonly Pick<NotificationFrame, 'id' | 'topic' | 'epoch' | 'seq' | 'data'>[];
}

export interface Verdict {
  /** How many notifications all clients together had to show. */
  readonly expected: number;
  readonly shown: number;
  /** Each as a sentence. */
  readonly lost: readonly string[];
  readonly repeated: readonly string[];
  readonly outOfOrder: readonly string[];
  /** Not accepted, not for this user, or not what was sent. */
  readonly foreign: readonly string[];
}

export function isAddressed({ users }: Accepted, user: string): boolean {
  return users === null || users.includes(user);
}

/** Every client must have followed its topics from their first entry on. */
export function judge(screens: readonly Screen[], accepted: readonly Accepted[]): Verdict {
  const byId = new Map(accepted.map((broadcast) => [broadcast.id, broadcast]));
  const idAt = new Map<string, string>();
  const lost: string[] = [];
  const repeated: string[] = [];
  const outOfOrder: string[] = [];
  const foreign: string[] = [];
  let expected = 0;
  for (const { name, user, shown } of screens) {
    const seen = new Set<string>();
    const lastSeqs = new Map<string, number>();
    for (const { id, topic = '', epoch = '', seq = 0, data } of shown) {
      const place = `${topic} ${epoch} #${String(seq)}`;
      const broadcast = byId.get(id);
      if (seen.has(id)) repeated.push(`${name} showed ${id} at ${place} again`);
      seen.add(id);
      if (broadcast === undefined || !isAddressed(broadcast, user) || data['number'] !== broadcast.number)
        foreign.push(`${name} showed ${id} at ${place}, which was not sent to ${user} like this`);
      const log = `${topic} ${epoch}`;
      const last = lastSeqs.get(log) ?? 0;
      if (seq !== last + 1) outOfOrder.push(`${name} showed ${place} after #${String(last)}`);
      lastSeqs.set(log, seq);
      if ((idAt.get(place) ?? id) !== id) outOfOrder.push(`${name} showed ${id} at ${place}, others something else`);
      idAt.set(place, id);
    }
    for (const broadcast of accepted) {
      if (!isAddressed(broadcast, user)) continue;
      expected += 1;
      if (!seen.has(broadcast.id))
        lost.push(`${name} never showed ${broadcast.id}, number ${String(broadcast.number)}`);
    }
  }
  const shown = screens.reduce((sum, screen) => sum + screen.shown.length, 0);
  return { expected, shown, lost, repeated, outOfOrder, foreign };
}

export function isFlawless({ lost, repeated, outOfOrder, foreign }: Verdict): boolean {
  return lost.length + repeated.length + outOfOrder.length + foreign.length === 0;
}
