import type { LoginOutcome, LoginRequest, SessionRecord, SessionUpstream, Verdict } from '../../core/types.ts';
import { browserLogin } from './browser-login.ts';
import { deviceLogin } from './device-login.ts';
import { heldIdToken } from './held-id-token.ts';
import { drawShare, leadMs } from './lifetime.ts';
import { logout } from './logout.ts';
import { probe } from './probe.ts';
import { refresh } from './refresh.ts';
import { failed } from './sign-in.ts';
import { tokenLogin } from './token-login.ts';
import type { Upstream } from './upstream.ts';
import { denied } from './verdicts.ts';

export interface OidcSession extends SessionUpstream {
  /** For web identity, verified. Null where none came. Never throws. */
  readonly idToken: (record: SessionRecord, signal: AbortSignal) => Promise<Verdict<string | null>>;
}

export const openSession = (upstream: Upstream): OidcSession => {
  const share = drawShare();
  return {
    refreshLeadMs: (lifetimeMs) => leadMs(lifetimeMs, share),
    refresh: (record, signal) => refresh(upstream, record, signal),
    probe: (record, signal) => probe(upstream, record, signal),
    login: (request) => login(upstream, request),
    trustMs: 0,
    logoutIsLocal: false,
    forget: () => upstream.notes.forgetAll(),
    logout: (record, signal) => logout(upstream, record, signal),
    idToken: (record, signal) => heldIdToken(upstream, record, signal),
  };
};

const login = async (upstream: Upstream, request: LoginRequest): Promise<LoginOutcome> => {
  const { name, flow } = upstream.settings;
  if (request.token !== null) return tokenLogin(upstream, request.token, request.signal);
  if (flow === 'token') return failed(denied(`it takes a token that you bring. Run: credbroker login ${name} --token`));
  const metadata = await upstream.issuer.metadata(request.signal);
  if (metadata.type !== 'ok') return failed(metadata);
  const signIn = { upstream, metadata: metadata.value, request };
  return request.flow === 'device' || flow === 'device' ? deviceLogin(signIn) : browserLogin(signIn);
};
