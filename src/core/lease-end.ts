/** What ends a lease's credentials before their time. */
import { type Failure, failure } from './failure.ts';
import { callDeadline } from './lease-flight.ts';
import { type LeaseTurn, newLease } from './lease-state.ts';
import { type Checkout, mono } from './types.ts';

/** Nothing under way may come back: the numbers go on, and a late answer carries an old one. */
export function drop(turn: LeaseTurn, why: Failure, checkout: Checkout | null): void {
  const { flight, waiters, generation, calls, lastAttempt } = turn.state;
  if (flight && flight.stage !== 'token') turn.emit({ type: 'abort', id: flight.id, timedOut: false });
  for (const { id } of waiters) turn.emit({ type: 'fail', waiter: id, failure: why });
  turn.set({ ...newLease(checkout), generation, calls, lastAttempt });
}

/** The user gives the credentials back; the next request takes new ones, after upstream has taken these. */
export function checkin(turn: LeaseTurn): void {
  const { checkout, flight } = turn.state;
  if (flight?.stage === 'release') return;
  drop(turn, failure('Renewing', `Profile "${turn.env.profile}" was checked in; ask again`), null);
  if (checkout === null) return;
  const id = turn.state.calls + 1;
  const deadline = callDeadline(turn.env);
  turn.set({ calls: id, flight: { stage: 'release', id, deadline } });
  turn.emit({ type: 'release', id, checkout });
}

/** Whoever asks next is served anew; a call under way goes on. */
export function revoked(turn: LeaseTurn, transaction: string): void {
  if (turn.state.checkout?.transaction !== transaction) return;
  turn.set({ held: null, checkout: null, gateAt: mono(0) });
}
