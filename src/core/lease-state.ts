/** One profile's credentials and what is being done about them: the state, events and effects of the Lease machine. */
import type { Served } from './api.ts';
import type { Attempt } from './attempt.ts';
import type { Failure } from './failure.ts';
import { type Freshness, freshnessOf, type Schedule } from './freshness.ts';
import type { LeaseEffect } from './lease-events.ts';
import type { RefreshNumbers } from './settings.ts';
import type { Turn } from './turn.ts';
import { type Checkout, type EpochMs, type MonoMs, mono, type Renewal } from './types.ts';
import type { Caller, Closed } from './upstream-gate.ts';

/** What the session offers its leases at this moment. */
export type SessionAccess =
  | { readonly type: 'ready'; readonly generation: number }
  /** Something is in motion (a refresh, a probe, a sign-in); the failure is what a caller hears whose patience ends. */
  | { readonly type: 'pending'; readonly failure: Failure }
  /** `retryAt` is when the session tries again by itself, null where that takes a person. */
  | { readonly type: 'refused'; readonly failure: Failure; readonly retryAt: MonoMs | null };

interface Held {
  readonly served: Served;
  readonly schedule: Schedule;
}

export interface Waiter {
  readonly id: number;
  readonly deadline: MonoMs;
  /** Only a later generation will do, for whoever wants new credentials; null takes any. */
  readonly above: number | null;
  /** A person, who can be asked in turn. */
  readonly person: boolean;
}

type LeaseFlight =
  /** Waits for the session. `suspect` is a token generation this profile was refused with, while the session finds out. */
  | { readonly stage: 'token'; readonly foreground: boolean; readonly suspect: number | null }
  | {
      readonly stage: 'call';
      readonly id: number;
      readonly tokenGeneration: number;
      readonly foreground: boolean;
      readonly force: boolean;
      /** The last who waited when it began: it has no later person's answers. */
      readonly lastWaiter: number;
      /** It waits for somebody; what a program hears meanwhile. */
      readonly gated: Failure | null;
      readonly deadline: MonoMs;
    }
  /** Gives the checkout back; whoever asks meanwhile waits, or would be handed what is about to end. */
  | { readonly stage: 'release'; readonly id: number; readonly deadline: MonoMs };

/** A refusal remembered for callers, so that asking again costs nothing. Only a foreground failure writes one. */
interface Negative {
  readonly failure: Failure;
  readonly until: MonoMs;
  readonly fromSession: boolean;
}

export interface LeaseState {
  readonly held: Held | null;
  /** Counts installations; names what a client was served. */
  readonly generation: number;
  readonly flight: LeaseFlight | null;
  /** Calls made; a result installs only while its call is the current one. */
  readonly calls: number;
  /** No attempt before it. */
  readonly gateAt: MonoMs;
  /** The gate is the session's: it opens when the session can be used again. */
  readonly gatedBySession: boolean;
  /** What nobody waits for is not renewed before it: others' turn at upstream, or everybody at once after a sleep. */
  readonly behindAt: MonoMs | null;
  readonly failures: number;
  readonly denials: number;
  readonly negative: Negative | null;
  /** Why the last attempt failed, until one succeeds. */
  readonly lastFailure: Failure | null;
  /** Renewals allowed without new demand: every request sets it, every demandless renewal spends it. */
  readonly credit: 0 | 1;
  readonly waiters: readonly Waiter[];
  readonly renewedAt: MonoMs | null;
  /** Where upstream counts checkouts, ours; also while its credentials are gone, after a restart. */
  readonly checkout: Checkout | null;
  readonly lastAttempt: Attempt | null;
  /** The person has been told of the gate that programs meet. */
  readonly toldOfGate: boolean;
}

export const newLease = (checkout: Checkout | null): LeaseState => ({
  held: null,
  generation: 0,
  flight: null,
  calls: 0,
  gateAt: mono(0),
  gatedBySession: false,
  behindAt: null,
  failures: 0,
  denials: 0,
  negative: null,
  lastFailure: null,
  credit: 0,
  waiters: [],
  renewedAt: null,
  checkout,
  lastAttempt: null,
  toldOfGate: false,
});

export interface LeaseEnv {
  readonly now: EpochMs;
  readonly mono: MonoMs;
  /** Uniform in [0, 1), for retry jitter. */
  readonly random: number;
  readonly access: SessionAccess;
  readonly numbers: RefreshNumbers;
  readonly profile: string;
  /** The upstream as the user knows it, for messages. */
  readonly who: string;
  readonly renewal: Renewal;
  readonly prefetch: boolean;
  readonly timeoutMs: number | null;
  /** What keeps a call from starting now, null when nothing does. */
  readonly closed: (caller: Caller) => Closed | null;
  /** Where this generation's renewal falls in the lead's range, uniform in [0, 1). */
  readonly draw: (generation: number) => number;
}

export const freshnessOfLease = (state: LeaseState, now: EpochMs): Freshness | 'empty' =>
  state.held ? freshnessOf(state.held.schedule, now) : 'empty';

/** What may be handed out now, or null. */
export const servable = (state: LeaseState, now: EpochMs): Served | null =>
  state.held && now < state.held.schedule.spentAt ? state.held.served : null;

/** Somebody waits for this flight. */
export const isForeground = (flight: LeaseFlight | null): boolean =>
  flight !== null && flight.stage !== 'release' && flight.foreground;

/** What this caller can be given now, or null. */
export function answerFor(state: LeaseState, now: EpochMs, { above }: Pick<Waiter, 'above'>): Served | null {
  const served = servable(state, now);
  return served && (above === null || served.generation > above) ? served : null;
}

/** The user waits for new credentials, whatever is held. */
export const isForced = ({ waiters }: LeaseState): boolean => waiters.some(({ above }) => above !== null);

export const isWished = ({ waiters }: LeaseState): boolean => waiters.some(({ person }) => person);

/** What programs are told while the call under way waits for somebody, or null. */
export const gatedBy = ({ flight }: LeaseState): Failure | null => (flight?.stage === 'call' ? flight.gated : null);

/** When the machine wants to be woken, or null: the first of the deadlines it keeps. */
export function leaseAlarm(state: LeaseState): MonoMs | null {
  const times: number[] = state.waiters.map((waiter) => waiter.deadline);
  if (state.flight && state.flight.stage !== 'token') times.push(state.flight.deadline);
  if (!state.flight && state.waiters.length > 0) times.push(state.gateAt);
  if (!state.flight && state.behindAt !== null) times.push(state.behindAt);
  return times.length === 0 ? null : mono(Math.min(...times));
}

export type LeaseTurn = Turn<LeaseState, LeaseEffect, LeaseEnv>;
