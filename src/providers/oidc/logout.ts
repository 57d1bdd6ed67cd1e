import * as oauth from 'oauth4webapi';
import type { SessionRecord, Verdict } from '../../core/types.ts';
import { usableRefreshToken } from './tokens.ts';
import { authenticationOf, clientOf, type Upstream } from './upstream.ts';
import { verdictOf } from './verdicts.ts';

/** RFC 7009: the refresh token first, because it outlives the other. Best effort; the browser's own session goes on. */
export const logout = async (
  upstream: Upstream,
  record: SessionRecord,
  signal: AbortSignal,
): Promise<Verdict<void>> => {
  const metadata = await upstream.issuer.metadata(signal);
  if (metadata.type !== 'ok') return metadata;
  if (metadata.value.revocation_endpoint === undefined) {
    return { type: 'denied', why: 'not-found', detail: 'the issuer has no way to revoke a token' };
  }
  const refreshToken = usableRefreshToken(record.refreshToken);
  const revoke = (token: string, kind: TokenKind) =>
    revokeOne(upstream, { token, kind, metadata: metadata.value, signal });
  const first = refreshToken === null ? null : await revoke(refreshToken, 'refresh_token');
  const second = await revoke(record.accessToken, 'access_token');
  // Many issuers cannot revoke an access token (section 2.2.1), which soon ends by itself.
  return first ?? second;
};

type TokenKind = 'refresh_token' | 'access_token';

interface Revocation {
  readonly token: string;
  readonly kind: TokenKind;
  readonly metadata: oauth.AuthorizationServer;
  readonly signal: AbortSignal;
}

const revokeOne = async (upstream: Upstream, { token, kind, metadata, signal }: Revocation): Promise<Verdict<void>> => {
  try {
    const authentication = authenticationOf(upstream, metadata);
    const options = {
      ...upstream.issuer.optionsFor(signal),
      additionalParameters: { token_type_hint: kind },
    };
    const response = await oauth.revocationRequest(metadata, clientOf(upstream), authentication, token, options);
    await oauth.processRevocationResponse(response);
    return { type: 'ok', value: undefined };
  } catch (thrown) {
    return verdictOf(thrown);
  }
};
