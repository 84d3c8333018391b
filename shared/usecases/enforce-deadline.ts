// The time of something is over: each deadline is looked at when its message arrives.
import { Failure } from '../protocol/failures.ts';
import type { DeadlineMessage } from '../protocol/queue-messages.ts';
import type { AttendPorts } from './attend.ts';
import { attend, whyExpired } from './attend.ts';
import { endConnection } from './end-connection.ts';
import type { GoOn } from './fan-out-ports.ts';
import { checkPresence } from './presence.ts';
import type { TypingPorts } from './typing.ts';
import { endTyping } from './typing.ts';

export interface EnforceDeadlinePorts extends AttendPorts, TypingPorts {}

export async function enforceDeadline(
  ports: EnforceDeadlinePorts,
  message: DeadlineMessage,
  goOn: GoOn,
): Promise<void> {
  switch (message.kind) {
    case 'authenticate':
      await endAnonymous(ports, message.connectionId);
      return;
    case 'attend':
      await attend(ports, message, goOn);
      return;
    case 'presence':
      await checkPresence(ports, message);
      return;
    case 'typing':
      await endTyping(ports, message, goOn);
  }
}

/** Whoever is still anonymous is told so and closed. */
async function endAnonymous(ports: EnforceDeadlinePorts, connectionId: string): Promise<void> {
  const connection = await ports.connections.get(connectionId);
  if (connection?.state !== 'anonymous') return;
  const why = whyExpired(connection);
  if (!(why instanceof Failure)) throw new Error('an anonymous connection ends without a reason');
  await endConnection(ports, connection, why);
}
