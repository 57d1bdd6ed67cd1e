/** What all ways to sign in share. */
import type { AuthorizationServer } from 'oauth4webapi';
import type { LoginOutcome, LoginRequest, RefreshedTokens, Verdict } from '../../core/types.ts';
import { transient } from '../failures.ts';
import { verifyIdToken } from './id-token.ts';
import type { HeldIdToken } from './token-notes.ts';
import { asksForIdToken, type Upstream } from './upstream.ts';
import { denied } from './verdicts.ts';

export interface SignIn {
  readonly upstream: Upstream;
  readonly metadata: AuthorizationServer;
  readonly request: LoginRequest;
}

/** `nonce` is null where none was sent. */
export const signedIn = async (
  signIn: SignIn,
  { record, lifetimeMs }: RefreshedTokens,
  nonce: string | null,
): Promise<LoginOutcome> => {
  const { notes, dependencies } = signIn.upstream;
  const verified = await verifiedIdToken(signIn, record.idToken, nonce);
  if (verified.type !== 'ok') return failed(verified);
  notes.note(record.accessToken, { obtainedAt: dependencies.clock.now(), idToken: verified.value });
  return { type: 'ok', record, lifetimeMs };
};

const verifiedIdToken = async (
  { upstream, metadata, request }: SignIn,
  idToken: string | null,
  nonce: string | null,
): Promise<Verdict<HeldIdToken | null>> => {
  if (idToken === null) {
    return asksForIdToken(upstream)
      ? denied('no ID token came, although the scopes name "openid"')
      : { type: 'ok', value: null };
  }
  const expected = { metadata, clientId: upstream.settings.clientId, nonce, subject: null };
  const means = { keys: upstream.keys, wire: upstream.issuer.wire(request.signal) };
  const verdict = await verifyIdToken(idToken, expected, means);
  if (verdict.type === 'bad') return denied(`the ID token does not verify: ${verdict.what}`);
  if (verdict.type !== 'ok') return verdict;
  return { type: 'ok', value: { text: idToken, subject: verdict.value.subject, isVerified: true } };
};

export const failed = (verdict: Exclude<Verdict<unknown>, { type: 'ok' }>): LoginOutcome => ({
  type: 'failed',
  verdict,
});

export const aborted = failed(transient('aborted', 'the sign-in was stopped'));

export const opened = async ({ upstream, request }: SignIn, url: string): Promise<boolean> =>
  request.openBrowser && (await upstream.dependencies.openBrowser(url).catch(() => false));

/** The parameters that say what is asked for; the same for every way. */
export const wishes = ({ settings }: Upstream): Readonly<Record<string, string>> => ({
  ...(settings.scopes.length > 0 && { scope: settings.scopes.join(' ') }),
  ...(settings.audience !== null && { audience: settings.audience }),
});
