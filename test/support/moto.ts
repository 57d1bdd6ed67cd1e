/** AWS as moto emulates it: an implementation of SigV4 and STS that is none of ours. https://docs.getmoto.org/ */
import { XMLParser } from 'fast-xml-parser';
import type { TestContext } from 'vitest';
import { epoch } from '../../src/core/types.ts';
import { type SigningKeys, signedHeaders } from '../../src/providers/sigv4.ts';
import { freePort } from './free-port.ts';
import { Program } from './program.ts';
import { requireTool } from './required.ts';

export interface Moto {
  readonly url: string;
  readonly userKeys: SigningKeys;
  readonly roleArn: string;
}

const nobody: SigningKeys = { accessKeyId: 'AKIAANYANYANYANYANYA', secretAccessKey: 'any', sessionToken: null };
const allowed = (action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
});

/** With a user who may assume a role, and from then on with every signature checked. */
export async function startMoto(test: TestContext): Promise<Moto> {
  const port = await freePort();
  const set = [
    ['CreateUser', { UserName: 'ops' }],
    ['PutUserPolicy', { UserName: 'ops', PolicyName: 'assume', PolicyDocument: allowed('sts:*') }],
    ['CreateRole', { RoleName: 'Deploy', AssumeRolePolicyDocument: trust }],
    ['PutRolePolicy', { RoleName: 'Deploy', PolicyName: 'assume', PolicyDocument: allowed('sts:*') }],
    ['CreateAccessKey', { UserName: 'ops' }],
  ] as const;
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    PYTHONUNBUFFERED: '1',
    INITIAL_NO_AUTH_ACTION_COUNT: String(set.length),
  };
  const server = new Program([requireTool(test, 'moto_server'), '-p', String(port)], env);
  await server.says(/Running on http/);
  const url = `http://127.0.0.1:${port}`;
  const results: Record<string, Record<string, Record<string, string>>>[] = [];
  for (const [action, parameters] of set) results.push(await iam(url, action, parameters));
  const key = results[4]?.['CreateAccessKeyResult']?.['AccessKey'];
  return {
    url,
    userKeys: {
      accessKeyId: key?.['AccessKeyId'] ?? '',
      secretAccessKey: key?.['SecretAccessKey'] ?? '',
      sessionToken: null,
    },
    roleArn: results[2]?.['CreateRoleResult']?.['Role']?.['Arn'] ?? '',
  };
}

async function iam(url: string, action: string, parameters: Readonly<Record<string, string>>) {
  const body = new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }).toString();
  const headers = await signedHeaders({
    keys: nobody,
    service: 'iam',
    region: 'us-east-1',
    at: epoch(Date.now()),
    method: 'POST',
    url: `${url}/`,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body,
  });
  const response = await fetch(`${url}/`, { method: 'POST', headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`moto refused ${action}: ${text}`);
  return new XMLParser({ parseTagValue: false }).parse(text)[`${action}Response`];
}
