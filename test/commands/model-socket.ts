// A socket between a session and a model of the server, on which frames are under way until they arrive or are lost.
import type { Session } from '../../commands/session.ts';
import type { WireFrame } from '../../shared/protocol/server-frames.ts';
import type { ModelServer } from './model-server.ts';

/** More frames than any history in these tests needs to come to rest. */
export const framesMax = 3_000;

export interface ModelSocket {
  /** Begins a new connection: what was under way on the one before is lost, and `connected` arrives at once. */
  connect(): void;
  post(frames: readonly WireFrame[]): void;
  beat(): void;
  /** Something happens to one of the frames that are under way: by the rest of the division, one of them or none. */
  handle(how: 'receive' | 'lose' | 'repeat', pick: number): void;
  /** Lets all that is under way arrive, in order, and all that is answered to it. */
  settle(): void;
  /** The ids of what was shown, in order. */
  readonly shown: readonly string[];
  /** How many frames have arrived while the socket settled. */
  settled(): number;
}

export function modelSocket(server: ModelServer, session: Session): ModelSocket {
  const shown: string[] = [];
  let underWay: WireFrame[] = [];
  let settled = 0;
  const receive = (frame: WireFrame | undefined): void => {
    if (frame === undefined) return;
    const { show, send } = session.receive(frame);
    shown.push(...show.map(({ id }) => id));
    underWay.push(...send.flatMap((ask) => server.answer(ask)));
  };
  return {
    connect: () => {
      const [greeting, ...rest] = server.connect();
      underWay = rest;
      receive(greeting);
    },
    post: (frames) => {
      underWay.push(...frames);
    },
    beat: () => {
      underWay.push(...server.answer(session.heartbeat()));
    },
    handle: (how, pick) => {
      const index = pick % (underWay.length + 1);
      const frame = underWay[index];
      if (how !== 'repeat') underWay.splice(index, 1);
      if (how !== 'lose') receive(frame);
    },
    settle: () => {
      for (let frame = underWay.shift(); frame !== undefined && settled < framesMax; frame = underWay.shift()) {
        settled += 1;
        receive(frame);
      }
    },
    shown,
    settled: () => settled,
  };
}
