// Reads a synthesized CloudFormation template into what the local runtime serves.

import { apiHost } from '../account.ts';
import type { FunctionModel, TemplateModel } from '../contracts.ts';
import { readHttpApi, readWebSocketApi } from './apis.ts';
import { readFunctions } from './functions.ts';
import { readOutputs, readResources } from './resources.ts';
import { readRoles } from './roles.ts';
import { readSchedules } from './schedules.ts';
import { readEventSources, readQueues, readTables } from './stores.ts';
import { asFields } from './values.ts';

/** Where the local runtime answers; none has a slash at its end. */
export interface Addresses {
  readonly httpUrl: string;
  readonly webSocketUrl: string;
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
  const localize = (text: string): string => {
    let local = text;
    if (httpApi !== null)
      local = replaceHost(local, `https://${apiHost(httpApi.apiId)}`, httpApi.stage, addresses.httpUrl);
    if (webSocketApi !== null) {
      const { apiId, stage } = webSocketApi;
      local = replaceHost(local, `wss://${apiHost(apiId)}`, stage, addresses.webSocketUrl);
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
    outputs: mapValues(readOutputs(resources.scope, template), localize),
  };
}

/** The public addresses have no stage in their path. */
function replaceHost(text: string, host: string, stage: string, local: string): string {
  return text.replaceAll(`${host}/${stage}`, local).replaceAll(host, local);
}

function mapValues(record: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
