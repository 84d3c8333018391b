// A client as it should be: what it makes of the frames that it gets, and from where it asks for more.
import type { WireFrame } from '../../shared/protocol/server-frames.ts';
import type { World } from './world.ts';
import { everyFrameOf, send } from './world.ts';

interface Place {
  readonly epoch: string;
  readonly seq: number;
}

export interface Shown {
  readonly topic: string;
  readonly seq: number;
  readonly id: string;
}

export interface Device {
  /** Where it stands in each topic. */
  readonly positions: ReadonlyMap<string, Place>;
  /** What its app was handed and still holds, in order. */
  readonly shown: readonly Shown[];
  /** Of which numbers it was told that they are not for it, as `7 user:a`, and why. */
  readonly skipped: ReadonlyMap<string, string>;
  /** What it got again though it had it. */
  readonly repeated: readonly Shown[];
  /** What was not in order: a number left out, or an end that it was told and has not reached. */
  readonly faults: readonly string[];
}

/** @param start where the client stood, from an earlier connection; the greeting says it for other topics. */
export function deviceOf(frames: readonly WireFrame[], start: ReadonlyMap<string, Place> = new Map()): Device {
  const positions = new Map(start);
  const skipped = new Map<string, string>();
  const repeated: Shown[] = [];
  const faults: string[] = [];
  let shown: readonly Shown[] = [];
  /** Whether what runs from `fromSeq` to `toSeq` comes next; what the client has already is no fault. */
  const isNext = (topic: string, epoch: string, fromSeq: number, toSeq: number): boolean => {
    const place = positions.get(topic);
    if (place?.epoch === epoch && toSeq <= place.seq) return false;
    if (place?.epoch === epoch && fromSeq <= place.seq + 1) return true;
    faults.push(`${topic} ${epoch}: ${String(fromSeq)} after ${JSON.stringify(place)}`);
    return false;
  };
  const take = (frame: WireFrame): void => {
    switch (frame.type) {
      case 'connected':
      case 'refreshed':
        for (const { topic, ...place } of frame.positions) if (!positions.has(topic)) positions.set(topic, place);
        return;
      case 'joined': {
        const { topic, ...place } = frame.position ?? { topic: '' };
        if ('seq' in place && !positions.has(topic)) positions.set(topic, place);
        return;
      }
      case 'left':
        positions.delete(frame.topic);
        return;
      case 'notification': {
        const { topic, epoch, seq, id } = frame;
        if (topic === undefined || epoch === undefined || seq === undefined) return;
        const place = positions.get(topic);
        if (place?.epoch === epoch && seq <= place.seq) repeated.push({ topic, seq, id });
        if (!isNext(topic, epoch, seq, seq)) return;
        positions.set(topic, { epoch, seq });
        shown = [...shown, { topic, seq, id }];
        return;
      }
      case 'skipped': {
        const { topic, epoch, fromSeq, toSeq, reason } = frame;
        if (!isNext(topic, epoch, fromSeq, toSeq)) return;
        for (let seq = fromSeq; seq <= toSeq; seq += 1) skipped.set(`${String(seq)} ${topic}`, reason);
        positions.set(topic, { epoch, seq: toSeq });
        return;
      }
      case 'reset':
        positions.set(frame.topic, { epoch: frame.epoch, seq: frame.seq });
        shown = shown.filter(({ topic, seq }) => topic !== frame.topic || seq <= frame.seq);
        for (const name of skipped.keys()) if (isBeyond(name, frame)) skipped.delete(name);
        return;
      case 'resumed':
        for (const { topic, epoch, seq } of frame.positions) {
          const place = positions.get(topic);
          const isTrue = place?.epoch === epoch && place.seq >= seq;
          if (!isTrue) faults.push(`${topic} is said to be at ${String(seq)}, and is at ${JSON.stringify(place)}`);
        }
        return;
      case 'sent':
      case 'pong':
      case 'unread':
      case 'error':
    }
  };
  frames.forEach(take);
  return { positions, shown, skipped, repeated, faults };
}

function isBeyond(name: string, { topic, seq }: { readonly topic: string; readonly seq: number }): boolean {
  const [number, ...rest] = name.split(' ');
  return rest.join(' ') === topic && Number(number) > seq;
}

/** Asks for everything after where the client stands, as after a reconnection; returns what it has then. */
export async function resume(world: World, connectionId: string, start?: ReadonlyMap<string, Place>): Promise<Device> {
  const { positions } = deviceOf(everyFrameOf(world, connectionId), start);
  await send(world, connectionId, {
    type: 'resume',
    positions: [...positions].map(([topic, place]) => ({ topic, ...place })),
  });
  return deviceOf(everyFrameOf(world, connectionId), start);
}
