// The opener: invoked by connect, since nothing can be posted to a socket before $connect has returned.
import type { Context } from 'aws-lambda';
import { openConnection } from '../../shared/usecases/open-connection.ts';
import { untilDeadline } from '../deadline.ts';
import { openConnectionPorts } from '../ports.ts';

const ports = openConnectionPorts();

export async function handler(event: { readonly connectionId: string }, context: Context): Promise<void> {
  await openConnection(ports, event.connectionId, untilDeadline(context));
}
