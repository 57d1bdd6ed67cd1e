/** One sign-in and what is being done about it: the state of the Session machine. */
import type { Attempt } from './attempt.ts';
import type { Failure } from './failure.ts';
import type { SessionEffect } from './session-events.ts';
import type { SessionMemo } from './session-memo.ts';
import type { RefreshNumbers } from './settings.ts';
import type { Turn } from './turn.ts';
import { type EpochMs, type MonoMs, mono, type Presence, type RefreshedTokens, type SessionRecord } from './types.ts';

type FlightStep =
  /** Reads the store: before a refresh, after a rejection, at the start, when another tool changed it. */
  | { readonly step: 'read'; readonly why: 'load' | 'refresh' | 'rejected'; readonly tries: number }
  | { readonly step: 'refresh'; readonly deadline: MonoMs }
  /** Waits before it reads the store again. */
  | { readonly step: 'pause'; readonly why: 'refresh' | 'rejected'; readonly tries: number; readonly until: MonoMs }
  /** `memory`: another try to store what could not be stored when it was new. */
  | { readonly step: 'persist'; readonly tokens: RefreshedTokens; readonly from: 'refresh' | 'login' | 'memory' }
  | { readonly step: 'probe'; readonly why: 'unauthorized' | 'confirm'; readonly deadline: MonoMs }
  /** Looks whether a window would be seen. */
  | { readonly step: 'look'; readonly deadline: MonoMs };

/** The one transaction under way. An answer with another number changes nothing. */
export type SessionFlight = FlightStep & { readonly id: number };

export interface OpenLogin {
  readonly id: number;
  readonly byUser: boolean;
  readonly openedAt: EpochMs;
  readonly deadline: MonoMs;
}

export interface SessionState {
  readonly record: SessionRecord | null;
  /** Counts access tokens; a call made with an older one proves nothing about this one. */
  readonly generation: number;
  /** Null where only the expiry is known, for tokens that another tool stored. */
  readonly lifetimeMs: number | null;
  readonly longestLifeMs: number;
  readonly refreshedAt: EpochMs | null;
  /** Why the server refused the access token although it has not expired; null while it has not. */
  readonly dead: string | null;
  /** The server refused the refresh token; the access token is kept while it lives. */
  readonly refreshRejected: boolean;
  /** How often this refresh token was sent and no answer came. */
  readonly lostAnswers: number;
  /** What the store holds as far as is known here. Not `record` where that could not be stored: it lives in memory then. */
  readonly stored: SessionRecord | null;
  /** Another tool changed the store while a step was under way that had read it before. */
  readonly storeChanged: boolean;
  readonly flight: SessionFlight | null;
  /** A caller waits for this flight. */
  readonly foreground: boolean;
  readonly login: OpenLogin | null;
  /** Numbers flights and logins. */
  readonly calls: number;
  readonly gateAt: MonoMs;
  readonly failures: number;
  /** When the server last accepted this access token. What was moments ago is so by the clock that goes on in sleep. */
  readonly acceptedAt: EpochMs | null;
  readonly refusedAt: EpochMs | null;
  readonly demandedAt: EpochMs | null;
  readonly lastFailure: Failure | null;
  /** Whether the user was there when a window would have opened. */
  readonly presence: { readonly at: EpochMs; readonly value: Presence } | null;
  readonly lastAttempt: Attempt | null;
  /** What survives a restart; on disk before the effects of the step that changed it. */
  readonly memo: SessionMemo;
}

export const newSession = (memo: SessionMemo): SessionState => ({
  record: null,
  generation: 0,
  lifetimeMs: null,
  longestLifeMs: 0,
  refreshedAt: null,
  dead: null,
  refreshRejected: false,
  lostAnswers: 0,
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
  presence: null,
  lastAttempt: null,
  memo,
});

export interface SessionEnv {
  readonly now: EpochMs;
  readonly mono: MonoMs;
  readonly random: number;
  readonly name: string;
  /** The upstream as the user knows it, for messages. */
  readonly who: string;
  readonly numbers: RefreshNumbers;
  readonly loginMode: 'on-demand' | 'manual';
  readonly refreshLeadMs: (lifetimeMs: number) => number;
  readonly trustMs: number;
  /** Tells refresh tokens apart in what is written down, and opens nothing. */
  readonly fingerprint: (secret: string) => string;
}

export type SessionTurn = Turn<SessionState, SessionEffect, SessionEnv>;

/** Names these tokens in what is written down. */
export const tokenMark = (record: SessionRecord, { fingerprint }: Pick<SessionEnv, 'fingerprint'>): string =>
  fingerprint(record.refreshToken ?? record.accessToken);

/** Begins the one flight; whatever was under way before is answered in vain. */
export function depart(turn: SessionTurn, step: FlightStep): number {
  const id = turn.state.calls + 1;
  turn.set({ calls: id, flight: { ...step, id } });
  return id;
}

export function remember(turn: SessionTurn, change: Partial<SessionMemo>): void {
  const memo = { ...turn.state.memo, ...change };
  const same = (Object.keys(memo) as (keyof SessionMemo)[]).every((key) => memo[key] === turn.state.memo[key]);
  // What is written down has cost a write.
  if (!same) turn.set({ memo });
}

/** Below it a token is not sent upstream any more. */
const usableMs = 30_000;

export const lives = (record: SessionRecord, now: EpochMs): boolean => record.expiresAt - now > usableMs;

export const usable = ({ record, dead }: SessionState, now: EpochMs): boolean =>
  record !== null && dead === null && lives(record, now);

/** How much longer the access token can be used, milliseconds; not above 0 when it cannot. */
export const usableFor = (state: SessionState, now: EpochMs): number =>
  state.record !== null && usable(state, now) ? state.record.expiresAt - usableMs - now : 0;

/** It happened within this time; not if the clock has been set back beyond it. */
export const isRecent = (at: EpochMs | null, now: EpochMs, withinMs: number): boolean =>
  at !== null && now >= at && now - at < withinMs;

/** Newer than what the store holds. */
export const unsaved = ({ record, stored }: SessionState): boolean => record !== null && record !== stored;

/** Can be refreshed without a person, as far as is known here. */
export const renewable = ({ record, refreshRejected }: SessionState, now: EpochMs): boolean =>
  record?.refreshToken != null && !refreshRejected && (record.client === null || record.client.expiresAt > now);

/** Signed in with a token that somebody made: no window would bring another. */
export const isByToken = ({ record }: Pick<SessionState, 'record'>): boolean =>
  record !== null && record.refreshToken === null && record.tokenType !== null && record.tokenType !== 'Bearer';

export const refreshAt = (
  { record, lifetimeMs }: SessionState,
  env: Pick<SessionEnv, 'refreshLeadMs'>,
): EpochMs | null =>
  record && ((record.expiresAt - env.refreshLeadMs(lifetimeMs ?? Number.POSITIVE_INFINITY)) as EpochMs);
