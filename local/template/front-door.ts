// Reads the CloudFront distribution before the APIs, with the functions at its edge, out of a template.

import { apiHost } from '../account.ts';
import type {
  BehaviourModel,
  EdgeFunctionModel,
  FrontDoorModel,
  HttpApiModel,
  WebSocketApiModel,
} from '../contracts.ts';
import {
  distributionDomain,
  distributionIdOf,
  edgeFunctionArn,
  nameOf,
  type Resource,
  type Resources,
} from './resources.ts';
import { TemplateError } from './template-error.ts';
import { asFields, asFlag, asList, asText, asTexts, type Fields } from './values.ts';

/** Nothing is cached here, and origins get all that a viewer sent but its Host: so the template has to ask for that. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

interface KnownFields {
  readonly served: readonly string[];
  /** What changes nothing that a function or a client could notice on one machine. */
  readonly harmless: readonly string[];
}

const distributionFields: KnownFields = {
  served: ['Enabled', 'Origins', 'DefaultCacheBehavior', 'CacheBehaviors'],
  harmless: ['Comment', 'HttpVersion', 'IPV6Enabled', 'PriceClass'],
};
const originFields: KnownFields = {
  served: ['Id', 'DomainName', 'CustomOriginConfig'],
  harmless: ['ConnectionAttempts', 'ConnectionTimeout'],
};
const behaviourFields: KnownFields = {
  served: [
    'PathPattern',
    'TargetOriginId',
    'AllowedMethods',
    'CachePolicyId',
    'OriginRequestPolicyId',
    'FunctionAssociations',
  ],
  harmless: ['CachedMethods', 'Compress', 'ViewerProtocolPolicy'],
};

type Apis = readonly { readonly api: BehaviourModel['api']; readonly apiId: string }[];
type Origins = ReadonlyMap<string, Apis[number]>;

/** Null when the template has none, or has it switched off. */
export function readFrontDoor(
  resources: Resources,
  httpApi: HttpApiModel | null,
  webSocketApi: WebSocketApiModel | null,
): FrontDoorModel | null {
  const [distribution, second] = resources.ofType('AWS::CloudFront::Distribution');
  if (second !== undefined) throw new TemplateError(`${second.where}: the local runtime serves one distribution.`);
  if (distribution === undefined) return null;
  const { logicalId, where } = distribution;
  const config = known(distribution.properties['DistributionConfig'], distributionFields, where);
  if (!asFlag(config['Enabled'], `${where}: Enabled`)) return null;
  const apis: Apis = [
    ...(httpApi === null ? [] : [{ api: 'http' as const, apiId: httpApi.apiId }]),
    ...(webSocketApi === null ? [] : [{ api: 'websocket' as const, apiId: webSocketApi.apiId }]),
  ];
  const origins: Origins = new Map(asList(config['Origins'], where).map((origin) => readOrigin(origin, apis, where)));
  const functions = readEdgeFunctions(resources);
  const ordered = asList(config['CacheBehaviors'], `${where}: CacheBehaviors`);
  const behaviours = [...ordered, { ...asFields(config['DefaultCacheBehavior'], where), PathPattern: '*' }];
  return {
    distributionId: distributionIdOf(logicalId),
    domainName: distributionDomain(logicalId),
    behaviours: behaviours.map((behaviour) => readBehaviour(behaviour, origins, functions, where)),
  };
}

function readOrigin(value: unknown, apis: Apis, where: string): readonly [string, Apis[number]] {
  const fields = known(value, originFields, `${where}: Origins`);
  const domainName = asText(fields['DomainName'], `${where}: DomainName`);
  const found = apis.find(({ apiId }) => apiHost(apiId) === domainName);
  if (found === undefined)
    throw new TemplateError(`${where}: only the APIs of this template are origins here, not ${domainName}.`);
  const custom = asFields(fields['CustomOriginConfig'], `${where}: CustomOriginConfig`);
  // The APIs have no port without TLS.
  if (custom['OriginProtocolPolicy'] !== 'https-only')
    throw new TemplateError(`${where}: OriginProtocolPolicy must be https-only, as APIs speak nothing else.`);
  return [asText(fields['Id'], where), found];
}

function readBehaviour(value: unknown, origins: Origins, functions: readonly Named[], where: string): BehaviourModel {
  const fields = known(value, behaviourFields, where);
  const pathPattern = asText(fields['PathPattern'], `${where}: PathPattern`);
  const place = `${where}: ${pathPattern}`;
  const target = origins.get(asText(fields['TargetOriginId'], place));
  if (target === undefined) throw new TemplateError(`${place}: its origin is not in the distribution.`);
  if (fields['CachePolicyId'] !== CACHING_DISABLED)
    throw new TemplateError(`${place}: CachePolicyId must be CachingDisabled, as nothing is cached here.`);
  if (fields['OriginRequestPolicyId'] !== ALL_VIEWER_EXCEPT_HOST_HEADER)
    throw new TemplateError(
      `${place}: OriginRequestPolicyId must be AllViewerExceptHostHeader; no other is served here.`,
    );
  return {
    pathPattern,
    ...target,
    methods: asTexts(fields['AllowedMethods'] ?? ['GET', 'HEAD'], `${place}: AllowedMethods`),
    viewerRequest: readAssociation(asList(fields['FunctionAssociations'], place), functions, place),
  };
}

function readAssociation(
  associations: readonly unknown[],
  functions: readonly Named[],
  place: string,
): EdgeFunctionModel | null {
  const [first, second] = associations.map((association) => asFields(association, place));
  if (first === undefined) return null;
  if (second !== undefined || first['EventType'] !== 'viewer-request')
    throw new TemplateError(`${place}: only one function, for viewer-request, is served here.`);
  const arn = asText(first['FunctionARN'], place);
  const found = functions.find((candidate) => candidate.arn === arn);
  if (found === undefined) throw new TemplateError(`${place}: the function ${arn} is not in the template.`);
  return found.model;
}

interface Named {
  readonly arn: string;
  readonly model: EdgeFunctionModel;
}

function readEdgeFunctions({ scope, ofType }: Resources): readonly Named[] {
  return ofType('AWS::CloudFront::Function').map(({ logicalId, type, properties, where }: Resource) => {
    const runtime = asText(asFields(properties['FunctionConfig'], where)['Runtime'], `${where}: Runtime`);
    if (runtime !== 'cloudfront-js-2.0')
      throw new TemplateError(`${where}: the runtime ${runtime} is not served here.`);
    const name = nameOf(scope, logicalId, type, properties);
    // One that is not published exists, but requests do not reach it.
    if (!asFlag(properties['AutoPublish'], where)) throw new TemplateError(`${where}: AutoPublish must be true.`);
    return {
      arn: edgeFunctionArn(name),
      model: { name, code: asText(properties['FunctionCode'], `${where}: FunctionCode`) },
    };
  });
}

function known(value: unknown, { served, harmless }: KnownFields, where: string): Fields {
  const fields = asFields(value, where);
  const unknown = Object.keys(fields).find((name) => !served.includes(name) && !harmless.includes(name));
  if (unknown !== undefined) throw new TemplateError(`${where}: the local runtime does not know ${unknown}.`);
  return fields;
}
