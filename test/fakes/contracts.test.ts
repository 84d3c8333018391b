// The fakes keep the same contracts as the adapters, or use cases would be tested against something else.
import { describe } from 'vitest';
import { broadcastStoreContract } from '../contracts/broadcast-store.contract.ts';
import { connectionGatewayContract } from '../contracts/connection-gateway.contract.ts';
import { connectionStoreContract } from '../contracts/connection-store.contract.ts';
import { cursorStoreContract } from '../contracts/cursor-store.contract.ts';
import { fanOutQueueContract } from '../contracts/fan-out-queue.contract.ts';
import { frameMeterContract } from '../contracts/frame-meter.contract.ts';
import { idempotencyStoreContract, rateCounterContract } from '../contracts/guards.contract.ts';
import { idsContract } from '../contracts/ids.contract.ts';
import { logStoreContract } from '../contracts/log-store.contract.ts';
import { presenceStoreContract, typingStoreContract } from '../contracts/presence.contract.ts';
import { tokenVerifierContract } from '../contracts/token-verifier.contract.ts';
import { fakeBroadcasts } from './fake-broadcasts.ts';
import { fakeCursors } from './fake-cursors.ts';
import { fakeFrames } from './fake-frames.ts';
import { fakeGateway } from './fake-gateway.ts';
import { fakeIdempotency, fakeRates } from './fake-guards.ts';
import { fakeIds } from './fake-ids.ts';
import { fakeLog } from './fake-log.ts';
import { fakePresence } from './fake-presence.ts';
import { fakeQueue } from './fake-queue.ts';
import { fakeStores } from './fake-stores.ts';
import { fakeTokens } from './fake-tokens.ts';
import { fakeTyping } from './fake-typing.ts';

describe('fake connections', () => {
  connectionStoreContract(fakeStores);
});

describe('fake logs', () => {
  logStoreContract((clock) => {
    const logs = fakeLog(clock);
    return {
      logs,
      restore: async (...where) => {
        logs.restore(...where);
        return Promise.resolve(logs);
      },
      expire: async (...where) => {
        logs.expire(...where);
        return Promise.resolve();
      },
    };
  });
});

describe('fake cursors', () => {
  cursorStoreContract(fakeCursors);
});

describe('fake broadcasts', () => {
  broadcastStoreContract(fakeBroadcasts);
});

describe('fake guards', () => {
  idempotencyStoreContract(fakeIdempotency);
  rateCounterContract(fakeRates);
});

describe('fake presence', () => {
  presenceStoreContract(fakePresence);
});

describe('fake typing', () => {
  typingStoreContract(fakeTyping);
});

describe('fake frames', () => {
  frameMeterContract(fakeFrames);
});

describe('fake gateway', () => {
  connectionGatewayContract(() => {
    const gateway = fakeGateway();
    return { gateway, answer: gateway.answer, frames: gateway.frames };
  });
});

describe('fake queue', () => {
  fanOutQueueContract(() => {
    const queue = fakeQueue();
    return { queue, received: async () => Promise.resolve(queue.waiting()) };
  });
});

describe('fake tokens', () => {
  tokenVerifierContract(() => {
    const tokens = fakeTokens();
    return { tokens, issue: async (identity) => Promise.resolve(tokens.issue(identity)) };
  });
});

describe('fake ids', () => {
  idsContract(fakeIds);
});
