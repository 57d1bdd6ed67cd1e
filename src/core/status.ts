/** The machines' states in the words of the control plane. */
import { freshnessOfLease, type LeaseState } from './lease-state.ts';
import { windowView } from './login-window.ts';
import { pathOf } from './match-profiles.ts';
import { loginCommand } from './session-access.ts';
import { addressOf } from './session-address.ts';
import type { SessionParts } from './session-parts.ts';
import { isByToken, refreshAt, renewable, type SessionEnv, type SessionState, usable } from './session-state.ts';
import type { ProfileSettings, Settings } from './settings.ts';
import { sessionBelow } from './settings-diff.ts';
import type { EpochMs } from './types.ts';
import type { UpstreamGate } from './upstream-gate.ts';
import type { LeaseStateName, ProfileView, SessionStateName, SessionView } from './views.ts';
import { wireTime } from './wire-time.ts';

const iso = (at: EpochMs | null): string | null => (at === null ? null : wireTime(at));

/** What a session's runner shows of itself. */
export interface SessionSource {
  readonly parts: Pick<SessionParts, 'settings' | 'canOpenBrowser'>;
  readonly state: SessionState;
  readonly gate: Pick<UpstreamGate, 'view'>;
  readonly env: () => SessionEnv;
}

export function sessionView(runner: SessionSource): SessionView {
  const { state, gate, parts } = runner;
  const { settings } = parts;
  const env = runner.env();
  const name = sessionStateName(state, env);
  const renews = renewable(state, env.now) && state.memo.endsAt === null;
  const next = usable(state, env.now) && renews ? refreshAt(state, env) : null;
  return {
    name: settings.name,
    provider: settings.provider,
    startUrl: addressOf(settings),
    countsCheckouts: settings.provider === 'britive',
    state: name,
    expiresAt: lasts(state) ? null : iso(state.record?.expiresAt ?? null),
    refreshable: renews,
    nextRefreshAt: iso(next),
    next: isOutOfReach(state)
      ? 'Goes on as soon as its stored tokens can be read'
      : name === 'active' && !renews
        ? untilItEnds(state, env)
        : nextStep(name, loginCommand(state, settings.name)),
    lastError: state.lastFailure?.message ?? null,
    upstream: gate.view(),
    window: windowView(state, env, parts.canOpenBrowser),
  };
}

/** Before that, nobody has to do anything about a session that cannot be refreshed. */
const nearEndMs = 30 * 60_000;

const endsSoon = (state: SessionState, now: EpochMs): boolean =>
  !lasts(state) &&
  !(renewable(state, now) && state.memo.endsAt === null) &&
  (state.record?.expiresAt ?? 0) - now <= nearEndMs;

function untilItEnds(state: SessionState, { loginMode, name }: SessionEnv): string {
  if (lasts(state)) return 'Lasts until it is revoked, or too long unused';
  const asks = loginMode === 'on-demand' && !isByToken(state);
  return asks ? 'Asks for a sign-in when it ends' : `When it ends, run: ${loginCommand(state, name)}`;
}

/** An API token has no clock of its own. */
const lasts = ({ record }: SessionState): boolean => record?.tokenType === 'TOKEN';

/** Nobody knows whether there is a sign-in: the store cannot be read. */
const isOutOfReach = ({ record, lastFailure, login, memo }: SessionState): boolean =>
  record === null && lastFailure?.code === 'KeychainUnavailable' && !login && !memo.history.signedOut;

function sessionStateName(state: SessionState, { now }: Pick<SessionEnv, 'now'>): SessionStateName {
  if (state.login) return 'login-pending';
  if (usable(state, now)) return endsSoon(state, now) ? 'expiring' : 'active';
  if (state.memo.history.signedOut) return 'signed-out';
  if (state.flight?.step === 'probe') return 'confirming';
  if (isOutOfReach(state)) return 'offline';
  return renewable(state, now) ? 'offline' : 'login-required';
}

function nextStep(state: SessionStateName, login: string): string {
  switch (state) {
    case 'active':
      return 'Refreshes by itself';
    case 'expiring':
      return `Cannot be refreshed. Before it ends, run: ${login}`;
    case 'offline':
      return 'Refreshes by itself as soon as the sign-in service answers';
    case 'confirming':
      return 'Asks the sign-in service whether a sign-in is needed';
    case 'login-pending':
      return 'Finish the sign-in in the browser';
    case 'signed-out':
    case 'login-required':
      return `Run: ${login}`;
  }
}

/** A lease is made when first asked for; until then the profile is as empty as one that holds nothing. */
function stateName(settings: ProfileSettings, state: LeaseState | null, now: EpochMs): LeaseStateName {
  if (settings.kind === 'unserved') return 'unserved';
  return state ? freshnessOfLease(state, now) : 'empty';
}

/** Since the daemon started. */
export const wasAsked = ({ calls, credit }: LeaseState): boolean => calls > 0 || credit > 0;

interface LeaseMoment {
  /** Null where nobody has asked yet. */
  readonly state: LeaseState | null;
  readonly now: EpochMs;
}

export function profileView(all: Settings, settings: ProfileSettings, { state, now }: LeaseMoment): ProfileView {
  const held = state?.held ?? null;
  return {
    name: settings.name,
    session: sessionBelow(all, settings),
    ...identityOf(settings),
    path: pathOf(settings),
    kind: settings.kind === 'britive' ? (settings.offer?.kind ?? null) : settings.kind === 'unserved' ? null : 'aws',
    region: settings.region,
    state: stateName(settings, state, now),
    asked: state !== null && wasAsked(state),
    implied: settings.kind === 'britive' && settings.implied,
    expiresAt: iso(held?.schedule.expiresAt ?? null),
    renewsAt: iso(held?.schedule.renewAt ?? null),
    transaction: held && (state?.checkout?.transaction ?? null),
    lastError: settings.kind === 'unserved' ? settings.problem : (state?.lastFailure?.message ?? null),
    lastErrorCode: settings.kind === 'unserved' ? 'ConfigInvalid' : (state?.lastFailure?.code ?? null),
  };
}

/** Whose credentials these are, as far as the settings say. */
function identityOf(settings: ProfileSettings): Pick<ProfileView, 'accountId' | 'roleName'> {
  switch (settings.kind) {
    case 'sso':
      return { accountId: settings.accountId, roleName: settings.roleName };
    case 'britive':
      return { accountId: null, roleName: settings.access };
    case 'role':
    case 'web-identity': {
      const [, accountId = null, roleName = null] =
        /^arn:[\w-]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(settings.roleArn) ?? [];
      return { accountId, roleName };
    }
    default:
      return { accountId: null, roleName: null };
  }
}
