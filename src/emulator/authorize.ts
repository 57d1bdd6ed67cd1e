/** `GET /oidc/authorize`: what the browser is sent to, and the answer to the form it shows. */
import { type AuthorizationCodes, redirect, type SignInRequest } from './authorization-codes.ts';
import { type Answer, type Call, type Handler, seeOther } from './call.ts';
import { type Client, grants, mayUse } from './clients.ts';
import type { OidcParts } from './oidc.ts';
import { messagePage, signInPage } from './pages.ts';
import { matchesRegistered } from './redirects.ts';

export const authorize =
  (parts: OidcParts): Handler =>
  (call) => {
    const client = parts.clients.find(call.query.get('client_id') ?? '');
    const redirectUri = call.query.get('redirect_uri') ?? '';
    // RFC 6749, 4.1.2.1: nobody is redirected to an address that was not registered.
    if (client === undefined || call.region !== parts.knobs.region)
      return messagePage(400, 'Unknown application', 'Its registration does not exist or has expired.');
    if (!matchesRegistered(redirectUri, client.redirectUris)) {
      return messagePage(
        400,
        'Wrong redirect address',
        'The application asked to return to an address it did not register.',
      );
    }
    return checked(parts, call, { client, redirectUri, state: call.query.get('state') });
  };

interface ReturnAddress {
  readonly client: Client;
  readonly redirectUri: string;
  readonly state: string | null;
}

function checked(parts: OidcParts, call: Call, back: ReturnAddress): Answer {
  const scopes = requestedScopes(call, back.client);
  const error = complaint(call, back.client, scopes);
  if (error !== null) return seeOther(redirect(back, { error }));
  const request = parts.codes.ask({
    ...back,
    scopes,
    startUrl: back.client.issuerUrl ?? '',
    codeChallenge: call.query.get('code_challenge') ?? '',
  });
  return parts.knobs.autoApprove ? decided(parts.codes, request, true) : signInPage(request, parts.knobs.userName);
}

/** The form's answer. */
export const decideSignIn =
  (codes: AuthorizationCodes): Handler =>
  (call) => {
    const form = new URLSearchParams(call.body);
    const request = codes.take(form.get('request') ?? '');
    if (request === undefined)
      return messagePage(404, 'Nothing to decide', 'This request was answered already, or never made.');
    return decided(codes, request, form.get('decision') === 'allow');
  };

function decided(codes: AuthorizationCodes, request: SignInRequest, allow: boolean): Answer {
  codes.take(request.id);
  return seeOther(codes.decide(request, allow));
}

/** The AWS CLI says `scopes`, the standard `scope`; the service takes either. */
function requestedScopes(call: Call, client: Client): readonly string[] {
  const text = call.query.get('scopes') ?? call.query.get('scope') ?? '';
  const scopes = text.split(' ').filter((scope) => scope !== '');
  return scopes.length > 0 ? scopes : client.scopes;
}

function complaint(call: Call, client: Client, scopes: readonly string[]): string | null {
  if (call.query.get('response_type') !== 'code') return 'unsupported_response_type';
  if (!mayUse(client, grants.code)) return 'unauthorized_client';
  if (call.query.get('code_challenge_method') !== 'S256') return 'invalid_request';
  if (!/^[\w-]{43}$/.test(call.query.get('code_challenge') ?? '')) return 'invalid_request';
  return scopes.every((scope) => client.scopes.includes(scope)) ? null : 'invalid_scope';
}
