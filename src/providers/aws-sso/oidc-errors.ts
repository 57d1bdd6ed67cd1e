import type { Verdict } from '../../core/types.ts';
import { awsErrorName } from '../aws-error.ts';
import { transient } from '../failures.ts';
import type { JsonReply } from '../json-reply.ts';
import { textField } from '../json-reply.ts';

const errors = {
  authorization_pending: 'AuthorizationPendingException',
  slow_down: 'SlowDownException',
  expired_token: 'ExpiredTokenException',
  access_denied: 'AccessDeniedException',
  invalid_grant: 'InvalidGrantException',
  invalid_client: 'InvalidClientException',
  unauthorized_client: 'UnauthorizedClientException',
  unsupported_grant_type: 'UnsupportedGrantTypeException',
  invalid_scope: 'InvalidScopeException',
  invalid_client_metadata: 'InvalidClientMetadataException',
  invalid_redirect_uri: 'InvalidRedirectUriException',
  invalid_request: 'InvalidRequestException',
} as const;

/** The spelling of RFC 6749, 7591 and 8628. */
export type OidcError = keyof typeof errors;

const known: ReadonlyMap<string, OidcError> = new Map(
  Object.entries(errors).flatMap(([oauth, aws]) => [
    [oauth, oauth as OidcError],
    [aws, oauth as OidcError],
  ]),
);

/** Which documented error a 4xx answer is, null for anything else. */
export const oidcError = (reply: JsonReply): OidcError | null => {
  const name = reply.status >= 400 ? awsErrorName(reply) : null;
  return (name !== null ? known.get(name) : null) ?? null;
};

/** RFC 8628 section 3.5: what `slow_down` adds to the interval, for good. */
export const slowDownMs = 5_000;

/** The verdict on a 4xx answer. Its detail never quotes the answer, which may hold what we sent. */
export const oidcRefusal = (reply: JsonReply): Verdict<never> => {
  const error = oidcError(reply);
  const detail = `the sign-in service answered ${error ?? 'an unknown error'} (${reply.status})`;
  switch (error) {
    case 'slow_down':
      return transient('429', detail, slowDownMs);
    case 'invalid_grant':
    case 'expired_token':
      return { type: 'rejected', why: 'invalid_grant', detail };
    case 'invalid_client':
      return { type: 'rejected', why: 'invalid_client', detail };
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return { type: 'rejected', why: 'unauthorized_client', detail };
    case 'access_denied':
      return { type: 'denied', why: 'forbidden', detail };
    case 'invalid_request':
      return deadToken(reply)
        ? { type: 'rejected', why: 'invalid_grant', detail }
        : { type: 'denied', why: 'bad-request', detail };
    case 'invalid_scope':
    case 'invalid_client_metadata':
    case 'invalid_redirect_uri':
      return { type: 'denied', why: 'bad-request', detail };
    default:
      return transient('bad-body', detail);
  }
};

// "Invalid token provided" is how some regions refuse a refresh token of another one. A `reason` such as
// KMS_DisabledException is about the organisation's key instead: no new sign-in would help.
const deadToken = ({ body }: JsonReply): boolean =>
  textField(body, 'reason') === null && /\binvalid\b.*\btoken\b/i.test(textField(body, 'error_description') ?? '');
