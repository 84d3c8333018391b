// GET /api/notifications/status: who is connected, what waits, what could not be processed.
import { statusAnswer } from '../../shared/dialects/contractors.ts';
import { getStatus } from '../../shared/usecases/get-status.ts';
import { admissionPorts, getStatusPorts } from '../ports.ts';
import { endpoint } from './endpoint.ts';

const ports = getStatusPorts();

export const handler = endpoint('getStatus', admissionPorts(), async (request) => ({
  status: 200,
  body: statusAnswer(await getStatus(ports, request.caller.tenant)),
}));
