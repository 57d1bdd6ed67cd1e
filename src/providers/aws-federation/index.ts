/** The console's address for temporary credentials, which signs in whoever opens it. Good for a quarter of an hour. */
import type { Verdict } from '../../core/types.ts';
import { baseUrl } from '../aws-endpoints.ts';
import type { Http } from '../http.ts';
import { destinationUrl, federationOrigin } from './hosts.ts';
import type { ConsoleKeys } from './signin-token.ts';
import { fetchSigninToken } from './signin-token.ts';

export interface ConsoleRequest {
  readonly keys: ConsoleKeys;
  /**
   * How they came to be: a role's, those of a role that was not assumed with keys of a user, GetFederationToken's, or a
   * user's own. AWS lets the first alone name a duration, and never lets in the last.
   */
  readonly standing: 'role' | 'chained' | 'federated' | 'user';
  readonly region: string | null;
  /** A service's page, such as `s3`, or an address; null for the console's home. */
  readonly destination: string | null;
  /** Of the session in the console; null leaves that to AWS. */
  readonly durationMs: number | null;
  readonly signal: AbortSignal;
}

export interface FederationHttp extends Http {
  /** Null for the region's own; `AWS_ENDPOINT_URL_SIGNIN`, which is the same host at AWS. */
  readonly endpoint: string | null;
}

const usualRegion = 'us-east-1';
const shortestSeconds = 15 * 60;
const longestSeconds = 12 * 60 * 60;

/** What it answers is as good as a password: for one person, once, and for no log. */
export const consoleUrl = async (
  { endpoint, ...http }: FederationHttp,
  request: ConsoleRequest,
): Promise<Verdict<string>> => {
  const { keys, standing, durationMs, signal } = request;
  const region = request.region ?? usualRegion;
  const origin = endpoint === null ? federationOrigin(region) : baseUrl(endpoint);
  const destination = destinationUrl(region, request.destination);
  const seconds = durationMs === null ? null : Math.floor(durationMs / 1000);
  if (isOfUser(request)) return denied('the console is closed to the keys of an IAM user. Use a profile with a role');
  if (origin === null) return denied(`the console of region "${region}" is not known`);
  if (destination === null)
    return denied('the destination is neither a service such as "s3" nor a page of this console');
  if (seconds !== null && (seconds < shortestSeconds || seconds > longestSeconds)) {
    return denied('a session in the console lasts from 15 minutes to 12 hours');
  }
  const url = `${origin}/federation`;
  const token = await fetchSigninToken({ http, url, keys, signal }, standing === 'role' ? seconds : null);
  if (token.type !== 'ok') return token;
  const query = { Action: 'login', Issuer: 'credbroker', Destination: destination, SigninToken: token.value };
  return { type: 'ok', value: `${url}?${new URLSearchParams(query)}` };
};

/** Keys that do not expire begin with AKIA, and have no session token. */
const isOfUser = ({ keys, standing }: ConsoleRequest): boolean =>
  standing === 'user' || keys.sessionToken === '' || keys.accessKeyId.startsWith('AKIA');

const denied = (detail: string): Verdict<never> => ({ type: 'denied', why: 'bad-request', detail });
