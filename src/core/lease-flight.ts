/** The way to upstream: a token from the session, our turn, one call. */
import { afterEndMs } from './freshness.ts';
import { turnedAway } from './lease-outcome.ts';
import { isForced, isWished, type LeaseEnv, type LeaseTurn, servable } from './lease-state.ts';
import { type MonoMs, mono } from './types.ts';

/** Starts the one flight, joins it, or leaves it alone while its gate is closed. */
export function kick(turn: LeaseTurn, foreground: boolean): void {
  const { flight, gateAt } = turn.state;
  if (flight) {
    if (flight.stage === 'token' && foreground && !flight.foreground) ask(turn, true, flight.suspect);
    return;
  }
  if (turn.env.mono < gateAt) return;
  if (justRenewed(turn) && servable(turn.state, turn.env.now)) return;
  if (turn.env.renewal === 'exclusive' && waitsForEnd(turn)) return;
  if (turn.env.access.type === 'ready') return call(turn, turn.env.access.generation, foreground);
  ask(turn, foreground, null);
}

/** One checkout at a time: nothing better comes before the end of the one that is held. */
function waitsForEnd(turn: LeaseTurn): boolean {
  const left = (turn.state.held?.schedule.expiresAt ?? 0) - turn.env.now;
  if (left <= 0 || isForced(turn.state)) return false;
  turn.set({ gateAt: mono(turn.env.mono + left + afterEndMs) });
  return true;
}

/** Too soon for another renewal, unless the user wants one. */
function justRenewed({ state, env }: LeaseTurn): boolean {
  const { held, renewedAt } = state;
  if (!held || renewedAt === null || isForced(state)) return false;
  const lifetimeMs = held.schedule.expiresAt - held.schedule.issuedAt;
  return env.mono - renewedAt < Math.min(env.numbers.minRenewalGapMs, lifetimeMs / 3);
}

function ask(turn: LeaseTurn, foreground: boolean, suspect: number | null): void {
  turn.set({ flight: { stage: 'token', foreground, suspect } });
  turn.emit({ type: 'demand', foreground });
}

export function call(turn: LeaseTurn, tokenGeneration: number, foreground: boolean): void {
  const byPerson = isWished(turn.state) || isForced(turn.state);
  const closed = turn.env.closed(byPerson ? 'person' : foreground ? 'program' : 'behind');
  if (closed) return turnedAway(turn, closed, foreground);
  const id = turn.state.calls + 1;
  const deadline = callDeadline(turn.env);
  const { checkout } = turn.state;
  const force = isForced(turn.state);
  const wished = isWished(turn.state);
  const lastWaiter = turn.state.waiters.at(-1)?.id ?? 0;
  const flight = { stage: 'call', id, tokenGeneration, foreground, force, lastWaiter, gated: null, deadline } as const;
  turn.set({ calls: id, flight, behindAt: null });
  turn.emit({ type: 'acquire', id, checkout, force, wished });
  // Use keeps the session alive: it refreshes behind this call when it is due.
  turn.emit({ type: 'demand', foreground: false });
}

/** When a call is given up that begins now. */
export const callDeadline = ({ mono: now, timeoutMs, numbers }: LeaseEnv): MonoMs =>
  mono(now + (timeoutMs ?? numbers.acquireTimeoutMs));

export function retryForWaiters(turn: LeaseTurn): void {
  if (turn.state.waiters.length > 0) kick(turn, true);
}

/** Close enough to the end to ask a person now, while programs still run, should the renewal need one. */
export function urgent({ state: { held }, env }: LeaseTurn): boolean {
  return held !== null && held.schedule.expiresAt - env.now <= env.numbers.login.offerBeforeMs;
}
