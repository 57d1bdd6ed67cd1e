/**
 * The Lease machine: one profile's credentials, from empty over fresh, due and short to spent.
 * Synchronous and without I/O: it is told what happened and answers with what to do.
 *
 * - While something can be handed out, no caller hears of an error.
 * - At most one call is under way; a result whose call is no longer the current one changes nothing.
 * - Background work never decides what a waiting caller is told.
 */
import { checkin, drop, revoked } from './lease-end.ts';
import type { LeaseEffect, LeaseEvent } from './lease-events.ts';
import { kick, retryForWaiters, urgent } from './lease-flight.ts';
import { concluded } from './lease-outcome.ts';
import { judged, sessionChanged } from './lease-session.ts';
import { freshnessOfLease, type LeaseEnv, type LeaseState, type LeaseTurn } from './lease-state.ts';
import { dismiss, gated, get, leave, renew } from './lease-waiting.ts';
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
      return get(turn, event);
    case 'renew':
      return renew(turn, event.waiter, event.holdMs);
    case 'leave':
      return leave(turn, event.waiter);
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
    case 'gated':
      return gated(turn, event.id, event.failure);
    case 'drop':
      return drop(turn, event.failure, event.forgetCheckout ? null : turn.state.checkout);
    case 'checkin':
      return checkin(turn);
    case 'revoked':
      return revoked(turn, event.transaction);
    case 'released':
      return turn.state.flight?.stage === 'release' && turn.state.flight.id === event.id ? released(turn) : undefined;
    case 'signed-in':
      return signedIn(turn);
    case 'wake':
      return wake(turn);
  }
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
