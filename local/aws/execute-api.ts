// Posts to WebSocket connections: checks who may, and hands them to the gateway.

import { arnOf } from '../account.ts';
import type { AwsRequest, AwsResponse } from '../contracts.ts';
import { failure, type AwsService } from './caller.ts';

/**
 * @param manage gets the request with the path that follows the API's id: `/<stage>/@connections/<id>`
 */
export function executeApiService(
  apiId: string | undefined,
  manage: (request: AwsRequest) => Promise<AwsResponse>,
): AwsService {
  return async (request, caller) => {
    const match = /^\/execute-api\/([^/]+)(\/([^/?]*).*)$/.exec(request.path);
    const [, calledApi, path, stage] = match ?? [];
    if (calledApi === undefined || calledApi !== apiId || path === undefined) {
      return failure(403, 'ForbiddenException', 'Forbidden');
    }
    const resource = `${calledApi}/${stage ?? ''}/${request.method}/@connections/*`;
    const refused = caller.refusal('execute-api:ManageConnections', arnOf('execute-api', resource));
    return refused === null ? manage({ ...request, path }) : { ...refused, status: 403 };
  };
}
