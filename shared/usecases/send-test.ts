// Sends an ephemeral test notification down the whole path, and says how the service is.
import type { Broadcast } from '../domain/broadcast.ts';
import type { ServiceStatus } from '../domain/report.ts';
import type { BroadcastRequest, CreateBroadcastPorts } from './create-broadcast.ts';
import { createBroadcast } from './create-broadcast.ts';
import type { GetStatusPorts } from './get-status.ts';
import { getStatus } from './get-status.ts';

export async function sendTest(
  ports: CreateBroadcastPorts & GetStatusPorts,
  request: BroadcastRequest,
): Promise<{ readonly broadcast: Broadcast; readonly status: ServiceStatus }> {
  const { broadcast } = await createBroadcast(ports, request);
  return { broadcast, status: await getStatus(ports, request.tenant) };
}
