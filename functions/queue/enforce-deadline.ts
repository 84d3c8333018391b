// The deadlines queue: closes sockets that did not authenticate in time.
import { deadlineMessage } from '../../shared/protocol/queue-messages.ts';
import { enforceDeadline } from '../../shared/usecases/enforce-deadline.ts';
import { deadlineConsumerPorts, enforceDeadlinePorts } from '../environment.ts';
import { queueConsumer } from './consumer.ts';

const ports = enforceDeadlinePorts();

export const handler = queueConsumer(deadlineConsumerPorts(), deadlineMessage, (message) =>
  enforceDeadline(ports, message),
);
