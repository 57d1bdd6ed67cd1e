/** Error answers of RFC 6749 5.2, and of RFC 6750 3.1 for whoever shows an access token. */
import { json, Refused } from '../call.ts';

export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token';

export const noStore = { 'cache-control': 'no-store' };

export function oauthError(error: OAuthErrorCode, description: string): Refused {
  const body = { error, error_description: description };
  const isClient = error === 'invalid_client';
  const headers = isClient ? { ...noStore, 'www-authenticate': 'Basic realm="issuer"' } : noStore;
  return new Refused(error, () => json(isClient ? 401 : 400, body, headers));
}

/** `error` is null where no access token was shown at all. */
export function bearerError(status: 401 | 403, error: 'invalid_token' | 'insufficient_scope' | null): Refused {
  const challenge = error === null ? 'Bearer realm="issuer"' : `Bearer realm="issuer", error="${error}"`;
  return new Refused(error ?? 'no token', () =>
    json(status, error === null ? {} : { error }, { 'www-authenticate': challenge }),
  );
}
