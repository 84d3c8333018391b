// The resources of one template: their names and addresses, and their properties with every intrinsic resolved.

import { createHash } from 'node:crypto';
import { accountId, apiHost, arnOf, partition, roleArn, scheduleArn } from '../account.ts';
import { holds, resolve, type Scope } from './intrinsics.ts';
import { readParameters } from './parameters.ts';
import { ignoredTypes, servedTypes } from './resource-types.ts';
import { TemplateError } from './template-error.ts';
import { asFields, asText, isFields, type Fields } from './values.ts';

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** What the template's properties say, resolved; only what is served. */
  readonly properties: Fields;
  /** How errors name it. */
  readonly where: string;
}

export interface Resources {
  readonly scope: Scope;
  readonly ofType: (...types: readonly string[]) => readonly Resource[];
}

interface Declared {
  readonly type: string;
  readonly properties: Fields;
  readonly where: string;
}

/**
 * Reads what the template declares.
 * @param queueBase where queues answer, without a slash at the end: `http://127.0.0.1:4001/000000000000`
 * @throws TemplateError for a resource type or a property that the local runtime does not know.
 */
export function readResources(
  template: Fields,
  given: Readonly<Record<string, string>>,
  stackName: string,
  awsEndpoint: string,
): Resources {
  const declared = new Map<string, Declared>();
  const scope: Scope = {
    stackName,
    parameters: readParameters(section(template, 'Parameters'), given),
    conditions: section(template, 'Conditions'),
    mappings: section(template, 'Mappings'),
    reference: (logicalId, where) => referenceOf(scope, logicalId, lookUp(logicalId, where), awsEndpoint),
    attribute: (logicalId, name, where) => {
      const found = attributeOf(scope, logicalId, lookUp(logicalId, where), name, awsEndpoint);
      if (found === undefined)
        throw new TemplateError(`${where} asks for ${logicalId}.${name}, which is not known here.`);
      return found;
    },
  };
  const lookUp = (logicalId: string, where: string): Declared => {
    const found = declared.get(logicalId);
    if (found === undefined) throw new TemplateError(`${where} refers to ${logicalId}, which has no value here.`);
    return found;
  };
  for (const [logicalId, resource] of Object.entries(section(template, 'Resources'))) {
    const read = declare(scope, logicalId, resource);
    if (read !== null) declared.set(logicalId, read);
  }
  const resolved = [...declared]
    .filter(([, { type }]) => !ignoredTypes.has(type))
    .map(([logicalId, resource]) => ({ logicalId, ...resource, properties: propertiesOf(scope, resource) }));
  return { scope, ofType: (...types) => resolved.filter(({ type }) => types.includes(type)) };
}

function section(template: Fields, name: string): Fields {
  return template[name] === undefined ? {} : asFields(template[name], name);
}

function declare(scope: Scope, logicalId: string, resource: unknown): Declared | null {
  const fields = asFields(resource, `Resource ${logicalId}`);
  const type = asText(fields['Type'], `Resource ${logicalId}: Type`);
  const where = `Resource ${logicalId} (${type})`;
  if (servedTypes[type] === undefined && !ignoredTypes.has(type)) {
    throw new TemplateError(`${where}: the local runtime does not know this type of resource.`);
  }
  const condition = fields['Condition'];
  if (condition !== undefined && !holds(scope, asText(condition, where))) return null;
  return { type, properties: fields['Properties'] === undefined ? {} : asFields(fields['Properties'], where), where };
}

function propertiesOf(scope: Scope, { type, properties, where }: Declared): Fields {
  const known = servedTypes[type];
  const entries: [string, unknown][] = [];
  for (const [name, value] of Object.entries(properties)) {
    if (known?.served.includes(name) === true) entries.push([name, resolve(scope, value, `${where}: ${name}`)]);
    else if (known?.harmless.includes(name) !== true) {
      throw new TemplateError(`${where}: the local runtime does not know the property ${name}.`);
    }
  }
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Names stay the same across restarts, because the data of tables and queues lies under them. */
export function nameOf(scope: Scope, logicalId: string, type: string, properties: Fields): string {
  const property = servedTypes[type]?.nameProperty;
  const given = property === undefined ? undefined : properties[property];
  return given === undefined ? logicalId : asText(resolve(scope, given, logicalId), `Resource ${logicalId}: name`);
}

/** Ten characters, as API Gateway's own ids, and the same at every start. */
export function apiIdOf(logicalId: string): string {
  return createHash('sha256').update(logicalId).digest('hex').slice(0, 10);
}

/** Fourteen characters, as CloudFront's own ids, and the same at every start. */
export function distributionIdOf(logicalId: string): string {
  return `E${createHash('sha256').update(logicalId).digest('hex').slice(0, 13).toUpperCase()}`;
}

export function distributionDomain(logicalId: string): string {
  return `${distributionIdOf(logicalId).toLowerCase()}.cloudfront.net`;
}

/** Functions at the edge have no Region. */
export function edgeFunctionArn(name: string): string {
  return `arn:${partition}:cloudfront::${accountId}:function/${name}`;
}

function referenceOf(scope: Scope, logicalId: string, { type, properties }: Declared, awsEndpoint: string): string {
  if (type === 'AWS::ApiGatewayV2::Api') return apiIdOf(logicalId);
  if (type === 'AWS::CloudFront::Distribution') return distributionIdOf(logicalId);
  const name = nameOf(scope, logicalId, type, properties);
  if (type === 'AWS::CloudFront::Function') return edgeFunctionArn(name);
  return type === 'AWS::SQS::Queue' ? queueUrl(awsEndpoint, name) : name;
}

/** The SDK sends to the host inside a queue's address, whatever its endpoint is; so the address must be a local one. */
export function queueUrl(awsEndpoint: string, queueName: string): string {
  return `${awsEndpoint}/${accountId}/${queueName}`;
}

function attributeOf(
  scope: Scope,
  logicalId: string,
  { type, properties }: Declared,
  attribute: string,
  awsEndpoint: string,
): string | undefined {
  const name = nameOf(scope, logicalId, type, properties);
  switch (`${type}.${attribute}`) {
    case 'AWS::DynamoDB::Table.Arn':
    case 'AWS::DynamoDB::GlobalTable.Arn':
      return arnOf('dynamodb', `table/${name}`);
    case 'AWS::SQS::Queue.Arn':
      return arnOf('sqs', name);
    case 'AWS::SQS::Queue.QueueName':
      return name;
    case 'AWS::SQS::Queue.QueueUrl':
      return queueUrl(awsEndpoint, name);
    case 'AWS::Lambda::Function.Arn':
      return arnOf('lambda', `function:${name}`);
    case 'AWS::IAM::Role.Arn':
      return roleArn(name);
    case 'AWS::Scheduler::Schedule.Arn':
      return scheduleArn(name);
    case 'AWS::Logs::LogGroup.Arn':
      return arnOf('logs', `log-group:${name}:*`);
    case 'AWS::CloudFront::Distribution.DomainName':
      return distributionDomain(logicalId);
    case 'AWS::CloudFront::Distribution.Id':
      return distributionIdOf(logicalId);
    case 'AWS::CloudFront::Function.FunctionARN':
      return edgeFunctionArn(name);
    case 'AWS::ApiGatewayV2::Api.ApiId':
      return apiIdOf(logicalId);
    case 'AWS::ApiGatewayV2::Api.ApiEndpoint':
      return `${properties['ProtocolType'] === 'WEBSOCKET' ? 'wss' : 'https'}://${apiHost(apiIdOf(logicalId))}`;
    default:
      return undefined;
  }
}

/** The template's outputs, resolved; those whose condition does not hold are left out. */
export function readOutputs(scope: Scope, template: Fields): Readonly<Record<string, string>> {
  const outputs = Object.entries(section(template, 'Outputs')).flatMap(([name, output]) => {
    const where = `Output ${name}`;
    if (!isFields(output)) throw new TemplateError(`${where} must be an object.`);
    const condition = output['Condition'];
    if (condition !== undefined && !holds(scope, asText(condition, where))) return [];
    return [[name, asText(resolve(scope, output['Value'], where), where)] as const];
  });
  return Object.fromEntries(outputs);
}
