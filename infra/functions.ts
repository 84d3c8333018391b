// All functions of the stack, one for each route.
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { QueueName, Route, RouteName } from '../shared/protocol/routes.ts';
import { routes } from '../shared/protocol/routes.ts';
import { mapValues } from './entries.ts';
import type { FunctionNeeds } from './function-needs.ts';
import { functionNeeds } from './function-needs.ts';
import type { Resources } from './grants.ts';
import { capitalized } from './logical-id.ts';
import { RouteFunction } from './route-function.ts';

export interface FunctionsProps {
  readonly resources: Resources;
  readonly sources: Readonly<Record<QueueName, Queue>>;
  readonly bundleDirectory: string;
}

export class Functions extends Construct {
  readonly byRoute: Readonly<Record<RouteName, LambdaFunction>>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const opener = this.create('opener', null, props);
    this.byRoute = mapValues(routes, (_, name) => (name === 'opener' ? opener : this.create(name, opener, props)));
  }

  private create(name: RouteName, opener: LambdaFunction | null, props: FunctionsProps): LambdaFunction {
    const route: Route = routes[name];
    const needs: FunctionNeeds = functionNeeds[name];
    return new RouteFunction(this, capitalized(name), {
      route: name,
      needs,
      resources: props.resources,
      bundleDirectory: props.bundleDirectory,
      opener: needs.startsOpener === true ? opener : null,
      source: route.kind === 'queue' ? props.sources[route.queue] : null,
    }).lambda;
  }
}
