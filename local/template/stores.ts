// Reads tables, queues and event source mappings out of a template.

import { arnOf } from '../account.ts';
import type {
  AttributeModel,
  EventSourceModel,
  FunctionModel,
  IndexModel,
  KeyModel,
  QueueModel,
  TableModel,
} from '../contracts.ts';
import { functionNameIn } from './functions.ts';
import { nameOf, queueUrl, type Resource, type Resources } from './resources.ts';
import { TemplateError } from './template-error.ts';
import { asFields, asFlag, asList, asNumber, asText, asTexts } from './values.ts';

export function readTables({ scope, ofType }: Resources): readonly TableModel[] {
  return ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map(({ logicalId, type, properties, where }) => {
    const name = nameOf(scope, logicalId, type, properties);
    return {
      logicalId,
      name,
      arn: arnOf('dynamodb', `table/${name}`),
      attributes: asList(properties['AttributeDefinitions'], where).map((entry) => readAttribute(entry, where)),
      key: readKey(properties['KeySchema'], where),
      globalIndexes: asList(properties['GlobalSecondaryIndexes'], where).map((entry) => readIndex(entry, where)),
      localIndexes: asList(properties['LocalSecondaryIndexes'], where).map((entry) => readIndex(entry, where)),
      expiryAttribute: readExpiry(properties['TimeToLiveSpecification'], where),
    };
  });
}

function readAttribute(value: unknown, where: string): AttributeModel {
  const fields = asFields(value, where);
  const type = asText(fields['AttributeType'], where);
  if (type !== 'S' && type !== 'N' && type !== 'B') throw new TemplateError(`${where}: attributes are S, N or B.`);
  return { AttributeName: asText(fields['AttributeName'], where), AttributeType: type };
}

function readKey(value: unknown, where: string): readonly KeyModel[] {
  return asList(value, `${where}: KeySchema`).map((entry) => {
    const fields = asFields(entry, where);
    const type = asText(fields['KeyType'], where);
    if (type !== 'HASH' && type !== 'RANGE') throw new TemplateError(`${where}: keys are HASH or RANGE.`);
    return { AttributeName: asText(fields['AttributeName'], where), KeyType: type };
  });
}

function readIndex(value: unknown, where: string): IndexModel {
  const fields = asFields(value, where);
  const projection = asFields(fields['Projection'], where);
  const attributes = projection['NonKeyAttributes'];
  return {
    IndexName: asText(fields['IndexName'], where),
    KeySchema: readKey(fields['KeySchema'], where),
    Projection: {
      ProjectionType: asText(projection['ProjectionType'], where),
      ...(attributes === undefined ? {} : { NonKeyAttributes: asTexts(attributes, where) }),
    },
  };
}

function readExpiry(value: unknown, where: string): string | null {
  if (value === undefined) return null;
  const fields = asFields(value, where);
  return asFlag(fields['Enabled'], where) ? asText(fields['AttributeName'], where) : null;
}

export function readQueues({ scope, ofType }: Resources, awsEndpoint: string): readonly QueueModel[] {
  const queues = ofType('AWS::SQS::Queue').map(({ logicalId, type, properties, where }) => {
    const name = nameOf(scope, logicalId, type, properties);
    const seconds = (property: string, fallback: number): number =>
      1000 * asNumber(properties[property] ?? fallback, `${where}: ${property}`);
    return {
      logicalId,
      name,
      arn: arnOf('sqs', name),
      url: queueUrl(awsEndpoint, name),
      visibilityTimeoutMs: seconds('VisibilityTimeout', 30),
      retentionMs: seconds('MessageRetentionPeriod', 345_600),
      delayMs: seconds('DelaySeconds', 0),
      receiveWaitMs: seconds('ReceiveMessageWaitTimeSeconds', 0),
      messageBytesMax: asNumber(properties['MaximumMessageSize'] ?? 1_048_576, where),
      deadLetters: readDeadLetters(properties['RedrivePolicy'], where),
    };
  });
  const arns = new Set(queues.map(({ arn }) => arn));
  for (const { logicalId, deadLetters } of queues) {
    if (deadLetters !== null && !arns.has(deadLetters.queueArn)) {
      throw new TemplateError(`Resource ${logicalId}: its dead-letter queue is not in the template.`);
    }
  }
  return queues;
}

function readDeadLetters(value: unknown, where: string): QueueModel['deadLetters'] {
  if (value === undefined) return null;
  const fields = asFields(value, where);
  return {
    queueArn: asText(fields['deadLetterTargetArn'], where),
    receivesMax: asNumber(fields['maxReceiveCount'], where),
  };
}

/** Mappings that the template switches off are left out. */
export function readEventSources(
  { ofType }: Resources,
  functions: readonly FunctionModel[],
  queues: readonly QueueModel[],
): readonly EventSourceModel[] {
  return ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ properties, where }) => asFlag(properties['Enabled'] ?? true, where))
    .map((resource) => readEventSource(resource, functions, queues));
}

function readEventSource(
  { properties, where }: Resource,
  functions: readonly FunctionModel[],
  queues: readonly QueueModel[],
): EventSourceModel {
  const queueArn = asText(properties['EventSourceArn'], where);
  const queue = queues.find(({ arn }) => arn === queueArn);
  if (queue === undefined)
    throw new TemplateError(`${where}: only queues of this template are served as event sources.`);
  const functionName = functionNameIn(properties['FunctionName'], functions, where);
  const timeoutMs = functions.find(({ name }) => name === functionName)?.timeoutMs ?? 0;
  // Lambda refuses such a mapping: a message would be delivered again while the first delivery still runs.
  if (queue.visibilityTimeoutMs < timeoutMs) {
    throw new TemplateError(`${where}: the queue's visibility timeout is shorter than the function's time limit.`);
  }
  const scaling = properties['ScalingConfig'];
  const concurrency = scaling === undefined ? undefined : asFields(scaling, where)['MaximumConcurrency'];
  const responseTypes = asList(properties['FunctionResponseTypes'], where).map((entry) => asText(entry, where));
  return {
    queueArn,
    functionName,
    batchSize: asNumber(properties['BatchSize'] ?? 10, `${where}: BatchSize`),
    batchWindowMs: 1000 * asNumber(properties['MaximumBatchingWindowInSeconds'] ?? 0, where),
    concurrencyMax: concurrency === undefined ? null : asNumber(concurrency, where),
    reportsItemFailures: responseTypes.includes('ReportBatchItemFailures'),
  };
}
