// Builds notifications.
import type { Notification } from '../../shared/domain/log.ts';
import { retention } from '../../shared/protocol/limits.ts';
import { unique } from './unique.ts';

/** Made now, because logs compare when a notification was made with when entries were appended. */
export function aNotification(given: Partial<Notification> = {}): Notification {
  const createdAtMs = given.createdAtMs ?? Date.now();
  return {
    id: unique('broadcast'),
    event: 'task:new',
    data: { taskId: 42 },
    createdAtMs,
    expiresAtMs: createdAtMs + retention.notificationMs,
    ...given,
  };
}
