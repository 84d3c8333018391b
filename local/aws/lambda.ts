// Lambda's Invoke call, synchronous and asynchronous.

import type { AwsRequest, AwsResponse, FunctionModel, Functions } from '../contracts.ts';
import { failure, type AwsService } from './caller.ts';

/** Lambda's limit for asynchronous events. */
const eventBytesMax = 1_048_576;

export function lambdaService(models: readonly FunctionModel[], functions: Functions): AwsService {
  return async (request, caller) => {
    const [path = ''] = request.path.split('?');
    const encodedName = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
    if (request.method !== 'POST' || encodedName === undefined) {
      return failure(404, 'UnknownOperationException', `The local runtime does not serve ${request.method} ${path}.`);
    }
    const name = functionName(decodeURIComponent(encodedName));
    const model = models.find((candidate) => candidate.name === name);
    const arn = model?.arn ?? name;
    const refused = caller.refusal('lambda:InvokeFunction', arn);
    if (refused !== null) return { ...refused, status: 403 };
    if (model === undefined) return failure(404, 'ResourceNotFoundException', `Function not found: ${arn}`);
    return invoke(functions, model, request);
  };
}

/** Callers may name a function by name, by ARN or by part of it, each with or without a version. */
function functionName(text: string): string {
  return text.replace(/^.*function:/, '').replace(/:[^:]*$/, '');
}

async function invoke(functions: Functions, { name }: FunctionModel, request: AwsRequest): Promise<AwsResponse> {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const payload = parse(request.body);
  if (payload === undefined)
    return failure(400, 'InvalidRequestContentException', 'Could not parse request body into json.');
  switch (type) {
    case 'Event':
      if (request.body.length > eventBytesMax) {
        return failure(413, 'RequestTooLargeException', `${String(request.body.length)} byte payload is too large.`);
      }
      functions.invokeLater(name, payload);
      return { status: 202 };
    case 'DryRun':
      return { status: 204 };
    case 'RequestResponse':
      return respond(functions, name, payload);
    default:
      return failure(400, 'InvalidParameterValueException', `The invocation type ${type} is not known.`);
  }
}

async function respond(functions: Functions, name: string, payload: unknown): Promise<AwsResponse> {
  const result = await functions.invoke(name, payload);
  const headers = { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' };
  switch (result.outcome) {
    case 'returned':
      return { status: 200, headers, body: JSON.stringify(result.payload) };
    case 'throttled':
      return failure(429, 'TooManyRequestsException', result.message);
    case 'error':
    case 'timeout':
      return {
        status: 200,
        headers: { ...headers, 'x-amz-function-error': 'Unhandled' },
        body: JSON.stringify({
          errorType: result.outcome === 'error' ? 'Error' : 'Sandbox.Timedout',
          errorMessage: result.message,
        }),
      };
  }
}

/** Undefined for what is not JSON; no body at all is an empty event. */
function parse(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
