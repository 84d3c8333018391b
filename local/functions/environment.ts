// The environment of a function: what its template says and what Lambda sets, and nothing of this process.

import { devNull } from 'node:os';
import { region } from '../account.ts';
import type { FunctionModel } from '../contracts.ts';
import type { Identity } from '../permissions.ts';

export function functionEnvironment(
  { name, handler, memoryMegabytes, codeDirectory, environment }: FunctionModel,
  { accessKeyId, secretAccessKey }: Identity,
  awsEndpoint: string,
): Record<string, string> {
  return {
    ...environment,
    _HANDLER: handler,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(name),
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: codeDirectory,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    // Every service, also one that is not served here, so that no call leaves the machine.
    AWS_ENDPOINT_URL: awsEndpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    // The developer's own AWS settings are not the function's.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

export function logGroupName(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}
