/** What takes an access token: userinfo and an API; and who asks about tokens: introspection (RFC 7662), revocation (RFC 7009). */
import { type Call, type Handler, json } from '../call.ts';
import { bearerError, noStore, oauthError } from './errors.ts';
import type { IssuerParts } from './parts.ts';
import { clientRequest, required } from './request.ts';
import type { SignIn } from './sign-ins.ts';
import { subjectOf } from './tokens.ts';

export const userInfo =
  (parts: IssuerParts): Handler =>
  (call) => {
    const signIn = admitted(parts, call, 401);
    if (!signIn.scopes.includes('openid')) throw bearerError(403, 'insufficient_scope');
    return json(200, { sub: subjectOf(parts.people.userName), email: parts.people.userName });
  };

/** Any path under `/issuer/api`: somebody's API that trusts this issuer. */
export const callApi =
  (parts: IssuerParts): Handler =>
  (call) => {
    const signIn = admitted(parts, call, parts.knobs.apiRefusal);
    if (parts.knobs.isApiForbidden) throw bearerError(403, 'insufficient_scope');
    return json(200, { user: parts.people.userName, client: signIn.client.clientId });
  };

function admitted({ signIns }: IssuerParts, call: Call, refusal: 401 | 403): SignIn {
  const accessToken = /^Bearer (.+)$/i.exec(call.headers['authorization'] ?? '')?.[1];
  if (accessToken === undefined) throw bearerError(401, null);
  const signIn = signIns.bearer(accessToken);
  if (signIn === null) throw bearerError(refusal, 'invalid_token');
  return signIn;
}

/** For clients that can prove who they are. */
export const introspect =
  ({ knobs, signIns, people }: IssuerParts): Handler =>
  (call) => {
    const { client, form } = clientRequest(knobs, call);
    if (client.clientSecret === null) throw oauthError('invalid_client', 'A public client may not ask');
    const signIn = signIns.bearer(required(form, 'token'));
    if (signIn === null) return json(200, { active: false }, noStore);
    const { clientId } = signIn.client;
    const about = { scope: signIn.scopes.join(' '), client_id: clientId, sub: subjectOf(people.userName) };
    return json(200, { active: true, ...about }, noStore);
  };

/** RFC 7009, 2.2: an unknown token is as good as revoked. */
export const revoke =
  ({ knobs, signIns }: IssuerParts): Handler =>
  (call) => {
    const { client, form } = clientRequest(knobs, call);
    signIns.revoke(required(form, 'token'), client);
    return { status: 200, headers: noStore, body: '' };
  };
