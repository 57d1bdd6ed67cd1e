/** What STS refuses, by the codes that it and the Query protocol document. */
import type { TransientWhy, Verdict } from '../../core/types.ts';
import { transient, transientOf } from '../failures.ts';
import { errorCode, errorMessage, type Reply, type XmlReply } from './call.ts';

type Denied = Extract<Verdict<never>, { type: 'denied' }>;

export const denied = (why: Denied['why'], detail: string): Denied => ({ type: 'denied', why, detail });

export const codeIsSpent = 'that code was used; wait for the next one';
const wrongCode = 'the one-time password is not accepted; wait for the next one';

/** Without "Exception" at its end, which STS puts at some and SDKs at others. */
const nameOf = (code: string): string => code.replace(/Exception$/, '');

const passing: Readonly<Record<string, TransientWhy>> = {
  Throttling: '429',
  Throttled: '429',
  RequestThrottled: '429',
  RequestLimitExceeded: '429',
  TooManyRequests: '429',
  BandwidthLimitExceeded: '429',
  SlowDown: '429',
  IDPCommunicationError: '5xx',
  InternalError: '5xx',
  InternalFailure: '5xx',
  InternalServerError: '5xx',
  RequestTimeout: 'timeout',
  ServiceUnavailable: '5xx',
};

/** The keys that signed, or the web identity token, are no good (any more). */
const unauthorized: Readonly<Record<string, string>> = {
  ExpiredToken: 'what it was asked with has expired',
  InvalidClientTokenId: 'it does not know the access key it was asked with',
  UnrecognizedClient: 'it does not know the access key it was asked with',
  InvalidIdentityToken: 'it does not take the web identity token',
};

const refusals: Readonly<Record<string, Denied>> = {
  SignatureDoesNotMatch: denied('forbidden', 'the secret access key does not belong to the access key'),
  IDPRejectedClaim: denied('forbidden', 'the identity provider rejected the web identity token'),
  MalformedPolicyDocument: denied('bad-request', 'the session policy is malformed'),
  OptInRequired: denied('forbidden', 'the account is not signed up for it'),
  PackedPolicyTooLarge: denied('bad-request', 'the session tags and policies are too large together'),
  RegionDisabled: denied('forbidden', 'STS is not activated in this region; use another one, or activate it in IAM'),
};

/** A 4xx answer as a verdict; `action` is what a policy would have to allow. */
const refusal = (reply: XmlReply, action: string): Verdict<never> => {
  const code = errorCode(reply);
  // What is not AWS's own refusal proves nothing.
  if (code === null) return transient('bad-body', `STS refused without a code (${reply.status})`);
  const name = nameOf(code);
  const why = own(passing, name);
  if (why !== undefined) return transient(why, `STS answered ${name}`);
  const detail = own(unauthorized, name);
  if (detail !== undefined) return { type: 'unauthorized', detail };
  if (name === 'AccessDenied') return accessDenied(errorMessage(reply), action);
  return (
    own(refusals, name) ?? denied(reply.status === 403 ? 'forbidden' : 'bad-request', `it answered ${shown(name)}`)
  );
};

const accessDenied = (message: string, action: string): Denied => {
  if (!message.startsWith('MultiFactorAuthentication failed')) {
    return denied('forbidden', `${action} is not allowed; see its trust policy and external ID`);
  }
  if (/invalid MFA one time pass code/i.test(message)) return denied('needs-otp', wrongCode);
  return denied('bad-request', 'the MFA serial number is not that of a device of this user');
};

/** Names from upstream are no keys of ours. */
const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const shown = (name: string): string => (/^[A-Za-z.]{1,60}$/.test(name) ? name : 'an error');

/** The hour that chained roles get, or what an administrator allows the role, is exceeded. */
export const isTooLong = (reply: Reply): boolean =>
  reply.type === 'xml' &&
  errorCode(reply) === 'ValidationError' &&
  /DurationSeconds exceeds the (1 hour session limit|MaxSessionDuration)/.test(errorMessage(reply));

/** Any reply as a verdict; `read` answers null where a promised field is missing. */
export const parseReply = <T>(reply: Reply, action: string, read: (reply: XmlReply) => T | null): Verdict<T> => {
  if (reply.type === 'failure') return transientOf(reply);
  if (reply.status >= 400) return refusal(reply, action);
  const value = read(reply);
  return value === null ? transient('bad-body', 'STS answered without a field it promises') : { type: 'ok', value };
};
