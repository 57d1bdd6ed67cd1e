import type { SsoSessionSettings } from '../../core/settings.ts';
import type {
  ClientRegistration,
  LoginOutcome,
  LoginRequest,
  RefreshedTokens,
  SessionRecord,
  SessionUpstream,
  Verdict,
} from '../../core/types.ts';
import { epoch } from '../../core/types.ts';
import { isRegion } from '../aws-endpoints.ts';
import { browserLogin } from './browser-login.ts';
import { deviceLogin } from './device-login.ts';
import { oidcUrl } from './endpoints.ts';
import { parseTokens, requestTokens } from './oidc.ts';
import { parseAccounts, parseLogout, requestAccounts, requestLogout } from './portal.ts';
import { failed } from './sign-in.ts';
import type { Upstream } from './upstream.ts';
import { portalCall } from './upstream.ts';
import { resolveStartUrl } from './vanity.ts';

/** The AWS tools begin at 15 minutes: earlier than they, so that only one program refreshes. */
const leadMs = 30 * 60_000;

export const openSession = (upstream: Upstream): SessionUpstream => ({
  refreshLeadMs: (lifetimeMs) => Math.min(leadMs, lifetimeMs / 2),
  refresh: (record, signal) => refresh(upstream, record, signal),
  probe: (record, signal) => probe(upstream, record, signal),
  login: (request) => login(upstream, request),
  trustMs: 60_000,
  logoutIsLocal: false,
  logout: async (record, signal) => parseLogout(await requestLogout(portalCall(upstream, record, signal))),
});

interface Refreshable {
  readonly refreshToken: string;
  readonly client: ClientRegistration;
}

const refresh = async (
  upstream: Upstream,
  record: SessionRecord,
  signal: AbortSignal,
): Promise<Verdict<RefreshedTokens>> => {
  const { refreshToken, client } = record;
  if (refreshToken === null) return rejected('invalid_grant', 'the session has no refresh token');
  if (client === null) return rejected('invalid_client', 'the session has no client registration');
  if (client.expiresAt <= upstream.dependencies.clock.now()) {
    return rejected('client_expired', 'the client registration has expired');
  }
  const [issuing, configured] = regionsOf(upstream.settings, record);
  const first = await refreshIn(upstream, { region: issuing, grant: { refreshToken, client }, signal });
  if (first.type !== 'rejected' || configured === null) return first;
  // Any other region refuses good tokens, so one refusal proves nothing while there is another region to ask.
  const second = await refreshIn(upstream, { region: configured, grant: { refreshToken, client }, signal });
  return second.type === 'rejected' || second.type === 'denied' ? first : second;
};

const refreshIn = async (
  { dependencies, settings }: Upstream,
  { region, grant, signal }: { region: string; grant: Refreshable; signal: AbortSignal },
): Promise<Verdict<RefreshedTokens>> => {
  const { refreshToken: spent, client } = grant;
  const call = { http: dependencies, endpoint: oidcUrl(settings, region), signal };
  const grantType = 'refresh_token';
  const tokens = parseTokens(await requestTokens(call, client, { grantType, refreshToken: spent }));
  if (tokens.type !== 'ok') return tokens;
  const { accessToken, lifetimeMs, refreshToken } = tokens.value;
  const expiresAt = epoch(dependencies.clock.now() + lifetimeMs);
  const own = { accessToken, expiresAt, refreshToken: refreshToken ?? spent, client, region };
  const record = { ...own, tokenType: null, idToken: null };
  return { ...tokens, value: { record, lifetimeMs } };
};

/** Where the tokens were issued, and where the settings say, if that is another endpoint. */
const regionsOf = (settings: SsoSessionSettings, { region }: SessionRecord): readonly [string, string | null] => {
  if (!isRegion(region)) return [settings.region, null];
  const same = oidcUrl(settings, region) === oidcUrl(settings, settings.region);
  return [region, same ? null : settings.region];
};

const probe = async (upstream: Upstream, record: SessionRecord | null, signal: AbortSignal): Promise<Verdict<void>> => {
  // Any word will do: that it is refused proves that the portal was reached.
  const call = portalCall(upstream, record ?? { accessToken: 'none', region: null }, signal);
  const verdict = parseAccounts(await requestAccounts(call, { maxResults: 1, nextToken: null }));
  if (verdict.type === 'ok') return { ...verdict, value: undefined };
  return record === null && verdict.type === 'denied' ? { type: 'unauthorized', detail: verdict.detail } : verdict;
};

const login = async ({ dependencies, settings }: Upstream, request: LoginRequest): Promise<LoginOutcome> => {
  const start = await resolveStartUrl(dependencies, settings.startUrl, request.signal);
  if (start.type !== 'ok') return failed(start);
  const region = start.value.region ?? settings.region;
  const { issuerUrl } = start.value;
  const { scopes, startUrl } = settings;
  const signIn = { dependencies, endpoint: oidcUrl(settings, region), region, scopes, startUrl, issuerUrl, request };
  // Without scopes there is no authorization code grant: legacy profiles know the device code alone.
  return request.flow === 'device' || scopes === null ? deviceLogin(signIn) : browserLogin(signIn);
};

const rejected = (why: 'invalid_grant' | 'invalid_client' | 'client_expired', detail: string): Verdict<never> => ({
  type: 'rejected',
  why,
  detail,
});
