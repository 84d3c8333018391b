// Builds broadcasts.
import type { Broadcast, BroadcastCommand } from '../../shared/domain/broadcast.ts';
import { acceptBroadcast } from '../../shared/domain/broadcast.ts';
import { unique } from './unique.ts';

const acceptedAtMs = Date.UTC(2026, 10, 21, 8, 30);

export function aCommand(given: Partial<BroadcastCommand> = {}): BroadcastCommand {
  return {
    event: 'task:new',
    data: { taskId: 42 },
    audience: { kind: 'users', users: ['user-1', 'user-2'] },
    durability: 'durable',
    ...given,
  };
}

export function aBroadcast(given: Partial<Broadcast> = {}): Broadcast {
  const nowMs = given.acceptedAtMs ?? acceptedAtMs;
  return { ...acceptBroadcast(unique('broadcast'), unique('tenant'), aCommand(), nowMs), ...given };
}
