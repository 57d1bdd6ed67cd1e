/** What a call has proved that ended with an exception: of ours, or of oauth4webapi. A detail never quotes an answer. */
import * as oauth from 'oauth4webapi';
import type { Verdict } from '../../core/types.ts';
import { spendingOf, transient, transientOf } from '../failures.ts';
import { SendFailed } from './wire.ts';

/** For calls that may be repeated at will. */
export const verdictOf = (thrown: unknown): Verdict<never> =>
  thrown instanceof SendFailed ? transientOf(thrown.failure) : (refusalOf(thrown) ?? unreadable);

/** For calls that spend something: once a success cannot be read, what was spent may be gone. */
export const spendingVerdictOf = (thrown: unknown): Verdict<never> => {
  if (thrown instanceof SendFailed) return spendingOf(thrown.failure);
  return refusalOf(thrown) ?? { type: 'ambiguous', detail: 'the issuer answered without a token' };
};

const unreadable = transient('bad-body', 'the issuer answered without a field it promises');

const refusalOf = (thrown: unknown): Verdict<never> | null => {
  if (thrown instanceof oauth.ResponseBodyError) return judge(thrown.error, thrown.status);
  if (!(thrown instanceof oauth.OperationProcessingError)) return null;
  switch (thrown.code) {
    case oauth.HTTP_REQUEST_FORBIDDEN:
    case oauth.REQUEST_PROTOCOL_FORBIDDEN:
      return denied('the issuer must be reached over https; check "issuer"');
    case oauth.MISSING_SERVER_METADATA:
    case oauth.INVALID_SERVER_METADATA:
      return denied('the issuer publishes no endpoint for this');
    case oauth.JSON_ATTRIBUTE_COMPARISON:
      return denied('what is published there belongs to another issuer; check "issuer"');
    case oauth.RESPONSE_IS_NOT_CONFORM:
      return refusedWithoutReason(thrown.cause);
    default:
      return null;
  }
};

const refusedWithoutReason = (response: unknown): Verdict<never> | null =>
  response instanceof Response && response.status >= 400
    ? transient('bad-body', `the issuer answered without a reason (${response.status})`)
    : null;

/** RFC 6749 section 5.2, RFC 8628 section 3.5, RFC 8707 section 2, OpenID Connect Core section 3.1.2.6. */
const judge = (error: string, status: number): Verdict<never> => {
  const detail = `the issuer answered ${known.test(error) ? error : 'an unknown error'} (${status})`;
  switch (error) {
    case 'invalid_grant':
    case 'expired_token':
      return { type: 'rejected', why: 'invalid_grant', detail };
    case 'interaction_required':
    case 'login_required':
    case 'consent_required':
      return { type: 'rejected', why: 'session_ended', detail };
    case 'invalid_client':
      return { type: 'rejected', why: 'invalid_client', detail };
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return { type: 'rejected', why: 'unauthorized_client', detail };
    case 'access_denied':
      return { type: 'denied', why: 'forbidden', detail };
    case 'invalid_request':
    case 'invalid_scope':
    case 'invalid_target':
      return { type: 'denied', why: 'bad-request', detail };
    case 'slow_down':
      return transient('429', detail, slowDownMs);
    case 'server_error':
    case 'temporarily_unavailable':
      return transient('5xx', detail);
    default:
      return transient('bad-body', detail);
  }
};

const known =
  /^(invalid_(grant|client|request|scope|target)|un(authorized_client|supported_grant_type)|(interaction|login|consent)_required|access_denied|expired_token|slow_down|server_error|temporarily_unavailable)$/;

/** RFC 8628 section 3.5: what `slow_down` adds to the interval, for good. */
export const slowDownMs = 5_000;

export const denied = (detail: string): Extract<Verdict<never>, { type: 'denied' }> => ({
  type: 'denied',
  why: 'bad-request',
  detail,
});
