// The names that resources have in the template.
import type { Resource } from 'aws-cdk-lib';
import { CfnElement } from 'aws-cdk-lib';

/**
 * Fixes the logical id of a resource. CloudFormation replaces what changes its logical id: a table would be left behind
 * with its data, a queue with its messages, an API would get another address. So it must not follow from where the
 * construct happens to stand in the tree.
 */
export function pinLogicalId(resource: Resource, logicalId: string): void {
  const element = resource.node.defaultChild;
  if (!(element instanceof CfnElement)) throw new Error(`${resource.node.path} has no resource of its own to name`);
  element.overrideLogicalId(logicalId);
}

/** `createBroadcast` -> `CreateBroadcast`. */
export function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
