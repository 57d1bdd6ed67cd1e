/** Judges what arrives at the loopback listener. Any local page can call it, so only the state we made up counts. */
import type { LoginOutcome } from '../../core/types.ts';
import { transient } from '../failures.ts';
import { type Callback, ignored, notSignedIn, received } from '../loopback-callback.ts';
import { redirectPath } from './registration.ts';
import { failed } from './sign-in.ts';

/** The authorization code. */
export interface Brought {
  readonly code: string;
}

export const judgeCallback = (url: URL, state: string): Callback<Brought> => {
  const { searchParams: query } = url;
  if (url.pathname !== redirectPath || query.get('state') !== state) return ignored;
  const error = query.get('error');
  if (error !== null) return { type: 'ended', page: notSignedIn, outcome: outcomeOf(error) };
  const code = query.get('code');
  return code ? { type: 'arrived', page: received, arrival: { code } } : ignored;
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
