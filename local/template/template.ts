// Reads a synthesized CloudFormation template into what the local runtime serves.

import { apiHost } from '../account.ts';
import type { FrontDoorModel, FunctionModel, TemplateModel, WebSocketApiModel } from '../contracts.ts';
import { readHttpApi, readWebSocketApi } from './apis.ts';
import { readFrontDoor } from './front-door.ts';
import { readFunctions } from './functions.ts';
import { readOutputs, readResources } from './resources.ts';
import { readRoles } from './roles.ts';
import { readSchedules } from './schedules.ts';
import { readEventSources, readQueues, readTables } from './stores.ts';
import { asFields } from './values.ts';

/** Where the local runtime answers; none has a slash at its end. */
export interface Addresses {
  readonly publicUrl: string;
  readonly awsEndpoint: string;
}

export interface TemplateOptions {
  readonly template: object;
  readonly assemblyDirectory: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly addresses: Addresses;
  readonly stackName?: string;
}

/** @throws TemplateError with one line that says what is wrong and where. */
export function readTemplate(options: TemplateOptions): TemplateModel {
  const { addresses } = options;
  const template = asFields(options.template, 'The template');
  const resources = readResources(template, options.parameters, options.stackName ?? 'local', addresses.awsEndpoint);
  const roles = readRoles(resources);
  const declared = readFunctions(resources, roles, options.assemblyDirectory);
  const httpApi = readHttpApi(resources, declared);
  const webSocketApi = readWebSocketApi(resources, declared);
  const frontDoor = readFrontDoor(resources, httpApi, webSocketApi);
  const webSocketPath = socketPath(frontDoor, webSocketApi);
  const localize = (text: string): string => {
    const { publicUrl } = addresses;
    let local = text;
    if (frontDoor !== null) {
      local = local.replaceAll(`https://${frontDoor.domainName}`, publicUrl);
      local = local.replaceAll(`wss://${frontDoor.domainName}`, socketUrl(publicUrl, ''));
    }
    if (httpApi !== null) local = replaceHost(local, `https://${apiHost(httpApi.apiId)}`, httpApi.stage, publicUrl);
    if (webSocketApi !== null) {
      const { apiId, stage } = webSocketApi;
      local = replaceHost(local, `wss://${apiHost(apiId)}`, stage, socketUrl(publicUrl, webSocketPath));
      // The management address keeps its stage: the SDK posts to what follows it.
      local = local.replaceAll(`https://${apiHost(apiId)}`, `${addresses.awsEndpoint}/execute-api/${apiId}`);
    }
    return local;
  };
  const functions: readonly FunctionModel[] = declared.map((model) => ({
    ...model,
    environment: mapValues(model.environment, localize),
  }));
  const queues = readQueues(resources, addresses.awsEndpoint);
  return {
    functions,
    tables: readTables(resources),
    queues,
    eventSources: readEventSources(resources, functions, queues),
    schedules: readSchedules(resources, roles, functions).map((model) => ({
      ...model,
      input: model.input === null ? null : localize(model.input),
    })),
    httpApi,
    webSocketApi,
    frontDoor,
    webSocketPath,
    outputs: mapValues(readOutputs(resources.scope, template), localize),
  };
}

/** The address of sockets, given that of everything and the path. */
export function socketUrl(publicUrl: string, path: string | null): string {
  return `${publicUrl.replace(/^http/, 'ws')}${path ?? ''}`;
}

/** Of several doors for sockets the first is the one that is shown; a pattern with wildcards is no address. */
function socketPath(frontDoor: FrontDoorModel | null, webSocketApi: WebSocketApiModel | null): string | null {
  if (webSocketApi === null) return null;
  const doors = frontDoor?.behaviours.filter(
    ({ api, pathPattern }) => api === 'websocket' && !/[*?]/.test(pathPattern),
  );
  return doors?.[0]?.pathPattern ?? `/${webSocketApi.stage}`;
}

/** The public addresses have no stage in their path. */
function replaceHost(text: string, host: string, stage: string, local: string): string {
  return text.replaceAll(`${host}/${stage}`, local).replaceAll(host, local);
}

function mapValues(record: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
