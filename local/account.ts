// The one account and region that the local runtime pretends to be.

export const partition = 'aws';
export const region = 'us-east-1';
export const accountId = '000000000000';
export const urlSuffix = 'amazonaws.com';

/** `resource` is what follows the account: `table/Connections`, `function:FanOut`, a queue's name. */
export function arnOf(service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
}

/** Identity resources have no region. */
export function roleArn(roleName: string): string {
  return `arn:${partition}:iam::${accountId}:role/${roleName}`;
}

/** Every schedule is in the group that EventBridge Scheduler makes by itself. */
export function scheduleArn(scheduleName: string): string {
  return arnOf('scheduler', `schedule/default/${scheduleName}`);
}

/** The host of an API that is deployed in this region. */
export function apiHost(apiId: string): string {
  return `${apiId}.execute-api.${region}.${urlSuffix}`;
}
