// $default: every frame that a client sends.
import type { APIGatewayProxyWebsocketEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { handleFrame } from '../../shared/usecases/handle-frame.ts';
import { handleFramePorts } from '../ports.ts';
import { untilDeadline } from '../deadline.ts';

const ports = handleFramePorts();

export async function handler(
  event: APIGatewayProxyWebsocketEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { connectionId, requestTimeEpoch: atMs } = event.requestContext;
  await handleFrame(ports, { connectionId, text: event.body ?? '', atMs }, untilDeadline(context));
  return { statusCode: 200 };
}
