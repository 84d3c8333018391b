// $disconnect: tidies up after a socket. Best effort: nothing depends on it coming.
import type { APIGatewayProxyWebsocketEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { disconnect } from '../../shared/usecases/disconnect.ts';
import { disconnectPorts } from '../ports.ts';

const ports = disconnectPorts();

export async function handler(event: APIGatewayProxyWebsocketEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  await disconnect(ports, event.requestContext.connectionId);
  return { statusCode: 200 };
}
