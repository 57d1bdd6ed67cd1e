/** What a step of the Lease machine may do to what is held, and what counts as late. */
import type { LeaseEffect, LeaseEvent } from '../../../src/core/lease-events.ts';
import { isForced, isWished, type LeaseEnv, type LeaseState, servable } from '../../../src/core/lease-state.ts';
import type { Step } from '../../../src/core/turn.ts';
import { must } from './checks.ts';

export type Before = readonly [LeaseState, LeaseEvent, LeaseEnv];
export type After = Step<LeaseState, LeaseEffect>;

export const sameMembers = (ids: ReadonlySet<number>, waiters: LeaseState['waiters']): boolean =>
  ids.size === waiters.length && waiters.every(({ id }) => ids.has(id));

/** An answer to a call that is not the current one, a judgement nobody waits for, somebody who left before. */
export function isLate({ flight, waiters }: LeaseState, event: LeaseEvent): boolean {
  if (event.type === 'acquired' || event.type === 'gated') return flight?.stage !== 'call' || flight.id !== event.id;
  if (event.type === 'released') return flight?.stage !== 'release' || flight.id !== event.id;
  if (event.type === 'judged') return flight?.stage !== 'token' || flight.suspect !== event.generation;
  return event.type === 'leave' && waiters.every(({ id }) => id !== event.waiter);
}

/** A second check-in joins the first. */
export const isEnd = ({ flight }: LeaseState, { type }: LeaseEvent): boolean =>
  type === 'drop' || (type === 'checkin' && flight?.stage !== 'release');

/** Generations and expiries only grow, but for a drop or a forced renewal; failures close the gate; use is what renews. */
export function checkProgress([before, event, env]: Before, after: LeaseState): void {
  must(after.generation >= before.generation && after.calls >= before.calls, 'numbers never go backwards');
  const installed = after.generation > before.generation;
  must(!installed || (event.type === 'acquired' && event.verdict.type === 'ok'), 'only an answer installs');
  const forced = before.flight?.stage === 'call' && before.flight.force;
  const ends = isEnd(before, event);
  if (!ends && servable(before, env.now)) {
    must(after.held !== null, 'what can be served is kept');
    const shorter = (before.held?.schedule.expiresAt ?? 0) > after.held.schedule.expiresAt;
    must(forced || !shorter, 'an expiry never goes backwards');
  }
  if (ends) must(after.held === null && after.waiters.length === 0, 'nothing is left of what was dropped');
  const background =
    before.waiters.length === 0 &&
    event.type === 'acquired' &&
    before.flight?.stage === 'call' &&
    !before.flight.foreground;
  if (background && !isLate(before, event)) {
    must(after.negative === before.negative || after.negative === null, 'background work writes nothing for callers');
    must(!installed || after.credit === 0, 'a renewal that nobody waits for spends the credit');
  }
  const proves = event.type === 'acquired' && !isLate(before, event) ? event.verdict.type : null;
  const failed = proves === 'transient' || proves === 'ambiguous' || proves === 'denied' || proves === 'rejected';
  const asked = isForced(before) || isWished(before);
  if (failed && !asked) must(after.gateAt - env.mono >= 1_000, 'a failure closes the gate');
}
