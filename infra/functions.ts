// All functions of the stack: one for each file of handlers, which may serve several routes.
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName, QueueName, Route, RouteName } from '../shared/protocol/routes.ts';
import { functionNameOf, routes } from '../shared/protocol/routes.ts';
import { entriesOf, mapValues } from './entries.ts';
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
  readonly byName: Readonly<Record<FunctionName, LambdaFunction>>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const opener = this.create('opener', null, props);
    this.byName = mapValues(functionNeeds, (_, name) =>
      name === 'opener' ? opener : this.create(name, opener, props),
    );
  }

  /** The function that serves a route. */
  of(route: Route): LambdaFunction {
    return this.byName[functionNameOf(route.file)];
  }

  private create(name: FunctionName, opener: LambdaFunction | null, props: FunctionsProps): LambdaFunction {
    const served = entriesOf<RouteName, Route>(routes).flatMap(([, route]) =>
      functionNameOf(route.file) === name ? [route] : [],
    );
    const needs: FunctionNeeds = functionNeeds[name];
    const [source] = served.flatMap((route) => (route.kind === 'queue' ? [props.sources[route.queue]] : []));
    const [file] = served.map((route) => route.file);
    if (file === undefined) throw new Error(`no route leads to the function ${name}`);
    return new RouteFunction(this, capitalized(name), {
      name,
      file,
      needs,
      resources: props.resources,
      bundleDirectory: props.bundleDirectory,
      opener: needs.startsOpener === true ? opener : null,
      source: source ?? null,
    }).lambda;
  }
}
