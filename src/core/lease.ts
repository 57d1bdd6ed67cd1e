/**
 * The Lease machine: one profile's credentials, from empty over fresh, due and short to spent.
 * Synchronous and without I/O: it is told what happened and answers with what to do.
 *
 * - While something can be handed out, no caller hears of an error.
 * - At most one call is under way; a result whose call is no longer the current one changes nothing.
 * - Background work never decides what a waiting caller is told.
 */
import { type Failure, failure } from './failure.ts';
import { checkin, drop } from './lease-end.ts';
import { kick, retryForWaiters } from './lease-flight.ts';
import { concluded } from './lease-outcome.ts';
import { judged, sessionChanged } from './lease-session.ts';
import {
  answerFor,
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
    case 'renew':
      return renew(turn, event.waiter, event.holdMs);
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
      if (turn.state.flight?.stage !== 'call' || turn.state.flight.id !== event.id) return;
      concluded(turn, event.verdict);
      return retryForWaiters(turn);
    case 'drop':
      return drop(turn, event.failure, event.forgetCheckout ? null : turn.state.checkout);
    case 'checkin':
      return checkin(turn);
    case 'released':
      return turn.state.flight?.stage === 'release' && turn.state.flight.id === event.id ? released(turn) : undefined;
    case 'signed-in':
      return signedIn(turn);
    case 'wake':
      return wake(turn);
  }
}

function get(turn: LeaseTurn, waiter: number, holdMs: number): void {
  turn.set({ credit: 1 });
  const freshness = freshnessOfLease(turn.state, turn.env.now);
  const served = servable(turn.state, turn.env.now);
  if (freshness === 'due' && turn.env.prefetch) kick(turn, urgent(turn));
  if (freshness === 'short') kick(turn, true);
  // A short set is worth a wait only while something is under way that may replace it.
  if (served && !(freshness === 'short' && turn.state.flight)) return turn.emit({ type: 'serve', waiter, served });

  const refusal = served ? null : refusalFor(turn, holdMs);
  if (refusal) return turn.emit({ type: 'fail', waiter, failure: refusal });
  join(turn, { id: waiter, deadline: mono(turn.env.mono + patience(turn, holdMs)), above: null });
  kick(turn, true);
}

/** The user's own wish: no gate and no earlier refusal stands in its way. */
function renew(turn: LeaseTurn, waiter: number, holdMs: number): void {
  turn.set({ credit: 1, gateAt: mono(0), failures: 0, negative: null });
  join(turn, { id: waiter, deadline: mono(turn.env.mono + holdMs), above: turn.state.generation });
  kick(turn, true);
}

/** Nobody waits so long that what they could have had is below its floor by then. */
const patience = ({ state: { held }, env }: LeaseTurn, holdMs: number): number =>
  held && env.now < held.schedule.spentAt ? Math.min(holdMs, (held.schedule.spentAt - env.now) / 2) : holdMs;

function join(turn: LeaseTurn, waiter: LeaseState['waiters'][number]): void {
  turn.set({ waiters: [...turn.state.waiters, waiter] });
}

/** Close enough to the end to ask a person now, while programs still run, should the renewal need one. */
function urgent({ state: { held }, env }: LeaseTurn): boolean {
  return held !== null && held.schedule.expiresAt - env.now <= env.numbers.login.offerBeforeMs;
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

function beat(turn: LeaseTurn, demanded: boolean): void {
  if (demanded) turn.set({ credit: 1 });
  const { flight } = turn.state;
  const { access } = turn.env;
  // The session is not looking into it any more: a sign-in began, or its clock was set right.
  if (flight?.stage === 'token' && access.type === 'ready') judged(turn, access.generation, false);
  const freshness = freshnessOfLease(turn.state, turn.env.now);
  const wanted = turn.state.credit > 0 && (freshness === 'due' || freshness === 'short');
  const { behindAt } = turn.state;
  const later = !demanded && behindAt !== null && turn.env.mono < behindAt;
  if (wanted && !later && turn.env.prefetch) kick(turn, demanded && urgent(turn));
  // A secret nobody may use any more is not kept.
  if (turn.state.held && turn.env.now >= turn.state.held.schedule.expiresAt) turn.set({ held: null });
}

function alarm(turn: LeaseTurn): void {
  const { flight } = turn.state;
  if (flight?.stage === 'call' && turn.env.mono >= flight.deadline) {
    // A call that is given up must be cut off too, or two would be under way.
    turn.emit({ type: 'abort', id: flight.id, timedOut: true });
    concluded(turn, { type: 'transient', why: 'timeout', detail: 'no answer in time', retryAfterMs: null });
  }
  if (flight?.stage === 'release' && turn.env.mono >= flight.deadline) {
    turn.emit({ type: 'abort', id: flight.id, timedOut: true });
    released(turn);
  }
  for (const waiter of turn.state.waiters) {
    if (turn.env.mono >= waiter.deadline) dismiss(turn, waiter);
  }
  retryForWaiters(turn);
  const { behindAt } = turn.state;
  if (behindAt === null || turn.env.mono < behindAt) return;
  turn.set({ behindAt: null });
  // Whoever was turned away with nothing has gone, and will come back.
  const stale = freshnessOfLease(turn.state, turn.env.now) !== 'fresh';
  if (stale && turn.state.credit > 0 && turn.env.prefetch) kick(turn, false);
}

/** The hold is over: what there is, or what is in motion. */
function dismiss(turn: LeaseTurn, leaving: LeaseState['waiters'][number]): void {
  const waiter = leaving.id;
  turn.set({ waiters: turn.state.waiters.filter(({ id }) => id !== waiter) });
  const served = answerFor(turn.state, turn.env.now, leaving);
  if (served) return turn.emit({ type: 'serve', waiter, served });
  const { access } = turn.env;
  const inMotion = failure('Renewing', `Credentials for "${turn.env.profile}" are being fetched; ask again`);
  const why =
    access.type === 'pending' ? access.failure : ((turn.state.flight ? null : turn.state.lastFailure) ?? inMotion);
  turn.emit({ type: 'fail', waiter, failure: why });
}

function released(turn: LeaseTurn): void {
  turn.set({ flight: null });
  retryForWaiters(turn);
}

/** What is held stays: it is the same profile of the same session. What was begun with the older tokens is begun again. */
function signedIn(turn: LeaseTurn): void {
  const { flight } = turn.state;
  if (flight?.stage === 'call') {
    turn.emit({ type: 'abort', id: flight.id, timedOut: false });
    turn.set({ flight: null });
  }
  wake(turn);
}

/** Gates and refusals from before say nothing any more. What nobody waits for is renewed a little later, not all at once. */
function wake(turn: LeaseTurn): void {
  const { held } = turn.state;
  const behindAt = held && mono(turn.env.mono + turn.env.random * turn.env.numbers.wakeSpreadMs);
  turn.set({ gateAt: mono(0), gatedBySession: false, failures: 0, negative: null, renewedAt: null, behindAt });
  retryForWaiters(turn);
}
