// The resource types and properties that the local runtime knows: what it serves, and what makes no difference here.

interface KnownType {
  /** The property that names the resource; without it the logical id does. */
  readonly nameProperty?: string;
  readonly served: readonly string[];
  /** Properties that change nothing that a function or a client could notice on one machine. */
  readonly harmless: readonly string[];
}

const table: KnownType = {
  nameProperty: 'TableName',
  served: [
    'TableName',
    'KeySchema',
    'AttributeDefinitions',
    'GlobalSecondaryIndexes',
    'LocalSecondaryIndexes',
    'TimeToLiveSpecification',
  ],
  harmless: [
    'BillingMode',
    'ContributorInsightsSpecification',
    'DeletionProtectionEnabled',
    'OnDemandThroughput',
    'PointInTimeRecoverySpecification',
    'ProvisionedThroughput',
    'Replicas',
    'SSESpecification',
    'TableClass',
    'Tags',
    'WarmThroughput',
    'WriteOnDemandThroughputSettings',
    'WriteProvisionedThroughputSettings',
  ],
};

/** Everything that is served. A property in neither list stops the start: it would silently be missing. */
export const servedTypes: Readonly<Record<string, KnownType>> = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    served: [
      'QueueName',
      'VisibilityTimeout',
      'MessageRetentionPeriod',
      'DelaySeconds',
      'ReceiveMessageWaitTimeSeconds',
      'MaximumMessageSize',
      'RedrivePolicy',
    ],
    harmless: ['KmsDataKeyReusePeriodSeconds', 'KmsMasterKeyId', 'RedriveAllowPolicy', 'SqsManagedSseEnabled', 'Tags'],
  },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    served: [
      'FunctionName',
      'Code',
      'Handler',
      'Runtime',
      'Timeout',
      'MemorySize',
      'Environment',
      'Role',
      'ReservedConcurrentExecutions',
    ],
    harmless: [
      'Architectures',
      'Description',
      'EphemeralStorage',
      'LoggingConfig',
      'RecursiveLoop',
      'RuntimeManagementConfig',
      'Tags',
      'TracingConfig',
    ],
  },
  'AWS::Lambda::EventSourceMapping': {
    served: [
      'EventSourceArn',
      'FunctionName',
      'BatchSize',
      'MaximumBatchingWindowInSeconds',
      'FunctionResponseTypes',
      'ScalingConfig',
      'Enabled',
    ],
    harmless: ['MetricsConfig', 'Tags'],
  },
  'AWS::Lambda::EventInvokeConfig': {
    served: ['FunctionName', 'MaximumRetryAttempts', 'MaximumEventAgeInSeconds'],
    harmless: ['Qualifier'],
  },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    served: ['RoleName', 'ManagedPolicyArns', 'Policies'],
    harmless: ['AssumeRolePolicyDocument', 'Description', 'MaxSessionDuration', 'Path', 'Tags'],
  },
  'AWS::IAM::Policy': { served: ['PolicyDocument', 'Roles'], harmless: ['PolicyName', 'Groups', 'Users'] },
  'AWS::Scheduler::Schedule': {
    nameProperty: 'Name',
    served: ['Name', 'ScheduleExpression', 'State', 'FlexibleTimeWindow', 'Target'],
    // A rate is the same in every time zone.
    harmless: ['Description', 'KmsKeyArn', 'ScheduleExpressionTimezone'],
  },
  // What a distribution says is nested, and checked where it is read.
  'AWS::CloudFront::Distribution': { served: ['DistributionConfig'], harmless: ['Tags'] },
  'AWS::CloudFront::Function': {
    nameProperty: 'Name',
    served: ['Name', 'FunctionCode', 'FunctionConfig', 'AutoPublish'],
    harmless: ['FunctionMetadata', 'Tags'],
  },
  'AWS::ApiGatewayV2::Api': {
    served: ['ProtocolType', 'RouteSelectionExpression', 'CorsConfiguration'],
    harmless: ['Description', 'DisableExecuteApiEndpoint', 'IpAddressType', 'Name', 'Tags', 'Version'],
  },
  'AWS::ApiGatewayV2::Route': {
    served: ['ApiId', 'RouteKey', 'Target', 'AuthorizationType', 'ApiKeyRequired'],
    harmless: ['OperationName'],
  },
  'AWS::ApiGatewayV2::Integration': {
    served: ['ApiId', 'IntegrationType', 'IntegrationUri', 'PayloadFormatVersion', 'TimeoutInMillis'],
    harmless: ['ConnectionType', 'ContentHandlingStrategy', 'Description', 'IntegrationMethod'],
  },
  'AWS::ApiGatewayV2::Stage': {
    nameProperty: 'StageName',
    served: ['ApiId', 'StageName'],
    harmless: [
      'AccessLogSettings',
      'AutoDeploy',
      'DefaultRouteSettings',
      'DeploymentId',
      'Description',
      'RouteSettings',
      'Tags',
    ],
  },
};

/** What watches, records or permits, but serves nobody at run time. Every other unknown type stops the start. */
export const ignoredTypes: ReadonlySet<string> = new Set([
  'AWS::ApiGateway::Account',
  'AWS::ApiGatewayV2::Deployment',
  'AWS::Budgets::Budget',
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::SQS::QueuePolicy',
]);
