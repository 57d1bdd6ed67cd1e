/** `POST /issuer/token` and `POST /issuer/device_authorization`. */
import { type Handler, json } from '../call.ts';
import { noStore, oauthError } from './errors.ts';
import { grants, type IssuerClient } from './knobs.ts';
import type { IssuerParts } from './parts.ts';
import { type ClientRequest, clientRequest, required, scopesOf } from './request.ts';
import type { SignIn } from './sign-ins.ts';
import { newAccessToken, newIdToken } from './tokens.ts';

const knownGrants: readonly string[] = Object.values(grants);

export const issueTokens =
  (parts: IssuerParts): Handler =>
  (call) => {
    const request = clientRequest(parts.knobs, call);
    const grantType = required(request.form, 'grant_type');
    if (!knownGrants.includes(grantType)) throw oauthError('unsupported_grant_type', 'The grant is unknown');
    refuseOtherGrants(request.client, grantType);
    return json(200, tokenAnswer(parts, exchange(parts, request, grantType)), noStore);
  };

export const startDevice =
  (parts: IssuerParts): Handler =>
  (call) => {
    const { client, form } = clientRequest(parts.knobs, call);
    refuseOtherGrants(client, grants.device);
    const scopes = scopesOf(client, form.get('scope'));
    if (scopes === null) throw oauthError('invalid_scope', 'The client may not ask for that');
    const device = parts.devices.start({ client, scopes, audience: form.get('audience'), nonce: null });
    const page = `${parts.url()}/device`;
    const body = {
      device_code: device.deviceCode,
      user_code: device.userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${device.userCode}`,
      expires_in: Math.floor(parts.knobs.deviceLifeMs / 1000),
      ...(parts.knobs.isIntervalStated && { interval: Math.ceil(device.intervalMs / 1000) }),
    };
    return json(200, body, noStore);
  };

function refuseOtherGrants(client: IssuerClient, grant: string): void {
  if (!client.grants.includes(grant)) throw oauthError('unauthorized_client', 'The client may not use this grant');
}

interface Granted {
  readonly signIn: SignIn;
  /** Null where the answer has none. */
  readonly refreshToken: string | null;
  readonly hasIdToken: boolean;
}

function exchange(parts: IssuerParts, { client, form }: ClientRequest, grantType: string): Granted {
  if (grantType === grants.refresh) {
    const renewed = parts.signIns.refresh(required(form, 'refresh_token'), client);
    return { ...renewed, hasIdToken: parts.knobs.idTokens === 'always' };
  }
  const signIn =
    grantType === grants.device
      ? parts.devices.redeem(required(form, 'device_code'), client)
      : parts.authorizations.redeem(required(form, 'code'), client, {
          redirectUri: required(form, 'redirect_uri'),
          codeVerifier: required(form, 'code_verifier'),
        });
  const refreshToken = parts.signIns.firstRefreshToken(signIn);
  return { signIn, refreshToken, hasIdToken: parts.knobs.idTokens !== 'never' };
}

function tokenAnswer(parts: IssuerParts, { signIn, refreshToken, hasIdToken }: Granted): unknown {
  const { isExpiryStated, accessTokenLifeMs } = parts.knobs;
  return {
    access_token: newAccessToken(parts, signIn),
    token_type: 'Bearer',
    ...(isExpiryStated && { expires_in: Math.floor(accessTokenLifeMs / 1000) }),
    ...(refreshToken !== null && { refresh_token: refreshToken }),
    ...(hasIdToken && signIn.scopes.includes('openid') && { id_token: newIdToken(parts, signIn) }),
    scope: signIn.scopes.join(' '),
  };
}
