/** Judges what arrives at the loopback listener. Any local page can call it, so only the state we made up counts. */
import * as oauth from 'oauth4webapi';
import type { LoginOutcome } from '../../core/types.ts';
import { transient } from '../failures.ts';
import { type Callback, ignored, notSignedIn, received } from '../loopback-callback.ts';
import { failed } from './sign-in.ts';
import { denied } from './verdicts.ts';

/** Issuers compare redirects without their port, RFC 8252 section 7.3. */
export const redirectPath = '/oauth/callback';

export interface Expected {
  readonly metadata: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly state: string;
}

/** What the issuer answered, checked. */
export interface Brought {
  readonly parameters: URLSearchParams;
}

export const judgeCallback = (url: URL, { metadata, client, state }: Expected): Callback<Brought> => {
  if (url.pathname !== redirectPath || url.searchParams.get('state') !== state) return ignored;
  try {
    const parameters = oauth.validateAuthResponse(metadata, client, url, state);
    return parameters.get('code') ? { type: 'arrived', page: received, arrival: { parameters } } : ignored;
  } catch (thrown) {
    const isAnswer = thrown instanceof oauth.AuthorizationResponseError;
    // RFC 9207: an answer in the name of another issuer is an attack on both.
    const outcome = isAnswer ? outcomeOf(thrown.error) : failed(denied('the answer came from another issuer'));
    return { type: 'ended', page: notSignedIn, outcome };
  }
};

/** RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6. */
const outcomeOf = (error: string): LoginOutcome => {
  switch (error) {
    case 'access_denied':
      return { type: 'declined', detail: 'the request was declined in the browser' };
    case 'server_error':
    case 'temporarily_unavailable':
      return failed(transient('5xx', 'the sign-in page failed'));
    case 'unauthorized_client':
      return failed(denied('the issuer does not let this client sign in; check "clientId"'));
    case 'invalid_scope':
      return failed(denied('the issuer refused a scope; check "scopes"'));
    default:
      return failed(denied('the sign-in page refused the request'));
  }
};
