/** `login --token`: an access token that somebody made. There is nothing to refresh it with, and nobody is asked about it. */
import type { LoginOutcome } from '../../core/types.ts';
import { epoch } from '../../core/types.ts';
import { timesOf } from './lifetime.ts';
import { failed } from './sign-in.ts';
import type { Upstream } from './upstream.ts';
import { denied } from './verdicts.ts';

/** One that does not tell its end is good until it is refused. */
const endless = epoch(Date.UTC(9999, 0, 1));

/** The issuer is only asked for the time: what an API takes is not for the issuer's own endpoints to say. */
export const tokenLogin = async (upstream: Upstream, token: string, signal: AbortSignal): Promise<LoginOutcome> => {
  const accessToken = token.trim();
  if (!/^[\x21-\x7e]+$/.test(accessToken)) return failed(denied('the token is empty or holds spaces'));
  const end = timesOf(accessToken).expiresAt;
  const expiresAt = end ?? endless;
  await upstream.issuer.read(signal);
  const lifetimeMs = expiresAt - upstream.dependencies.clock.now();
  if (lifetimeMs <= 0) return failed(denied('the token has expired already'));
  // The marks of a token that somebody made, with and without an end: no window opens for it, since none would bring another.
  const tokenType = end === null ? 'TOKEN' : 'WorkloadToken';
  const none = { refreshToken: null, client: null, region: null, idToken: null } as const;
  const record = { accessToken, expiresAt, tokenType, ...none } as const;
  return { type: 'ok', record, lifetimeMs };
};
