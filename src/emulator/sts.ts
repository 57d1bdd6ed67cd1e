/** STS: the caller's identity and assumed roles. Everything else is an invalid action. */
import type { Answer, Call, Handler } from './call.ts';
import { stsError } from './errors.ts';
import type { IssuedKeys, Keys } from './keys.ts';
import type { Knobs } from './knobs.ts';
import type { Operation } from './operations.ts';
import { roleId } from './random.ts';
import { verifySignature } from './sigv4.ts';
import { element, escapeXml, xml } from './xml.ts';

export interface StsParts {
  readonly knobs: Knobs;
  readonly keys: Keys;
  readonly now: () => number;
}

const version = '2011-06-15';
const hourSeconds = 3600;

/** The action is in the body, or in a presigned URL's query. */
export function stsOperation(call: Call): Operation {
  const action = parameters(call).get('Action');
  return action === 'GetCallerIdentity' || action === 'AssumeRole' ? action : 'Unknown';
}

export const sts =
  (parts: StsParts): Handler =>
  (call) => {
    const form = parameters(call);
    const operation = stsOperation(call);
    if (operation === 'Unknown' || form.get('Version') !== version) {
      throw stsError(
        'InvalidAction',
        `Could not find operation ${form.get('Action')} for version ${form.get('Version')}`,
      );
    }
    const signer = verifySignature(call, { service: 'sts', keys: parts.keys, now: parts.now(), refuse: stsError });
    return operation === 'AssumeRole' ? assumeRole(parts, { call, form, signer }) : callerIdentity(call, signer);
  };

function parameters(call: Call): URLSearchParams {
  if (call.method === 'GET') return call.query;
  const isForm = (call.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  return new URLSearchParams(isForm ? call.body : '');
}

function callerIdentity(call: Call, { principal }: IssuedKeys): Answer {
  const result =
    element('Arn', escapeXml(principal.arn)) +
    element('UserId', escapeXml(principal.userId)) +
    element('Account', principal.accountId);
  return answer(call, 'GetCallerIdentity', result);
}

interface AssumeRoleRequest {
  readonly call: Call;
  readonly form: URLSearchParams;
  readonly signer: IssuedKeys;
}

function assumeRole({ knobs, keys }: StsParts, { call, form, signer }: AssumeRoleRequest): Answer {
  const arn = matching(form, 'RoleArn', /^arn:[\w-]+:iam::\d{12}:role\/.+$/);
  const sessionName = matching(form, 'RoleSessionName', /^[\w+=,.@-]{2,64}$/);
  const seconds = duration(form);
  const role = knobs.roles.find((candidate) => candidate.arn === arn);
  if (role === undefined || (role.externalId !== null && role.externalId !== form.get('ExternalId'))) {
    throw stsError(
      'AccessDenied',
      `User: ${signer.principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    );
  }
  refuseTooLong(seconds, role.maxLifeMs / 1000, signer);
  const accountId = arn.split(':')[4] ?? '';
  const roleName = arn.slice(arn.lastIndexOf('/') + 1);
  const assumed = {
    accountId,
    arn: `${arn.split(':iam:')[0]}:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
    userId: `${roleId(arn)}:${sessionName}`,
  };
  return answer(call, 'AssumeRole', assumedRole(keys.issue(assumed, seconds * 1000)));
}

function assumedRole(issued: ReturnType<Keys['issue']>): string {
  const { arn, userId } = issued.principal;
  const user = element('AssumedRoleId', escapeXml(userId)) + element('Arn', escapeXml(arn));
  const credentials =
    element('AccessKeyId', issued.accessKeyId) +
    element('SecretAccessKey', issued.secretAccessKey) +
    element('SessionToken', issued.sessionToken) +
    element('Expiration', new Date(issued.expiresAt).toISOString().replace('.000Z', 'Z'));
  return element('AssumedRoleUser', user) + element('Credentials', credentials);
}

function matching(form: URLSearchParams, name: string, pattern: RegExp): string {
  const value = form.get(name) ?? '';
  if (!pattern.test(value))
    throw invalid(`Value '${value}' at '${name}' failed to satisfy constraint: ${pattern.source}`);
  return value;
}

function duration(form: URLSearchParams): number {
  const seconds = Number(form.get('DurationSeconds') ?? hourSeconds);
  if (Number.isInteger(seconds) && seconds >= 900 && seconds <= 12 * hourSeconds) return seconds;
  throw invalid(`Value '${form.get('DurationSeconds')}' at 'durationSeconds' must be between 900 and 43200`);
}

function refuseTooLong(seconds: number, maxSeconds: number, signer: IssuedKeys): void {
  if (signer.sessionToken !== null && seconds > hourSeconds) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.');
  }
  if (seconds > maxSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}

const invalid = (message: string) => stsError('ValidationError', message);

const answer = (call: Call, operation: string, result: string): Answer =>
  xml(
    200,
    `${operation}Response`,
    element(`${operation}Result`, result) + element('ResponseMetadata', element('RequestId', call.requestId)),
  );
