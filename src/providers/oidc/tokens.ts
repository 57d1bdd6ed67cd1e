/** A grant goes out, tokens come back. Every grant is spent by its use: a success that cannot be read is `ambiguous`. */
import * as oauth from 'oauth4webapi';
import type { EpochMs, RefreshedTokens, Verdict } from '../../core/types.ts';
import { epoch } from '../../core/types.ts';
import { lifetimeOf } from './lifetime.ts';
import { authenticationOf, clientOf, type Upstream } from './upstream.ts';
import { spendingVerdictOf } from './verdicts.ts';

export type Grant =
  | { readonly type: 'refresh'; readonly refreshToken: string }
  | { readonly type: 'device'; readonly deviceCode: string }
  | {
      readonly type: 'code';
      /** From `validateAuthResponse`. */
      readonly callback: URLSearchParams;
      readonly redirectUri: string;
      readonly verifier: string;
    };

/** `error` is the issuer's own word, for those who await certain ones; null where it said none. */
export interface Exchanged {
  /** The ID token as it came, not verified. */
  readonly verdict: Verdict<RefreshedTokens>;
  readonly error: string | null;
}

export interface Counterpart {
  readonly metadata: oauth.AuthorizationServer;
  readonly signal: AbortSignal;
}

export const exchange = async (upstream: Upstream, grant: Grant, counterpart: Counterpart): Promise<Exchanged> => {
  try {
    const { response, idToken } = await tidied(await requestTokens(upstream, grant, counterpart));
    const body = await readers[grant.type](counterpart.metadata, clientOf(upstream), response);
    const value = issuedOf(body, idToken, upstream.dependencies.clock.now());
    return { verdict: { type: 'ok', value }, error: null };
  } catch (thrown) {
    const error = thrown instanceof oauth.ResponseBodyError ? thrown.error : null;
    return { verdict: spendingVerdictOf(thrown), error };
  }
};

const readers = {
  refresh: oauth.processRefreshTokenResponse,
  device: oauth.processDeviceCodeResponse,
  code: oauth.processAuthorizationCodeResponse,
} as const;

const issuedOf = (body: oauth.TokenEndpointResponse, idToken: string | null, now: EpochMs): RefreshedTokens => {
  const lifetimeMs = lifetimeOf(body.access_token, body.expires_in ?? null, now);
  const record = {
    accessToken: body.access_token,
    expiresAt: epoch(now + lifetimeMs),
    refreshToken: usableRefreshToken(body.refresh_token),
    client: null,
    region: null,
    tokenType: null,
    idToken,
  };
  return { record, lifetimeMs };
};

const requestTokens = (upstream: Upstream, grant: Grant, { metadata, signal }: Counterpart): Promise<Response> => {
  const client = clientOf(upstream);
  const proof = authenticationOf(upstream, metadata);
  const options = upstream.issuer.optionsFor(signal);
  switch (grant.type) {
    case 'refresh':
      return oauth.refreshTokenGrantRequest(metadata, client, proof, grant.refreshToken, options);
    case 'device':
      return oauth.deviceCodeGrantRequest(metadata, client, proof, grant.deviceCode, options);
    case 'code': {
      const { callback, redirectUri, verifier } = grant;
      return oauth.authorizationCodeGrantRequest(metadata, client, proof, callback, redirectUri, verifier, options);
    }
  }
};

/** Takes the ID token out, which is judged elsewhere, and what issuers send to say that there is nothing. */
const tidied = async (
  response: Response,
): Promise<{ readonly response: Response; readonly idToken: string | null }> => {
  if (response.status !== 200) return { response, idToken: null };
  const { id_token: idToken, ...rest } = (await response.json()) as Readonly<Record<string, unknown>>;
  const said = Object.entries(rest).filter(([, value]) => value !== null && value !== '');
  const { status, headers } = response;
  return {
    response: new Response(JSON.stringify(Object.fromEntries(said)), { status, headers }),
    idToken: typeof idToken === 'string' && idToken !== '' ? idToken : null,
  };
};

/** Stored in a refresh token's place by tools that had none. It never was one, and no issuer need be asked. */
const placeholders: ReadonlySet<string> = new Set(['', 'auto-login']);

export const usableRefreshToken = (text: string | null | undefined): string | null =>
  text == null || placeholders.has(text) ? null : text;
