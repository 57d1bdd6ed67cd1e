/** Judges what arrives at the loopback listener. Any local page can call it, so only the state we made up counts. */
import type { LoginOutcome } from '../../core/types.ts';
import { transient } from '../failures.ts';
import type { LoopbackPage } from '../provider.ts';
import { redirectPath } from './registration.ts';
import { failed } from './sign-in.ts';

export type Callback =
  /** Not ours: the sign-in goes on waiting. */
  | { readonly type: 'ignored'; readonly page: LoopbackPage }
  | { readonly type: 'code'; readonly page: LoopbackPage; readonly code: string }
  | { readonly type: 'ended'; readonly page: LoopbackPage; readonly outcome: LoginOutcome };

export const judgeCallback = (url: URL, state: string): Callback => {
  const { searchParams: query } = url;
  if (url.pathname !== redirectPath || query.get('state') !== state) return { type: 'ignored', page: notOurs };
  const error = query.get('error');
  if (error !== null) return { type: 'ended', page: notSignedIn, outcome: outcomeOf(error) };
  const code = query.get('code');
  return code ? { type: 'code', page: received, code } : { type: 'ignored', page: notOurs };
};

/** RFC 6749 section 4.1.2.1. */
const outcomeOf = (error: string): LoginOutcome => {
  switch (error) {
    case 'access_denied':
      return { type: 'declined', detail: 'the request was declined in the browser' };
    case 'server_error':
    case 'temporarily_unavailable':
      return failed(transient('5xx', 'the sign-in page failed'));
    case 'unauthorized_client':
    case 'invalid_client':
      return failed({ type: 'rejected', why: error, detail: 'the sign-in page does not know our registration' });
    default:
      return failed({ type: 'denied', why: 'bad-request', detail: 'the sign-in page refused the request' });
  }
};

const received: LoopbackPage = {
  status: 200,
  title: 'Signed in',
  text: 'credbroker has what it needs: you can close this window.',
};

const notSignedIn: LoopbackPage = {
  status: 200,
  title: 'Not signed in',
  text: 'The sign-in was not approved: close this window and sign in again from the terminal.',
};

const notOurs: LoopbackPage = {
  status: 400,
  title: 'Not expected',
  text: 'This address does not belong to the sign-in under way, which goes on waiting in its own window.',
};
