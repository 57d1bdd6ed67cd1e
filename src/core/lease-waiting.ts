/** Those who wait for a lease's credentials: served at once, told why not, or kept until their patience ends. */
import { type Failure, failure } from './failure.ts';
import type { LeaseEvent } from './lease-events.ts';
import { kick, urgent } from './lease-flight.ts';
import {
  answerFor,
  freshnessOfLease,
  gatedBy,
  isWished,
  type LeaseState,
  type LeaseTurn,
  servable,
} from './lease-state.ts';
import { mono } from './types.ts';

export function get(turn: LeaseTurn, { waiter, holdMs, person }: Extract<LeaseEvent, { type: 'get' }>): void {
  turn.set({ credit: 1 });
  const freshness = freshnessOfLease(turn.state, turn.env.now);
  const served = servable(turn.state, turn.env.now);
  // What programs were refused for is what a person comes to put right.
  if (person && !served) forgetRefusals(turn);
  if (freshness === 'due' && turn.env.prefetch) kick(turn, urgent(turn));
  if (freshness === 'short') kick(turn, true);
  // A short set is worth a wait only while something is under way that may replace it.
  const worthIt = freshness === 'short' && turn.state.flight !== null && gatedBy(turn.state) === null;
  if (served && !worthIt) return turn.emit({ type: 'serve', waiter, served });

  const refusal = served ? null : refusalFor(turn, holdMs, person);
  if (refusal) return turn.emit({ type: 'fail', waiter, failure: refusal });
  join(turn, { id: waiter, deadline: mono(turn.env.mono + patience(turn, holdMs)), above: null, person });
  kick(turn, true);
}

/** The user's own wish: no gate and no earlier refusal stands in its way. */
export function renew(turn: LeaseTurn, waiter: number, holdMs: number): void {
  turn.set({ credit: 1 });
  forgetRefusals(turn);
  const deadline = mono(turn.env.mono + holdMs);
  join(turn, { id: waiter, deadline, above: turn.state.generation, person: true });
  kick(turn, true);
}

function forgetRefusals(turn: LeaseTurn): void {
  turn.set({ gateAt: mono(0), failures: 0, negative: null, toldOfGate: false });
}

/** The caller hung up. */
export function leave(turn: LeaseTurn, waiter: number): void {
  turn.set({ waiters: turn.state.waiters.filter(({ id }) => id !== waiter) });
  abandon(turn);
}

/** A call that bothers somebody for a person who has left is given up. */
function abandon(turn: LeaseTurn): void {
  const { flight } = turn.state;
  if (flight?.stage !== 'call' || gatedBy(turn.state) === null || isWished(turn.state)) return;
  turn.emit({ type: 'abort', id: flight.id, timedOut: false });
  turn.set({ flight: null });
}

/** Somebody has to say yes first: the person who asked waits on, programs come back. */
export function gated(turn: LeaseTurn, id: number, why: Failure): void {
  const { flight, waiters } = turn.state;
  if (flight?.stage !== 'call' || flight.id !== id) return;
  turn.set({ flight: { ...flight, gated: why, deadline: mono(turn.env.mono + approvalMs) } });
  for (const waiter of waiters.filter(({ person }) => !person)) {
    const served = answerFor(turn.state, turn.env.now, waiter);
    turn.emit(
      served ? { type: 'serve', waiter: waiter.id, served } : { type: 'fail', waiter: waiter.id, failure: why },
    );
  }
  turn.set({ waiters: waiters.filter(({ person }) => person) });
  abandon(turn);
}

/** More than any provider waits for an approval, and for the checkout after it. */
const approvalMs = 15 * 60_000;

/** Nobody waits so long that what they could have had is below its floor by then. */
const patience = ({ state: { held }, env }: LeaseTurn, holdMs: number): number =>
  held && env.now < held.schedule.spentAt ? Math.min(holdMs, (held.schedule.spentAt - env.now) / 2) : holdMs;

function join(turn: LeaseTurn, waiter: LeaseState['waiters'][number]): void {
  turn.set({ waiters: [...turn.state.waiters, waiter] });
}

/** Why a caller with nothing to receive should not wait at all, or null. */
function refusalFor(turn: LeaseTurn, holdMs: number, person: boolean): Failure | null {
  const { negative, gateAt, lastFailure, flight, waiters } = turn.state;
  const held = person ? null : gatedBy(turn.state);
  if (held) return held;
  if (negative && turn.env.mono < negative.until) return negative.failure;
  if (waiters.length >= turn.env.numbers.maxWaiters) {
    return failure('Overloaded', `Too many callers wait for "${turn.env.profile}"`);
  }
  const gated = !flight && lastFailure !== null && gateAt - turn.env.mono >= holdMs;
  return gated ? lastFailure : null;
}

/** The hold is over: what there is, or what is in motion. */
export function dismiss(turn: LeaseTurn, leaving: LeaseState['waiters'][number]): void {
  const waiter = leaving.id;
  turn.set({ waiters: turn.state.waiters.filter(({ id }) => id !== waiter) });
  const served = answerFor(turn.state, turn.env.now, leaving);
  turn.emit(served ? { type: 'serve', waiter, served } : { type: 'fail', waiter, failure: inMotion(turn) });
  abandon(turn);
}

function inMotion({ state, env: { access, profile } }: LeaseTurn): Failure {
  if (access.type === 'pending') return access.failure;
  const underWay = failure('Renewing', `Credentials for "${profile}" are being fetched; ask again`);
  return (state.flight ? gatedBy(state) : state.lastFailure) ?? underWay;
}
