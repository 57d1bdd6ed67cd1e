/** What the session's changes mean for a lease that waits for it. */
import { call, retryForWaiters } from './lease-flight.ts';
import { concluded, refusedBySession } from './lease-outcome.ts';
import type { LeaseTurn } from './lease-state.ts';
import { mono } from './types.ts';

export function sessionChanged(turn: LeaseTurn): void {
  const { access } = turn.env;
  if (access.type === 'ready') forgetSessionFailure(turn);
  const { flight } = turn.state;
  if (flight?.stage !== 'token') return retryForWaiters(turn);
  if (access.type === 'pending') return;
  if (access.type === 'refused') return refusedBySession(turn, access);
  // The very token this profile was refused with proves nothing new; `judged` will.
  if (flight.suspect !== access.generation) call(turn, access.generation, flight.foreground);
}

function forgetSessionFailure(turn: LeaseTurn): void {
  if (turn.state.lastFailure?.code === 'LoginRequired') turn.set({ lastFailure: null });
  if (turn.state.negative?.fromSession) turn.set({ negative: null });
  if (turn.state.gatedBySession) turn.set({ gateAt: mono(0), gatedBySession: false, failures: 0 });
}

export function judged(turn: LeaseTurn, generation: number, good: boolean): void {
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
