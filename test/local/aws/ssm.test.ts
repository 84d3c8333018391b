// The Parameter Store through its SDK client: the secrets of the start, for those who may have them.
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Statement } from '../../../local/contracts.ts';
import { startAws, type AwsStand } from './aws-stand.ts';

const name = '/bellhop/jwt-secret';
const arn = `arn:aws:ssm:us-east-1:000000000000:parameter${name}`;
const secrets: Readonly<Record<string, string>> = { [name]: 'the secret', plain: 'another one' };

async function start(
  as: 'operator' | 'caller',
  permissions: readonly Statement[] = [],
): Promise<{ readonly client: SSMClient; readonly stand: AwsStand }> {
  const stand = await startAws({ secrets, permissions });
  const client = new SSMClient(stand[as]);
  onTestFinished(() => {
    client.destroy();
  });
  return { client, stand };
}

function allow(resource: string): readonly Statement[] {
  return [{ effect: 'Allow', actions: ['ssm:GetParameter'], resources: [resource] }];
}

describe('the Parameter Store', () => {
  it('gives out a secret', async () => {
    const { client } = await start('operator');
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    expect(Parameter).toEqual({
      ARN: arn,
      DataType: 'text',
      Name: name,
      Type: 'SecureString',
      Value: 'the secret',
      Version: 1,
    });
  });

  it.each([undefined, false])('gives out nothing readable without decryption: %s', async (WithDecryption) => {
    const { client } = await start('operator');
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption }));
    expect(Parameter?.Value).toBeTypeOf('string');
    expect(Parameter?.Value).not.toContain('secret');
  });

  it.each(['/bellhop/another', '/bellhop', 'toString'])('does not know %s', async (Name) => {
    const { client } = await start('operator');
    const command = new GetParameterCommand({ Name, WithDecryption: true });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it('serves nothing else', async () => {
    const { client, stand } = await start('operator');
    const command = new PutParameterCommand({ Name: name, Value: 'x', Type: 'SecureString' });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'UnknownOperationException' });
    expect(stand.errors).toEqual([]);
  });

  it.each(['{', '[]', 'null', '{"Name":7}'])('refuses the body %s', async (body) => {
    const { stand } = await start('operator');
    const { accessKeyId } = stand.operator.credentials;
    const headers = {
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261121/us-east-1/ssm/aws4_request`,
      'x-amz-target': 'AmazonSSM.GetParameter',
    };
    const answer = await fetch(stand.endpoint, { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('SerializationException');
  });
});

describe('the permission of the caller', () => {
  it.each([
    ['this parameter', name, arn],
    ['a parameter without a slash, which has one in its ARN', 'plain', arn.replace(name, '/plain')],
  ])('is enough for %s', async (_, Name, resource) => {
    const { client } = await start('caller', allow(resource));
    const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
    expect(Parameter?.Value).toBe(secrets[Name]);
  });

  it.each([
    ['nothing', []],
    ['another parameter', allow(`${arn}2`)],
    ['the parameter without a name, as the stack allows while none is set', allow(arn.replace(name, ''))],
  ])('is not enough when it is for %s', async (_, permissions) => {
    const { client } = await start('caller', permissions);
    await expect(client.send(new GetParameterCommand({ Name: name, WithDecryption: true }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`ssm:GetParameter on resource: ${arn}`) as unknown,
    });
  });

  it('is asked before anything is said of the parameter', async () => {
    const { client } = await start('caller');
    const command = new GetParameterCommand({ Name: '/unknown', WithDecryption: true });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
