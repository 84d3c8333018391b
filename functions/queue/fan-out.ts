// The broadcasts queue: brings broadcasts to their audiences.
import { fanOutMessage } from '../../shared/protocol/queue-messages.ts';
import { fanOut } from '../../shared/usecases/fan-out.ts';
import { broadcastConsumerPorts, fanOutPorts } from '../ports.ts';
import { queueConsumer } from './consumer.ts';

const ports = fanOutPorts();

export const handler = queueConsumer(broadcastConsumerPorts(), fanOutMessage, (message, goOn) =>
  fanOut(ports, message, goOn),
);
