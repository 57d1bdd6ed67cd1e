/**
 * The Lease machine: one profile's credentials, from empty over fresh, due and short to spent.
 * Synchronous and without I/O: it is told what happened and answers with what to do.
 *
 * - While something can be handed out, no caller hears of an error.
 * - At most one call is under way; a result whose call is no longer the current one changes nothing.
 * - Background work never decides what a waiting caller is told.
 */
import { type Failure, failure } from './failure.ts';
import { concluded, failed } from './lease-outcome.ts';
import {
  emptyLease,
  freshnessOfLease,
  type LeaseEffect,
  type LeaseEnv,
  type LeaseEvent,
  type LeaseState,
  type LeaseTurn,
  servable,
} from './lease-state.ts';
import { type Step, Turn } from './turn.ts';
import { mono } from './types.ts';

export function stepLease(state: LeaseState, event: LeaseEvent, env: LeaseEnv): Step<LeaseState, LeaseEffect> {
  const turn: LeaseTurn = new Turn(state, env);
  handle(turn, event);
  return turn.end();
}

function handle(turn: LeaseTurn, event: LeaseEvent): void {
  switch (event.type) {
    case 'get':
      return get(turn, event.waiter, event.holdMs);
    case 'leave':
      return turn.set({ waiters: turn.state.waiters.filter(({ id }) => id !== event.waiter) });
    case 'beat':
      return beat(turn, event.demanded);
    case 'alarm':
      return alarm(turn);
    case 'session':
      return sessionChanged(turn);
    case 'judged':
      return judged(turn, event.generation, event.good);
    case 'acquired':
      if (turn.state.flight?.stage === 'call' && turn.state.flight.id === event.id) concluded(turn, event.verdict);
      return retryForWaiters(turn);
    case 'drop':
      return drop(turn, event.failure);
    case 'wake':
      turn.set({ gateAt: mono(0), failures: 0, negative: null });
      return retryForWaiters(turn);
  }
}

function get(turn: LeaseTurn, waiter: number, holdMs: number): void {
  turn.set({ credit: 1 });
  const freshness = freshnessOfLease(turn.state, turn.env.now);
  const served = servable(turn.state, turn.env.now);
  if (freshness === 'due') kick(turn, false);
  if (freshness === 'short') kick(turn, true);
  // A short set is worth a wait only while something is under way that may replace it.
  if (served && !(freshness === 'short' && turn.state.flight)) return turn.emit({ type: 'serve', waiter, served });

  const refusal = served ? null : refusalFor(turn, holdMs);
  if (refusal) return turn.emit({ type: 'fail', waiter, failure: refusal });
  turn.set({ waiters: [...turn.state.waiters, { id: waiter, deadline: mono(turn.env.mono + holdMs) }] });
  kick(turn, true);
}

/** Why a caller with nothing to receive should not wait at all, or null. */
function refusalFor(turn: LeaseTurn, holdMs: number): Failure | null {
  const { negative, gateAt, lastFailure, flight, waiters } = turn.state;
  if (negative && turn.env.mono < negative.until) return negative.failure;
  if (waiters.length >= turn.env.numbers.maxWaiters) {
    return failure('Overloaded', `Too many callers wait for "${turn.env.profile}"`);
  }
  const gated = !flight && lastFailure !== null && gateAt - turn.env.mono >= holdMs;
  return gated ? lastFailure : null;
}

/** Starts the one flight, joins it, or leaves it alone while its gate is closed. */
function kick(turn: LeaseTurn, foreground: boolean): void {
  const { flight, gateAt, renewedAt } = turn.state;
  if (flight) {
    if (flight.stage === 'token' && foreground && !flight.foreground) ask(turn, true, flight.suspect);
    return;
  }
  if (turn.env.mono < gateAt) return;
  const justRenewed = renewedAt !== null && turn.env.mono - renewedAt < turn.env.numbers.minRenewalGapMs;
  if (justRenewed && servable(turn.state, turn.env.now)) return;
  if (turn.env.access.type === 'ready') return call(turn, turn.env.access.generation, foreground);
  ask(turn, foreground, null);
}

function ask(turn: LeaseTurn, foreground: boolean, suspect: number | null): void {
  turn.set({ flight: { stage: 'token', foreground, suspect } });
  turn.emit({ type: 'demand', foreground });
}

function call(turn: LeaseTurn, tokenGeneration: number, foreground: boolean): void {
  const id = turn.state.calls + 1;
  const deadline = mono(turn.env.mono + turn.env.numbers.acquireTimeoutMs);
  turn.set({ calls: id, flight: { stage: 'call', id, tokenGeneration, foreground, deadline } });
  turn.emit({ type: 'acquire', id });
  // Use keeps the session alive: it refreshes behind this call when it is due.
  turn.emit({ type: 'demand', foreground: false });
}

function beat(turn: LeaseTurn, demanded: boolean): void {
  if (demanded) turn.set({ credit: 1 });
  const { flight } = turn.state;
  const { access } = turn.env;
  // The session is not looking into it any more: a sign-in began, or its clock was set right.
  if (flight?.stage === 'token' && access.type === 'ready') judged(turn, access.generation, false);
  const freshness = freshnessOfLease(turn.state, turn.env.now);
  if (turn.state.credit > 0 && (freshness === 'due' || freshness === 'short')) kick(turn, false);
  // A secret nobody may use any more is not kept.
  if (turn.state.held && turn.env.now >= turn.state.held.schedule.expiresAt) turn.set({ held: null });
}

function alarm(turn: LeaseTurn): void {
  const { flight } = turn.state;
  if (flight?.stage === 'call' && turn.env.mono >= flight.deadline) {
    // A call that is given up must be cut off too, or two would be under way.
    turn.emit({ type: 'abort', id: flight.id });
    concluded(turn, { type: 'transient', why: 'timeout', detail: 'no answer in time', retryAfterMs: null });
  }
  for (const waiter of turn.state.waiters) {
    if (turn.env.mono >= waiter.deadline) dismiss(turn, waiter.id);
  }
  retryForWaiters(turn);
}

/** The hold is over: what there is, or what is in motion. */
function dismiss(turn: LeaseTurn, waiter: number): void {
  turn.set({ waiters: turn.state.waiters.filter(({ id }) => id !== waiter) });
  const served = servable(turn.state, turn.env.now);
  if (served) return turn.emit({ type: 'serve', waiter, served });
  const { access } = turn.env;
  const inMotion = failure('Renewing', `Credentials for "${turn.env.profile}" are being fetched; ask again`);
  const why =
    access.type === 'pending' ? access.failure : ((turn.state.flight ? null : turn.state.lastFailure) ?? inMotion);
  turn.emit({ type: 'fail', waiter, failure: why });
}

function retryForWaiters(turn: LeaseTurn): void {
  if (turn.state.waiters.length > 0) kick(turn, true);
}

function sessionChanged(turn: LeaseTurn): void {
  const { access } = turn.env;
  if (access.type === 'ready') forgetSessionFailure(turn);
  const { flight } = turn.state;
  if (flight?.stage !== 'token') return retryForWaiters(turn);
  if (access.type === 'pending') return;
  if (access.type === 'refused') return failed(turn, access.failure, { fromSession: true });
  // The very token this profile was refused with proves nothing new; `judged` will.
  if (flight.suspect !== access.generation) call(turn, access.generation, flight.foreground);
}

function forgetSessionFailure(turn: LeaseTurn): void {
  if (turn.state.lastFailure?.code === 'LoginRequired') turn.set({ lastFailure: null });
  if (turn.state.negative?.fromSession) turn.set({ negative: null, gateAt: mono(0), failures: 0 });
}

function judged(turn: LeaseTurn, generation: number, good: boolean): void {
  const { flight } = turn.state;
  if (flight?.stage !== 'token' || flight.suspect !== generation) return;
  // The server accepts the token elsewhere, so it is this profile that it refuses.
  const detail = `the session may not use "${turn.env.profile}"`;
  if (good) return concluded(turn, { type: 'denied', why: 'forbidden', detail });
  concluded(turn, {
    type: 'transient',
    why: 'connect',
    detail: 'the session could not be checked',
    retryAfterMs: null,
  });
}

function drop(turn: LeaseTurn, why: Failure): void {
  const { flight, waiters, generation, calls } = turn.state;
  if (flight?.stage === 'call') turn.emit({ type: 'abort', id: flight.id });
  for (const { id } of waiters) turn.emit({ type: 'fail', waiter: id, failure: why });
  turn.set({ ...emptyLease, generation, calls });
}
