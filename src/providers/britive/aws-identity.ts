/** An AWS workload shows who it is by a signed GetCallerIdentity that is never sent: Britive sends it. */
import { base64url } from 'jose';
import { basicTime, type SigningKeys, signedHeaders } from '../sigv4.ts';
import type { Connection } from './connection.ts';
import { denied } from './errors.ts';
import type { SourcedToken } from './federation.ts';
import type { EpochMs, Verdict } from './types.ts';
import { epoch } from './types.ts';

const body = 'Action=GetCallerIdentity&Version=2011-06-15';
const lifetimeMs = 900_000;

export const callerIdentity = async ({ dependencies, settings }: Connection): Promise<Verdict<SourcedToken>> => {
  const { variable, clock } = dependencies;
  const accessKeyId = variable('AWS_ACCESS_KEY_ID');
  const secretAccessKey = variable('AWS_SECRET_ACCESS_KEY');
  if (accessKeyId === null || secretAccessKey === null) {
    return denied('bad-request', 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set');
  }
  const region = variable('AWS_REGION') ?? variable('AWS_DEFAULT_REGION') ?? 'us-east-1';
  if (!/^[a-z0-9-]+$/.test(region)) return denied('bad-request', 'AWS_REGION is not a region');
  const keys = { accessKeyId, secretAccessKey, sessionToken: variable('AWS_SESSION_TOKEN'), region };
  const token = await signedIdentity(keys, new URL(settings.baseUrl).hostname, clock.now());
  return { type: 'ok', value: { token, lifetimeMs } };
};

const signedIdentity = async (
  { region, ...keys }: SigningKeys & { readonly region: string },
  tenantHost: string,
  now: EpochMs,
): Promise<string> => {
  const url = `https://sts.${region}.amazonaws.com/`;
  const headers = {
    'x-britive-expires': basicTime(epoch(now + lifetimeMs)),
    'x-britive-workload-aws-tenant': tenantHost,
  };
  const request = { keys, service: 'sts', region, at: now, method: 'POST', url, headers, body } as const;
  const identity = {
    iam_request_url: url,
    iam_request_body: body,
    iam_request_headers: await signedHeaders(request),
  };
  return `AWS::${base64url.encode(JSON.stringify(identity))}`;
};
