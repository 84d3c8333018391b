// The client's session against a model of the server: whatever a socket does, each notification is shown once and in order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSession } from '../../commands/session.ts';
import type { WireFrame } from '../../shared/protocol/server-frames.ts';
import type { ModelServer } from './model-server.ts';
import { modelServer } from './model-server.ts';
import type { ModelSocket } from './model-socket.ts';
import { framesMax, modelSocket } from './model-socket.ts';

/** What happens on the server, to the socket, or to one of the frames that are under way to the client. */
type Happening =
  | { readonly kind: 'append'; readonly isSuppressed: boolean }
  | { readonly kind: 'expire' | 'cut'; readonly share: number }
  | { readonly kind: 'reconnect' | 'beat' | 'acknowledge' }
  /** A notification that was shown is posted once more, as it was then: its broadcast came twice from the queue. */
  | { readonly kind: 'push again'; readonly pick: number }
  | { readonly kind: 'receive' | 'lose' | 'repeat'; readonly pick: number };

const share = fc.nat(100).map((percent) => percent / 100);
const pick = fc.nat(1_000);
const append = fc.record({ kind: fc.constant('append' as const), isSuppressed: fc.boolean() });
const expire = fc.record({ kind: fc.constant('expire' as const), share });
const cut = fc.record({ kind: fc.constant('cut' as const), share });
const client = fc.record({ kind: fc.constantFrom('reconnect' as const, 'beat' as const, 'acknowledge' as const) });
const inOrder = fc.record({ kind: fc.constant('receive' as const), pick: fc.constant(0) });
const faults = fc.record({ kind: fc.constantFrom('receive' as const, 'lose' as const, 'repeat' as const), pick });
const pushAgain = fc.record({ kind: fc.constant('push again' as const), pick });

function histories(...kinds: readonly fc.Arbitrary<Happening>[]): fc.Arbitrary<readonly Happening[]> {
  return fc.array(fc.oneof(append, ...kinds), { maxLength: 60, size: 'max' });
}

interface Played {
  readonly server: ModelServer;
  readonly socket: ModelSocket;
}

/** Plays a history on a first connection and those that follow, and then lets everything that is under way arrive. */
function play(history: readonly Happening[]): Played {
  const server = modelServer();
  const session = createSession();
  const socket = modelSocket(server, session);
  const pushed: WireFrame[] = [];
  const happen = (happening: Happening): void => {
    switch (happening.kind) {
      case 'append':
        pushed.push(server.append(happening.isSuppressed));
        socket.post(pushed.slice(-1));
        return;
      case 'expire':
        server.expire(happening.share);
        return;
      case 'cut':
        // A restore takes longer than any frame.
        socket.settle();
        server.cut(happening.share);
        return;
      case 'reconnect':
        socket.connect();
        return;
      case 'beat':
        socket.beat();
        return;
      case 'acknowledge':
        for (const place of session.unacknowledged()) server.acknowledge(place);
        return;
      case 'push again': {
        const known = pushed.filter((frame) => frame.type === 'notification' && socket.shown.includes(frame.id));
        socket.post(known.slice(happening.pick % (known.length + 1)).slice(0, 1));
        return;
      }
      case 'receive':
      case 'lose':
      case 'repeat':
        socket.handle(happening.kind, happening.pick);
    }
  };
  socket.connect();
  history.forEach(happen);
  socket.settle();
  // Two beats: the answer to the first may bring a question to light, and that of the second finds nothing to ask.
  for (let beats = 0; beats < 2; beats += 1) {
    socket.beat();
    socket.settle();
  }
  return { server, socket };
}

function expectOnceAndInOrder(history: readonly Happening[]): void {
  const { server, socket } = play(history);
  const { shown } = socket;
  expect(socket.settled()).toBeLessThan(framesMax);
  expect(new Set(shown).size).toBe(shown.length);
  const contents = server.contents();
  const wanted = contents.filter(({ id, mayMiss }) => !mayMiss || shown.includes(id)).map(({ id }) => id);
  expect(shown.filter((id) => contents.some((entry) => entry.id === id))).toEqual(wanted);
}

describe('each notification is shown once and in order', () => {
  it('on a socket that does no harm', () => {
    fc.assert(fc.property(histories(expire, client, inOrder), expectOnceAndInOrder));
  });

  it('on one that loses, repeats and reorders frames, whatever expires meanwhile', () => {
    fc.assert(fc.property(histories(expire, client, inOrder, faults, faults, pushAgain), expectOnceAndInOrder));
  });

  it('on a socket that does no harm, whenever the log is cut back', () => {
    fc.assert(fc.property(histories(expire, client, inOrder, cut), expectOnceAndInOrder));
  });

  it('on one that loses, repeats and reorders frames, whenever the log is cut back', () => {
    fc.assert(fc.property(histories(expire, client, inOrder, faults, faults, pushAgain, cut), expectOnceAndInOrder));
  });
});
