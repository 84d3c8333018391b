// GET /api/notifications/broadcasts/{id}: what became of a broadcast.
import { reportAnswer } from '../../shared/dialects/contractors.ts';
import { reportQuery } from '../../shared/protocol/http-bodies.ts';
import { validate } from '../../shared/protocol/validation.ts';
import { getBroadcast } from '../../shared/usecases/get-broadcast.ts';
import { officePorts, getBroadcastPorts } from '../ports.ts';
import { endpoint } from './endpoint.ts';

const ports = getBroadcastPorts();

export const handler = endpoint('getBroadcast', officePorts(), async (request) => {
  const { limit, after } = validate(reportQuery, request.query, 'query');
  const report = await getBroadcast(ports, {
    tenant: request.caller.tenant,
    broadcastId: request.pathParameters['id'] ?? '',
    limit,
    after,
  });
  return { status: 200, body: reportAnswer(report) };
});
