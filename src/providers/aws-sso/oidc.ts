/** The three calls of `sso-oidc`. None is signed; the bodies are camelCase JSON. */
import type { ClientRegistration, Verdict } from '../../core/types.ts';
import { epoch } from '../../core/types.ts';
import { spendingOf, transient, transientOf } from '../failures.ts';
import type { Http } from '../http.ts';
import type { JsonObject, Reply } from '../json-reply.ts';
import { positiveField, sendJson, textField } from '../json-reply.ts';
import { oidcError, oidcRefusal } from './oidc-errors.ts';

export interface OidcCall {
  readonly http: Http;
  readonly endpoint: string;
  readonly signal: AbortSignal;
}

export interface DeviceAuthorization {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | null;
  readonly lifetimeMs: number;
  readonly intervalMs: number;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly lifetimeMs: number;
  /** Null when the answer had none: the old one stays good. */
  readonly refreshToken: string | null;
}

export type TokenGrant =
  | { readonly grantType: 'refresh_token'; readonly refreshToken: string }
  | { readonly grantType: 'urn:ietf:params:oauth:grant-type:device_code'; readonly deviceCode: string }
  | {
      readonly grantType: 'authorization_code';
      readonly code: string;
      readonly redirectUri: string;
      readonly codeVerifier: string;
    };

export type DevicePoll =
  | { readonly type: 'pending' }
  | { readonly type: 'slow-down' }
  | { readonly type: 'expired' }
  | { readonly type: 'declined' }
  | Verdict<IssuedTokens>;

export const requestRegistration = (call: OidcCall, registration: JsonObject): Promise<Reply> =>
  post(call, '/client/register', registration);

export const parseRegistration = (reply: Reply): Verdict<ClientRegistration> => {
  if (reply.type === 'failure') return transientOf(reply);
  if (reply.status >= 400) return oidcRefusal(reply);
  const clientId = textField(reply.body, 'clientId');
  const clientSecret = textField(reply.body, 'clientSecret');
  const expiresAtSeconds = positiveField(reply.body, 'clientSecretExpiresAt');
  if (clientId === null || clientSecret === null || expiresAtSeconds === null) return malformed;
  return ok({ clientId, clientSecret, expiresAt: epoch(expiresAtSeconds * 1000) });
};

export const requestDeviceAuthorization = (
  call: OidcCall,
  { clientId, clientSecret }: ClientRegistration,
  startUrl: string,
): Promise<Reply> => post(call, '/device_authorization', { clientId, clientSecret, startUrl });

export const parseDeviceAuthorization = (reply: Reply): Verdict<DeviceAuthorization> => {
  if (reply.type === 'failure') return transientOf(reply);
  if (reply.status >= 400) return oidcRefusal(reply);
  const deviceCode = textField(reply.body, 'deviceCode');
  const userCode = textField(reply.body, 'userCode');
  const verificationUri = textField(reply.body, 'verificationUri');
  const expiresIn = positiveField(reply.body, 'expiresIn');
  if (deviceCode === null || userCode === null || verificationUri === null || expiresIn === null) return malformed;
  return ok({
    deviceCode,
    userCode,
    verificationUri,
    verificationUriComplete: textField(reply.body, 'verificationUriComplete'),
    lifetimeMs: expiresIn * 1000,
    // RFC 8628 section 3.2: 5 seconds where the server names none.
    intervalMs: (positiveField(reply.body, 'interval') ?? 5) * 1000,
  });
};

export const requestTokens = (
  call: OidcCall,
  { clientId, clientSecret }: ClientRegistration,
  grant: TokenGrant,
): Promise<Reply> => post(call, '/token', { clientId, clientSecret, ...grant });

/** Every grant is spent by its use, so an answer that was lost or cannot be read is `ambiguous`. */
export const parseTokens = (reply: Reply): Verdict<IssuedTokens> => {
  if (reply.type === 'failure') return spendingOf(reply);
  if (reply.status >= 400) return oidcRefusal(reply);
  const accessToken = textField(reply.body, 'accessToken');
  const expiresIn = positiveField(reply.body, 'expiresIn');
  if (accessToken === null || expiresIn === null) {
    return { type: 'ambiguous', detail: 'the sign-in service answered without a token' };
  }
  return ok({ accessToken, lifetimeMs: expiresIn * 1000, refreshToken: textField(reply.body, 'refreshToken') });
};

/** RFC 8628 section 3.5. */
export const parseDevicePoll = (reply: Reply): DevicePoll => {
  const error = reply.type === 'json' ? oidcError(reply) : null;
  if (error === 'authorization_pending') return { type: 'pending' };
  if (error === 'slow_down') return { type: 'slow-down' };
  if (error === 'expired_token') return { type: 'expired' };
  return isDeclined(reply) ? { type: 'declined' } : parseTokens(reply);
};

/** A person said no; with a `reason` it was the organisation's key policy instead. */
export const isDeclined = (reply: Reply): boolean =>
  reply.type === 'json' && oidcError(reply) === 'access_denied' && textField(reply.body, 'reason') === null;

const post = ({ http, endpoint, signal }: OidcCall, path: string, body: JsonObject): Promise<Reply> => {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  return sendJson(http, { method: 'POST', url: endpoint + path, headers, body: JSON.stringify(body) }, signal);
};

const ok = <T>(value: T): Verdict<T> => ({ type: 'ok', value });

const malformed = transient('bad-body', 'the sign-in service answered without a field it promises');
