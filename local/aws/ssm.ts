// Systems Manager's Parameter Store: gives out the secrets that the runtime was started with, one at a time.

import { arnOf } from '../account.ts';
import type { AwsResponse } from '../contracts.ts';
import { failure, json, type AwsService } from './caller.ts';

/**
 * Each secret is a SecureString under the account's own key, with which whoever may get a parameter may also decrypt it.
 * @param secrets by the parameter's name: `/bellhop/jwt-secret`
 */
export function ssmService(secrets: Readonly<Record<string, string>>): AwsService {
  return (request, caller) => {
    const target = request.headers['x-amz-target'] ?? '';
    if (target !== 'AmazonSSM.GetParameter') {
      const message = `The local runtime does not serve ${target || 'this request'}.`;
      return Promise.resolve(failure(400, 'UnknownOperationException', message));
    }
    const input = parse(request.body);
    if (input === null) {
      return Promise.resolve(failure(400, 'SerializationException', 'The body is not a JSON object with a Name.'));
    }
    const arn = arnOf('ssm', `parameter${input.name.startsWith('/') ? '' : '/'}${input.name}`);
    return Promise.resolve(caller.refusal('ssm:GetParameter', arn) ?? answer(secrets, input, arn));
  };
}

interface Input {
  readonly name: string;
  readonly decrypted: boolean;
}

function answer(secrets: Readonly<Record<string, string>>, { name, decrypted }: Input, arn: string): AwsResponse {
  const secret = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (secret === undefined) return failure(400, 'ParameterNotFound', `Parameter ${name} not found.`);
  const Parameter = {
    ARN: arn,
    DataType: 'text',
    Name: name,
    Type: 'SecureString',
    // What AWS gives without decryption is of no use to anybody either.
    Value: decrypted ? secret : 'encrypted',
    Version: 1,
  };
  return json(200, { Parameter }, { 'content-type': 'application/x-amz-json-1.1' });
}

/** Null for what is no JSON object with a name. */
function parse(body: Buffer): Input | null {
  try {
    const { Name, WithDecryption } = JSON.parse(body.toString('utf8')) as Readonly<Record<string, unknown>>;
    return typeof Name === 'string' ? { name: Name, decrypted: WithDecryption === true } : null;
  } catch {
    return null;
  }
}
