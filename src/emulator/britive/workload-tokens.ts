/** Workload federation: the token of another identity system is itself the credential, on every call. */
import type { Call } from '../call.ts';
import { Refused } from '../call.ts';
import { stsError } from '../errors.ts';
import type { Keys } from '../keys.ts';
import { verifySignature } from '../sigv4.ts';
import { refusal } from './errors.ts';
import { claimsOf, parseObject } from './jwt.ts';
import type { TenantKnobs, Workload } from './knobs.ts';
import { type Person, personOf } from './sessions.ts';

export interface WorkloadParts {
  readonly knobs: TenantKnobs;
  readonly keys: Keys;
  readonly now: () => number;
}

/** `token` is `OIDC::<jwt>` or `AWS::<base64url of a signed request>`. */
export function workloadOf(parts: WorkloadParts, token: string, call: Call): Person {
  const [kind, value = ''] = token.split('::');
  const workload = kind === 'OIDC' ? byOidc(parts, value) : kind === 'AWS' ? byAws(parts, value, call) : undefined;
  if (workload === undefined) throw refusal(401, 'AU-0007', 'The workload token is not accepted');
  return personOf(workload.userName);
}

/** Signatures are taken for granted: the emulator does not know the keys of other identity systems. */
function byOidc({ knobs, now }: WorkloadParts, token: string): Workload | undefined {
  const claims = claimsOf(token);
  if (claims === null || !(Number(claims['exp']) * 1000 > now())) return undefined;
  const audiences = [claims['aud']].flat();
  return knobs.workloads.find(
    (workload) =>
      workload.type === 'oidc' &&
      workload.issuer === claims['iss'] &&
      (workload.audience === null || audiences.includes(workload.audience)),
  );
}

function byAws({ knobs, keys, now }: WorkloadParts, value: string, call: Call): Workload | undefined {
  const signed = signedCall(value, call);
  if (signed === null || !isForUs(signed, call, now())) return undefined;
  const accountId = accountOf(
    () => verifySignature(signed, { service: 'sts', keys, now: now(), refuse: stsError }).principal.accountId,
  );
  return knobs.workloads.find((workload) => workload.type === 'aws' && workload.accountId === accountId);
}

/** The call to STS that the bearer signed and did not send. */
function signedCall(value: string, call: Call): Call | null {
  const document = parseObject(Buffer.from(value, 'base64url').toString()) ?? {};
  const headers = document['iam_request_headers'];
  const url = String(document['iam_request_url']);
  if (typeof headers !== 'object' || headers === null || !/^https:\/\/sts\.[a-z0-9-]+\.amazonaws\.com\/$/.test(url)) {
    return null;
  }
  const named = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), String(text)]);
  return {
    ...call,
    method: 'POST',
    path: '/',
    rawQuery: '',
    query: new URLSearchParams(),
    headers: { ...Object.fromEntries(named), host: new URL(url).host },
    body: String(document['iam_request_body']),
  };
}

function isForUs({ headers, body }: Call, call: Call, now: number): boolean {
  const tenant = headers['x-britive-workload-aws-tenant'];
  const expires = (headers['x-britive-expires'] ?? '').replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  );
  const signed = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1]?.split(';') ?? [];
  return (
    body === 'Action=GetCallerIdentity&Version=2011-06-15' &&
    ['x-britive-workload-aws-tenant', 'x-britive-expires'].every((name) => signed.includes(name)) &&
    tenant === call.headers['host']?.replace(/:\d+$/, '') &&
    Date.parse(expires) > now
  );
}

function accountOf(verified: () => string): string | null {
  try {
    return verified();
  } catch (thrown) {
    if (thrown instanceof Refused) return null;
    throw thrown;
  }
}
