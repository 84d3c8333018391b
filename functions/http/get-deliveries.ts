// GET /api/broadcasts/{id}/deliveries: what became of a broadcast for each recipient, with times, page by page.
import { deliveriesAnswer } from '../../shared/dialects/broadcasts.ts';
import { deliveriesQuery } from '../../shared/protocol/http-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { getDeliveries } from '../../shared/usecases/get-broadcast.ts';
import { officePorts, getBroadcastPorts } from '../ports.ts';
import { endpoint } from './endpoint.ts';

const ports = getBroadcastPorts();

export const handler = endpoint('getDeliveries', officePorts(), async (request) => {
  const { limit, after } = validate(deliveriesQuery, request.query, 'query');
  const broadcastId = request.pathParameters['id'] ?? '';
  const report = await getDeliveries(ports, { tenant: request.caller.tenant, broadcastId, limit, after });
  return { status: 200, body: deliveriesAnswer(report) };
});
