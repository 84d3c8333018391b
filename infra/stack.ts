// The one stack: what it is made of, and which route leads to which function.
import type { App, IStackSynthesizer } from 'aws-cdk-lib';
import { CfnOutput, DefaultStackSynthesizer, Duration, Stack } from 'aws-cdk-lib';
import type { Route, RouteName } from '../shared/protocol/routes.ts';
import { routes } from '../shared/protocol/routes.ts';
import { entriesOf } from './entries.ts';
import { FrontDoor } from './front-door.ts';
import { Functions } from './functions.ts';
import { HttpApi } from './http-api.ts';
import { Queues } from './queues.ts';
import { Schedules } from './schedules.ts';
import { stackSettings } from './settings.ts';
import { Tables } from './tables.ts';
import { WebSocketApi } from './websocket-api.ts';

export interface BellhopStackProps {
  /** The folder that `bundleFunctions` filled: one folder a function. */
  readonly bundleDirectory: string;
}

export class BellhopStack extends Stack {
  constructor(app: App, id: string, { bundleDirectory }: BellhopStackProps) {
    super(app, id, {
      description: 'Bellhop: real-time notifications from a CRM to every connected app, with proof that they arrived.',
      // The CLI checks the bootstrap version before it deploys; a rule and a parameter in the template would do so again.
      // The cast is for a type of the CDK that does not know exactOptionalPropertyTypes.
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
    });
    const settings = stackSettings(this);
    const tables = new Tables(this, 'Tables').byName;
    const queues = new Queues(this, 'Queues');
    const webSocket = new WebSocketApi(this, 'WebSocket');
    const http = new HttpApi(this, 'Http', { allowedOrigins: settings.allowedOrigins });
    const frontDoor = new FrontDoor(this, 'FrontDoor', { http, webSocket });
    const schedules = new Schedules(this, 'Schedules');
    const functions = new Functions(this, 'Functions', {
      bundleDirectory,
      sources: { broadcasts: queues.broadcasts.queue, deadlines: queues.deadlines.queue },
      resources: {
        settings,
        tables,
        queues: {
          broadcasts: queues.broadcasts.queue,
          deadLetters: queues.broadcasts.deadLetters,
          deadlines: queues.deadlines.queue,
        },
        gateway: webSocket,
      },
    });

    for (const [name, route] of entriesOf<RouteName, Route>(routes)) {
      const handler = functions.of(route);
      switch (route.kind) {
        case 'websocket':
          webSocket.addRoute(route.routeKey, handler);
          break;
        case 'http':
          http.addRoute(route.method, route.path, handler);
          break;
        case 'queue':
          queues.feed(route.queue, handler);
          break;
        case 'schedule':
          schedules.run(name, route.everyMinutes, handler);
          break;
        case 'invoke':
          // Once, and soon or never: a socket that was not greeted within a minute has long tried again.
          handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
          break;
      }
    }

    new CfnOutput(this, 'Address', {
      description: 'The one address: the HTTP API at /api, sockets at /ws, /ws/notifications and /socket.io.',
      value: frontDoor.url,
    });
    new CfnOutput(this, 'HttpUrl', { description: 'The HTTP API; paths start with /api.', value: http.url });
    new CfnOutput(this, 'WebSocketUrl', {
      description: 'Where apps connect.',
      value: webSocket.clientUrl,
    });
  }
}
