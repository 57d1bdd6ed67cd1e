/** What both ways to sign in share. */
import type { ClientRegistration, LoginOutcome, LoginRequest, SessionRecord, Verdict } from '../../core/types.ts';
import { epoch } from '../../core/types.ts';
import { transient } from '../failures.ts';
import type { ProviderDependencies } from '../provider.ts';
import type { IssuedTokens, OidcCall } from './oidc.ts';
import { Registrar } from './registration.ts';

export interface SignIn {
  readonly dependencies: ProviderDependencies;
  readonly endpoint: string;
  readonly region: string;
  readonly scopes: readonly string[] | null;
  /** As configured. */
  readonly startUrl: string;
  /** Where it leads; the same for one of AWS's own. */
  readonly issuerUrl: string;
  readonly request: LoginRequest;
}

export const oidcCall = ({ dependencies, endpoint, request }: SignIn): OidcCall => ({
  http: dependencies,
  endpoint,
  signal: request.signal,
});

export const registrarOf = (signIn: SignIn, grant: 'device' | 'browser'): Registrar => {
  const { region, scopes, startUrl, issuerUrl } = signIn;
  return new Registrar(oidcCall(signIn), signIn.dependencies.registrations, {
    region,
    scopes,
    startUrl,
    issuerUrl,
    grant,
  });
};

export const signedIn = (
  { dependencies: { clock }, region }: SignIn,
  client: ClientRegistration,
  { accessToken, lifetimeMs, refreshToken }: IssuedTokens,
): LoginOutcome => {
  const expiresAt = epoch(clock.now() + lifetimeMs);
  const own = { accessToken, expiresAt, refreshToken, client, region };
  const record: SessionRecord = { ...own, tokenType: null, idToken: null };
  return { type: 'ok', record, lifetimeMs };
};

export const failed = (verdict: Exclude<Verdict<unknown>, { type: 'ok' }>): LoginOutcome => ({
  type: 'failed',
  verdict,
});

export const aborted = failed(transient('aborted', 'the sign-in was stopped'));

export const opened = async ({ dependencies, request }: SignIn, url: string): Promise<boolean> =>
  request.openBrowser && (await dependencies.openBrowser(url).catch(() => false));
