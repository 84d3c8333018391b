// Each minute: queues what was accepted and never queued.
import { sweepOutbox } from '../../shared/usecases/sweep-outbox.ts';
import { sweepOutboxPorts } from '../ports.ts';

const ports = sweepOutboxPorts();

export async function handler(): Promise<void> {
  const queued = await sweepOutbox(ports);
  if (queued > 0) ports.telemetry.info('outbox_swept', { queued });
}
