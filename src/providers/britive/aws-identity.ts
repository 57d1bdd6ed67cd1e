/** An AWS workload shows who it is by a signed GetCallerIdentity that is never sent: Britive sends it. Signature Version 4. */
import { base64url } from 'jose';
import type { Connection } from './connection.ts';
import { denied } from './errors.ts';
import type { SourcedToken } from './federation.ts';
import type { EpochMs, Verdict } from './types.ts';

const body = 'Action=GetCallerIdentity&Version=2011-06-15';
const lifetimeMs = 900_000;

interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  readonly region: string;
}

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

const signedIdentity = async (keys: SigningKeys, tenantHost: string, now: EpochMs): Promise<string> => {
  const host = `sts.${keys.region}.amazonaws.com`;
  const date = basicTime(now);
  const signed = {
    host,
    'x-amz-date': date,
    ...(keys.sessionToken !== null && { 'x-amz-security-token': keys.sessionToken }),
    'x-britive-expires': basicTime(now + lifetimeMs),
    'x-britive-workload-aws-tenant': tenantHost,
  };
  const { host: _implied, ...sent } = signed;
  const identity = {
    iam_request_url: `https://${host}/`,
    iam_request_body: body,
    iam_request_headers: { ...sent, authorization: await authorization(keys, signed, date) },
  };
  return `AWS::${base64url.encode(JSON.stringify(identity))}`;
};

const authorization = async (
  { accessKeyId, secretAccessKey, region }: SigningKeys,
  headers: Readonly<Record<string, string>>,
  date: string,
): Promise<string> => {
  // Their names are in the order that the signature wants.
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ['POST', '/', '', lines.join(''), names, await sha256(body)].join('\n');
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/sts/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, await sha256(canonical)].join('\n');
  let key = bytes(`AWS4${secretAccessKey}`);
  for (const part of [day, region, 'sts', 'aws4_request']) key = await hmac(key, part);
  const signature = hex(await hmac(key, text));
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
};

/** `20261121T090000Z`. */
const basicTime = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const sha256 = async (text: string): Promise<string> =>
  hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes(text))));

const hmac = async (key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> => {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, bytes(text)));
};

const hex = (data: Uint8Array): string => [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('');
