/** `GET /issuer/authorize`: what the browser is sent to, and the answer to the form it shows. */
import { type Answer, type Call, type Handler, seeOther } from '../call.ts';
import { decisionForm, messagePage, page } from '../pages.ts';
import { escapeXml } from '../xml.ts';
import type { AuthorizationRequest } from './authorizations.ts';
import type { OAuthErrorCode } from './errors.ts';
import { grants, type IssuerClient } from './knobs.ts';
import type { IssuerParts } from './parts.ts';
import { isRegistered } from './redirects.ts';
import { scopesOf } from './request.ts';

type ReturnAddress = Pick<AuthorizationRequest, 'client' | 'redirectUri' | 'state'>;

export const authorize =
  (parts: IssuerParts): Handler =>
  (call) => {
    const client = parts.knobs.clients.find(({ clientId }) => clientId === call.query.get('client_id'));
    const redirectUri = call.query.get('redirect_uri') ?? '';
    // RFC 6749, 4.1.2.1: nobody is redirected to an address that was not registered.
    if (client === undefined) return messagePage(400, 'Unknown application', 'Nobody has registered it here.');
    if (!isRegistered(redirectUri, client.redirectUris)) {
      const text = 'The application asked to return to an address it did not register.';
      return messagePage(400, 'Wrong redirect address', text);
    }
    return checked(parts, call, { client, redirectUri, state: call.query.get('state') });
  };

function checked(parts: IssuerParts, { query }: Call, back: ReturnAddress): Answer {
  const scopes = scopesOf(back.client, query.get('scope'));
  const error = complaint(query, back.client) ?? (scopes === null ? 'invalid_scope' : null);
  if (error !== null) return sentBack(parts, back, { error });
  const request = parts.authorizations.ask({
    ...back,
    scopes: scopes ?? [],
    audience: query.get('audience'),
    nonce: query.get('nonce'),
    codeChallenge: query.get('code_challenge') ?? '',
  });
  return parts.people.autoApprove ? decided(parts, request, true) : consentPage(request, parts.people.userName);
}

type Complaint = OAuthErrorCode | 'unsupported_response_type';

function complaint(query: URLSearchParams, client: IssuerClient): Complaint | null {
  if (query.get('response_type') !== 'code') return 'unsupported_response_type';
  if (!client.grants.includes(grants.code)) return 'unauthorized_client';
  if (query.get('code_challenge_method') !== 'S256') return 'invalid_request';
  return /^[\w-]{43}$/.test(query.get('code_challenge') ?? '') ? null : 'invalid_request';
}

/** The form's answer. */
export const decideConsent =
  (parts: IssuerParts): Handler =>
  (call) => {
    const form = new URLSearchParams(call.body);
    const request = parts.authorizations.take(form.get('request') ?? '');
    if (request === undefined)
      return messagePage(404, 'Nothing to decide', 'This request was answered already, or never made.');
    return decided(parts, request, form.get('decision') === 'allow');
  };

function decided(parts: IssuerParts, request: AuthorizationRequest, allow: boolean): Answer {
  parts.authorizations.take(request.id);
  if (!allow) return sentBack(parts, request, { error: 'access_denied', error_description: 'The person said no' });
  return sentBack(parts, request, { code: parts.authorizations.approve(request) });
}

function sentBack(
  { knobs, url }: IssuerParts,
  { redirectUri, state }: ReturnAddress,
  parameters: Readonly<Record<string, string>>,
): Answer {
  const query = new URLSearchParams(parameters);
  if (state !== null) query.set('state', state);
  const { callbackIssuer } = knobs;
  if (callbackIssuer !== 'none') query.set('iss', callbackIssuer === 'own' ? url() : callbackIssuer.other);
  return seeOther(`${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`);
}

const consentPage = ({ id, client, scopes }: AuthorizationRequest, userName: string): Answer =>
  page(
    200,
    `Allow ${client.clientId}?`,
    `${consent(client, scopes, userName)}
${decisionForm('/issuer/consent', 'request', id)}`,
  );

export const consent = ({ clientId }: IssuerClient, scopes: readonly string[], userName: string): string =>
  `<p>You are signed in as ${escapeXml(userName)}. <strong>${escapeXml(clientId)}</strong> asks for:</p>
<ul>${scopes.map((scope) => `<li>${escapeXml(scope)}</li>`).join('')}</ul>`;
