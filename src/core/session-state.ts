/** One sign-in and what is being done about it: the state, events and effects of the Session machine. */
import { type Failure, failure } from './failure.ts';
import type { SessionAccess } from './lease-state.ts';
import type { LoginHistory } from './login-policy.ts';
import type { RefreshNumbers } from './settings.ts';
import type { Turn } from './turn.ts';
import {
  type EpochMs,
  type LoginOutcome,
  type MonoMs,
  mono,
  type RefreshedTokens,
  type SaveOutcome,
  type SessionRecord,
  type StoredSession,
  type Verdict,
} from './types.ts';

/** The one transaction under way. Each step is answered by the event of the same call. */
export type SessionFlight =
  /** Reads the store: before a refresh, after a rejection, at the start, when another tool changed it. */
  | { readonly step: 'read'; readonly why: 'load' | 'refresh' | 'rejected'; readonly tries: number }
  | { readonly step: 'refresh'; readonly deadline: MonoMs }
  /** Waits before it reads the store again. */
  | { readonly step: 'pause'; readonly why: 'refresh' | 'rejected'; readonly tries: number; readonly until: MonoMs }
  /** `memory`: another try to store what could not be stored when it was new. */
  | { readonly step: 'persist'; readonly tokens: RefreshedTokens; readonly from: 'refresh' | 'login' | 'memory' }
  | { readonly step: 'probe'; readonly why: 'unauthorized' | 'confirm'; readonly deadline: MonoMs };

export interface SessionState {
  readonly record: SessionRecord | null;
  /** Counts access tokens; a call made with an older one proves nothing about this one. */
  readonly generation: number;
  /** Null where only the expiry is known, for tokens that another tool stored. */
  readonly lifetimeMs: number | null;
  readonly longestLifeMs: number;
  readonly refreshedAt: MonoMs | null;
  /** The server refused the access token although it has not expired. */
  readonly dead: boolean;
  /** The server refused the refresh token; the access token is kept while it lives. */
  readonly refreshRejected: boolean;
  /** How often this refresh token was sent and no answer came. */
  readonly lostAnswers: number;
  /** The sign-in itself ends then: lifetimes shrink towards it. */
  readonly endsAt: EpochMs | null;
  /** What the store holds as far as is known here. Not `record` where that could not be stored: it lives in memory then. */
  readonly stored: SessionRecord | null;
  /** Another tool changed the store while a step was under way that had read it before. */
  readonly storeChanged: boolean;
  readonly flight: SessionFlight | null;
  /** A caller waits for this flight. */
  readonly foreground: boolean;
  readonly login: { readonly id: number; readonly byUser: boolean; readonly deadline: MonoMs } | null;
  /** Numbers calls and logins; an answer with another number changes nothing. */
  readonly calls: number;
  readonly gateAt: MonoMs;
  readonly failures: number;
  readonly acceptedAt: MonoMs | null;
  /** When the server last refused this access token; by the clock that goes on while the machine sleeps. */
  readonly refusedAt: EpochMs | null;
  readonly demandedAt: EpochMs | null;
  readonly lastFailure: Failure | null;
  readonly history: LoginHistory;
}

export const newSession = (history: LoginHistory): SessionState => ({
  record: null,
  generation: 0,
  lifetimeMs: null,
  longestLifeMs: 0,
  refreshedAt: null,
  dead: false,
  refreshRejected: false,
  lostAnswers: 0,
  endsAt: null,
  stored: null,
  storeChanged: false,
  flight: null,
  foreground: false,
  login: null,
  calls: 0,
  gateAt: mono(0),
  failures: 0,
  acceptedAt: null,
  refusedAt: null,
  demandedAt: null,
  lastFailure: null,
  history,
});

export type SessionEvent =
  | { readonly type: 'start' }
  /** A lease wants an access token; only foreground demand may lead to a sign-in. */
  | { readonly type: 'demand'; readonly foreground: boolean }
  | { readonly type: 'unauthorized'; readonly generation: number; readonly foreground: boolean }
  | { readonly type: 'accepted'; readonly generation: number }
  | { readonly type: 'stored'; readonly id: number; readonly stored: StoredSession }
  | { readonly type: 'refreshed'; readonly id: number; readonly verdict: Verdict<RefreshedTokens> }
  | { readonly type: 'persisted'; readonly id: number; readonly outcome: SaveOutcome }
  | { readonly type: 'probed'; readonly id: number; readonly verdict: Verdict<void> }
  /** Another process changed the store. */
  | { readonly type: 'store-changed' }
  | { readonly type: 'login-asked' }
  | { readonly type: 'login-ended'; readonly id: number; readonly outcome: LoginOutcome }
  /** Whoever asked for the sign-in left. */
  | { readonly type: 'login-abandoned' }
  | { readonly type: 'logout' }
  | { readonly type: 'beat' }
  | { readonly type: 'alarm' }
  | { readonly type: 'wake' };

export type SessionEffect =
  | { readonly type: 'read'; readonly id: number }
  | { readonly type: 'refresh'; readonly id: number; readonly record: SessionRecord }
  | { readonly type: 'probe'; readonly id: number; readonly record: SessionRecord | null }
  | {
      readonly type: 'persist';
      readonly id: number;
      readonly record: SessionRecord;
      readonly replaced: SessionRecord | null;
    }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'login'; readonly id: number; readonly byUser: boolean }
  /** Tells those who asked for the sign-in how it ended; null is success. */
  | { readonly type: 'login-result'; readonly id: number; readonly failure: Failure | null }
  | { readonly type: 'history'; readonly history: LoginHistory }
  | { readonly type: 'forget'; readonly record: SessionRecord | null }
  /** The identity is gone: nothing its leases hold may be served. */
  | { readonly type: 'drop'; readonly failure: Failure }
  | { readonly type: 'judged'; readonly generation: number; readonly good: boolean }
  /** Somebody signed in: what was refused before says nothing any more. */
  | { readonly type: 'signed-in' }
  | { readonly type: 'notify'; readonly message: string };

export interface SessionEnv {
  readonly now: EpochMs;
  readonly mono: MonoMs;
  readonly random: number;
  readonly name: string;
  readonly numbers: RefreshNumbers;
  readonly loginMode: 'on-demand' | 'manual';
  readonly refreshLeadMs: (lifetimeMs: number) => number;
}

export type SessionTurn = Turn<SessionState, SessionEffect, SessionEnv>;

/** Below it a token is not sent upstream any more. */
const usableMs = 30_000;

export const usable = ({ record, dead }: SessionState, now: EpochMs): boolean =>
  record !== null && !dead && record.expiresAt - now > usableMs;

/** Newer than what the store holds. */
export const unsaved = ({ record, stored }: SessionState): boolean => record !== null && record !== stored;

/** Can be refreshed without a person, as far as is known here. */
export const renewable = ({ record, refreshRejected }: SessionState, now: EpochMs): boolean =>
  record?.refreshToken != null && !refreshRejected && (record.client === null || record.client.expiresAt > now);

export const refreshAt = (
  { record, lifetimeMs }: SessionState,
  env: Pick<SessionEnv, 'refreshLeadMs'>,
): EpochMs | null =>
  record && ((record.expiresAt - env.refreshLeadMs(lifetimeMs ?? Number.POSITIVE_INFINITY)) as EpochMs);

export function accessOf(state: SessionState, env: { readonly now: EpochMs; readonly name: string }): SessionAccess {
  const judging = state.flight?.step === 'probe' && state.flight.why === 'unauthorized';
  if (usable(state, env.now) && !judging) return { type: 'ready', generation: state.generation };
  if (state.login) {
    const where = failure(
      'LoginPending',
      `Sign-in to "${env.name}" is waiting for you. Run: credbroker login ${env.name}`,
    );
    return { type: 'pending', failure: where };
  }
  const inMotion = failure('Renewing', `Session "${env.name}" is being refreshed; ask again`);
  if (state.flight) return { type: 'pending', failure: inMotion };
  if (state.history.signedOut) return { type: 'refused', failure: loginRequired(state, env.name) };
  // While the server has not spoken, or the store cannot be read, nobody is asked to sign in.
  if (state.lastFailure) return { type: 'refused', failure: state.lastFailure };
  return { type: 'refused', failure: renewable(state, env.now) ? inMotion : loginRequired(state, env.name) };
}

function loginRequired({ record, history }: SessionState, name: string): Failure {
  const why = history.signedOut
    ? `Signed out of "${name}"`
    : record
      ? `Session "${name}" has expired`
      : `Not signed in to "${name}"`;
  return failure('LoginRequired', `${why}. Run: credbroker login ${name}`);
}

export function sessionAlarm({ flight, login, foreground, gateAt }: SessionState): MonoMs | null {
  const times: number[] = [];
  if (flight?.step === 'refresh' || flight?.step === 'probe') times.push(flight.deadline);
  if (flight?.step === 'pause') times.push(flight.until);
  if (login) times.push(login.deadline);
  if (!flight && !login && foreground) times.push(gateAt);
  return times.length === 0 ? null : mono(Math.min(...times));
}
