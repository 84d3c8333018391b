// The deadlines queue: looks at what must have happened by now, and at the connections that are looked after.
import { deadlineMessage } from '../../shared/protocol/queue-messages.ts';
import { enforceDeadline } from '../../shared/usecases/enforce-deadline.ts';
import { deadlineConsumerPorts, enforceDeadlinePorts } from '../ports.ts';
import { queueConsumer } from './consumer.ts';

const ports = enforceDeadlinePorts();

export const handler = queueConsumer(deadlineConsumerPorts(), deadlineMessage, (message, goOn) =>
  enforceDeadline(ports, message, goOn),
);
