// One Lambda function for one file of handlers, with a role and a log of its own.
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Architecture, Code, Function as LambdaFunction, RecursiveLoop, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '../shared/protocol/routes.ts';
import { bundleName } from './bundle.ts';
import type { FunctionNeeds } from './function-needs.ts';
import type { Resources } from './grants.ts';
import { consumerStatement, environmentFor, logStatement, statementsFor } from './grants.ts';
import { capitalized, pinLogicalId } from './logical-id.ts';

export interface RouteFunctionProps {
  readonly name: FunctionName;
  /** The file of its handler below functions/, without its ending. */
  readonly file: string;
  readonly needs: FunctionNeeds;
  readonly resources: Resources;
  /** The folder that `bundleFunctions` filled. */
  readonly bundleDirectory: string;
  /** The function that this one may start; null for most. */
  readonly opener: IFunction | null;
  /** The queue that feeds it; null for most. */
  readonly source: Queue | null;
}

export class RouteFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: RouteFunctionProps) {
    super(scope, id);
    const { name, file, needs, resources, opener, source } = props;

    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // The statements stand in the role itself, so that no event source starts before its function may read from it.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        [bundleName(file)]: new PolicyDocument({
          statements: [
            logStatement(logGroup),
            ...(source === null ? [] : [consumerStatement(source)]),
            ...statementsFor(needs, resources, opener),
          ],
        }),
      },
    });
    this.lambda = new LambdaFunction(this, 'Function', {
      description: `Bellhop: ${file}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(props.bundleDirectory, bundleName(file))),
      handler: 'index.handler',
      memorySize: needs.memoryMegabytes,
      timeout: Duration.seconds(needs.timeoutSeconds),
      environment: environmentFor(needs, resources, opener),
      role,
      logGroup,
      // Lambda cuts a chain of a function and its own queue after 16 calls, and a long audience is a longer chain: each
      // page of a shard sends the next one. The chain ends where the subscribers do.
      // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
      ...(needs.feedsItself === true ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
    });

    pinLogicalId(logGroup, `${capitalized(name)}Logs`);
    pinLogicalId(role, `${capitalized(name)}Role`);
    pinLogicalId(this.lambda, `${capitalized(name)}Function`);
  }
}
