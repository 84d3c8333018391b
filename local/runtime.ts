// Starts everything that a synthesized template names on one machine, and ends it again.

import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { listenForAws } from './aws/endpoint.ts';
import { executeApiService } from './aws/execute-api.ts';
import { functionIdentity, openRootIdentity, type Credentials } from './aws/identities.ts';
import { lambdaService } from './aws/lambda.ts';
import { ssmService } from './aws/ssm.ts';
import type { Faults, Report, TemplateModel } from './contracts.ts';
import { startEventSource, type EventSource } from './event-source.ts';
import { functionEnvironment } from './functions/environment.ts';
import { startFunctions, type RunningFunctions } from './functions/functions.ts';
import { openLog, type FunctionLog } from './functions/log.ts';
import { frontDoor, type Handlers } from './front-door/front-door.ts';
import { httpApiHandler } from './gateway/http-api.ts';
import { openIssuer } from './issuer.ts';
import { createGuard, type Guard, type Identity, type UsedPermission } from './permissions.ts';
import { listenForPublic, type PublicServer } from './public-server.ts';
import { RuntimeError } from './runtime-error.ts';
import { startSchedules } from './schedules.ts';
import { openStores, type Stores } from './stores.ts';
import { sqsService } from './sqs/api.ts';
import { TemplateError } from './template/template-error.ts';
import { makeFolder } from './folder.ts';
import { readTemplate, socketUrl } from './template/template.ts';
import { startWebSocketApi, type WebSocketApi } from './gateway/websocket-api.ts';
import { refuseUpgrade } from './gateway/websocket-handshake.ts';

export interface RuntimeOptions {
  /** As `cdk synth` writes it. */
  readonly template: object;
  /** Where the template's code assets lie. */
  readonly assemblyDirectory: string;
  /** Values of the template's parameters; `{publicUrl}` in them stands for the public address. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What lies in the Parameter Store, by the parameter's name: `/bellhop/jwt-secret`. Nothing unless given. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly dataDirectory: string;
  /** The public port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** Divides the gateway's idle and duration limits and the intervals of schedules; 1 unless given. */
  readonly timeScale?: number;
  readonly faults?: Partial<Faults>;
  /** Gets a line for each step of the start. */
  readonly report?: Report;
}

/** None of them has a slash at its end. */
interface Addresses {
  readonly httpUrl: string;
  readonly webSocketUrl: string;
  readonly awsEndpoint: string;
}

export interface Runtime extends Addresses {
  /** May call everything at the AWS endpoint. */
  readonly rootCredentials: Credentials;
  readonly outputs: Readonly<Record<string, string>>;
  readonly model: TemplateModel;
  /** What functions asked for since the start, whether it was allowed or not. */
  usedPermissions(): readonly UsedPermission[];
  /** Takes nothing new, lets what runs finish for two seconds, and closes everything. */
  stop(): Promise<void>;
}

/** How long functions that still run may take when the runtime stops. */
const graceMs = 2_000;
/** What Lambda asks of a function's role before it polls a queue for it. */
const pollingActions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

type Closer = () => Promise<void> | void;

/**
 * @throws RuntimeError or TemplateError with one line that says what is wrong and what to do; everything that had been
 * started is ended before
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const closers: Closer[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    const runtime = await start(options, (closer) => closers.push(closer));
    let stopped: Promise<void> | undefined;
    return { ...runtime, stop: () => (stopped ??= close()) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What is opened last is closed first. */
async function start(options: RuntimeOptions, onClose: (closer: Closer) => void): Promise<Omit<Runtime, 'stop'>> {
  const { dataDirectory, report = () => undefined } = options;
  const logDirectory = path.join(dataDirectory, 'logs');
  await prepareFolder(logDirectory);
  const log = openLog(logDirectory, 'runtime', () => undefined);
  onClose(() => log.close());
  const onError = (error: unknown): void => {
    log.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  const issuer = await openIssuer(dataDirectory).catch((error: unknown) => {
    throw new RuntimeError(error instanceof Error ? error.message : String(error));
  });
  const root = await openRootIdentity(dataDirectory);
  const server = await listenForPublic(options.port, () => issuer.jwks());
  onClose(() => server.close());
  const endpoint = await listenForAws(onError);
  onClose(() => endpoint.close());

  const model = readModel(options, server.url, endpoint.url);
  const addresses = addressesOf(model, server.url, endpoint.url);
  const stores = await openStores(dataDirectory, model, onError);
  onClose(() => stores.close());
  report(`Opened ${String(model.tables.length)} tables and ${String(model.queues.length)} queues.`);

  const identities = new Map(model.functions.map((entry) => [entry.name, functionIdentity(entry)]));
  const guard = createGuard([root, ...identities.values()]);
  checkPolling(model, identities, guard);
  const functions = startFunctions({
    models: model.functions,
    environmentOf: (entry) => functionEnvironment(entry, identityOf(identities, entry.name), endpoint.url),
    logOf: ({ name }) => openLog(logDirectory, name, onError),
  });
  const faults = { disconnectLostShare: 0, queueDuplicateShare: 0, postThrottledShare: 0, ...options.faults };
  const sources: EventSource[] = [];
  onClose(async () => {
    await Promise.all([...sources.map((source) => source.stop()), functions.stop(graceMs)]);
  });
  const webSockets = openFrontDoor(options, model, functions, server, faults, log);
  if (webSockets !== null) onClose(() => webSockets.stop());
  onClose(() => {
    server.refuse();
  });
  endpoint.open(guard, {
    dynamodb: stores.database.serve,
    sqs: sqsService(stores.queues),
    lambda: lambdaService(model.functions, functions),
    ssm: ssmService(options.secrets ?? {}),
    'execute-api': executeApiService(model.webSocketApi?.apiId, (request) =>
      webSockets === null ? Promise.resolve({ status: 403 }) : webSockets.manage(request),
    ),
  });
  sources.push(...startSources(model, stores, functions, faults, onError));
  report(`Serving ${String(model.functions.length)} functions.`);

  onClose(await announce(dataDirectory, addresses));
  const schedules = startSchedules(model.schedules, functions, options.timeScale ?? 1);
  onClose(schedules.stop);
  const { accessKeyId, secretAccessKey } = root;
  return {
    ...addresses,
    rootCredentials: { accessKeyId, secretAccessKey },
    outputs: model.outputs,
    model,
    usedPermissions: () => guard.used(),
  };
}

async function prepareFolder(directory: string): Promise<void> {
  const probe = path.join(directory, '.writable');
  try {
    makeFolder(directory);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new RuntimeError(
      `Cannot write to ${directory} (${reason}): choose another data folder with BELLHOP_DATA_DIR.`,
    );
  }
}

/** Tells other processes where this one answers, until the closer has run. */
async function announce(dataDirectory: string, addresses: Addresses): Promise<Closer> {
  const file = path.join(dataDirectory, 'runtime.json');
  await writeFile(file, `${JSON.stringify({ pid: process.pid, ...addresses }, null, 2)}\n`, { mode: 0o600 });
  return () => rm(file, { force: true });
}

function readModel(options: RuntimeOptions, publicUrl: string, awsEndpoint: string): TemplateModel {
  const parameters = fillIn(options.parameters, publicUrl);
  return readTemplate({ ...options, parameters, addresses: { publicUrl, awsEndpoint } });
}

function addressesOf({ webSocketPath }: TemplateModel, publicUrl: string, awsEndpoint: string): Addresses {
  return { httpUrl: publicUrl, webSocketUrl: socketUrl(publicUrl, webSocketPath), awsEndpoint };
}

function fillIn(parameters: Readonly<Record<string, string>>, publicUrl: string): Record<string, string> {
  const entries = Object.entries(parameters);
  return Object.fromEntries(entries.map(([name, value]) => [name, value.replaceAll('{publicUrl}', publicUrl)]));
}

function identityOf(identities: ReadonlyMap<string, Identity>, functionName: string): Identity {
  const identity = identities.get(functionName);
  if (identity === undefined) throw new Error(`${functionName} has no identity.`);
  return identity;
}

/** On AWS a mapping whose function may not read its queue is refused when the stack is deployed. */
function checkPolling(model: TemplateModel, identities: ReadonlyMap<string, Identity>, guard: Guard): void {
  for (const { functionName, queueArn } of model.eventSources) {
    const missing = pollingActions.find(
      (action) => !guard.check(identityOf(identities, functionName), action, queueArn),
    );
    if (missing !== undefined) {
      throw new TemplateError(`Resource ${functionName}: its role does not allow ${missing} on ${queueArn}.`);
    }
  }
}

/** Answers the public port from now on; null when the template has no WebSocket API. */
function openFrontDoor(
  { timeScale = 1 }: RuntimeOptions,
  { httpApi, webSocketApi, frontDoor: door }: TemplateModel,
  functions: RunningFunctions,
  server: PublicServer,
  faults: Faults,
  log: FunctionLog,
): WebSocketApi | null {
  const report: Report = (line) => {
    log.note(line);
  };
  const webSockets =
    webSocketApi === null ? null : startWebSocketApi({ api: webSocketApi, functions, timeScale, faults, report });
  const handlers: Handlers = {
    request: httpApi === null ? noApi.request : httpApiHandler(httpApi, functions, report),
    upgrade: webSockets?.upgrade ?? noApi.upgrade,
  };
  server.serve(frontDoor(door, handlers, report));
  return webSockets;
}

/** What answers in place of an API that the template does not have. */
const noApi: Handlers = {
  request: (_request, response) => {
    response.writeHead(404).end();
  },
  upgrade: ({ socket }) => {
    refuseUpgrade(socket, 403);
  },
};

function startSources(
  { eventSources }: TemplateModel,
  { queues }: Stores,
  functions: RunningFunctions,
  faults: Faults,
  onError: (error: unknown) => void,
): readonly EventSource[] {
  return eventSources.flatMap((model) => {
    const queue = queues.withArn(model.queueArn);
    return queue === undefined ? [] : [startEventSource({ model, queue, functions, faults, onError })];
  });
}
