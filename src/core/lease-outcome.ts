/** What the answer to a lease's call means for the lease and for those who wait. */
import { attemptOf } from './attempt.ts';
import { type Failure, failure, failureOf, gateFailureOf } from './failure.ts';
import { afterEndMs, retryMs, scheduleOf } from './freshness.ts';
import type { Issued } from './lease-events.ts';
import {
  answerFor,
  isForced,
  isForeground,
  isWished,
  type LeaseTurn,
  type SessionAccess,
  servable,
  type Waiter,
} from './lease-state.ts';
import { type MonoMs, mono, type Verdict } from './types.ts';
import type { Closed } from './upstream-gate.ts';

/** Less than this left is no progress over what is held. */
const worthlessMs = 5_000;

export function concluded(turn: LeaseTurn, verdict: Verdict<Issued>): void {
  turn.set({ lastAttempt: attemptOf(turn.env.now, 'credentials', verdict) });
  switch (verdict.type) {
    case 'ok':
      return accepted(turn, verdict.value);
    case 'unauthorized':
      return unauthorized(turn);
    case 'denied':
    case 'rejected':
      return denied(turn, verdict);
    case 'not-yet':
      return postpone(turn, verdict.retryAt - turn.env.now, failureOf(turn.env.who, verdict, turn.env.profile));
    case 'transient':
      return failed(turn, failureOf(turn.env.who, verdict), verdict.retryAfterMs);
    case 'ambiguous':
      return failed(turn, failureOf(turn.env.who, verdict), null);
  }
}

function accepted(turn: LeaseTurn, issued: Issued): void {
  const { flight, held } = turn.state;
  if (flight?.stage === 'call') turn.emit({ type: 'accepted', generation: flight.tokenGeneration });
  const left = issued.expiresAt - turn.env.now;
  const notLonger =
    held !== null && issued.expiresAt <= held.schedule.expiresAt && servable(turn.state, turn.env.now) !== null;
  const forced = flight?.stage === 'call' && flight.force;
  if (left > worthlessMs && (!notLonger || forced)) return install(turn, issued);
  const { who, renewal, now, numbers } = turn.env;
  if (left <= 0 && !held) {
    return failed(turn, failure('UpstreamUnavailable', `${who} hands out credentials that have expired`), null);
  }
  // Not a failure of upstream. The same set again, or one at its end: nothing better comes before that one has ended.
  const ends = (held ? held.schedule.expiresAt : issued.expiresAt) - now;
  // Sets that live side by side have become shorter-lived: the next one outlives ours when ours has shrunk by as much.
  const outlived = Math.max((held?.schedule.expiresAt ?? 0) - issued.expiresAt, numbers.retry.capMs);
  const again = (renewal === 'overlap' && held ? Math.min(ends, outlived) : ends) + afterEndMs;
  turn.set({ credit: creditLeft(turn) });
  postpone(turn, again, failure('Renewing', `${who} has no longer-lived credentials yet`));
}

/** A renewal that nobody waits for spends it, whatever it brought. */
const creditLeft = ({ state: { waiters, flight, credit } }: LeaseTurn): 0 | 1 =>
  waiters.length === 0 && !isForeground(flight) ? 0 : credit;

function install(turn: LeaseTurn, { served, expiresAt, checkout }: Issued): void {
  const { generation, waiters } = turn.state;
  const schedule = scheduleOf(
    { now: turn.env.now, expiresAt, draw: turn.env.draw(generation + 1), exclusive: turn.env.renewal !== 'overlap' },
    turn.env.numbers,
  );
  turn.set({
    held: { served, schedule },
    generation: generation + 1,
    flight: null,
    gateAt: mono(0),
    gatedBySession: false,
    checkout,
    behindAt: null,
    failures: 0,
    denials: 0,
    negative: null,
    lastFailure: null,
    toldOfGate: false,
    credit: creditLeft(turn),
    waiters: [],
    renewedAt: turn.env.mono,
  });
  for (const { id } of waiters) turn.emit({ type: 'serve', waiter: id, served });
}

function unauthorized(turn: LeaseTurn): void {
  const { flight, waiters } = turn.state;
  if (flight?.stage !== 'call') return;
  const foreground = flight.foreground || waiters.length > 0;
  turn.set({ flight: { stage: 'token', foreground, suspect: flight.tokenGeneration } });
  turn.emit({ type: 'unauthorized', generation: flight.tokenGeneration, foreground });
}

/** The held set is drained: served to its floor, renewed no more until the pause is over. */
function denied(turn: LeaseTurn, verdict: Extract<Verdict<never>, { type: 'denied' | 'rejected' }>): void {
  const gate = verdict.type === 'denied' ? gateFailureOf(turn.env.profile, verdict) : null;
  if (gate) tellOfGate(turn, gate);
  const why = gate ?? failureOf(turn.env.who, verdict, turn.env.profile);
  const denials = turn.state.denials + 1;
  const { firstMs, capMs } = turn.env.numbers.denied;
  const until = mono(turn.env.mono + Math.min(firstMs * 2 ** (denials - 1), capMs));
  turn.set({ denials, credit: 0 });
  settle(turn, why, { gateAt: until, negativeUntil: until, fromSession: false });
}

/** A program met it, and cannot answer; once, until a person has been here. */
function tellOfGate(turn: LeaseTurn, { message }: Failure): void {
  if (turn.state.toldOfGate || isWished(turn.state)) return;
  turn.set({ toldOfGate: true });
  turn.emit({ type: 'notify', message });
}

/** Nothing was proved: keep what there is, try again later, let those wait on whose patience outlasts the pause. */
function failed(turn: LeaseTurn, why: Failure, retryAfterMs: number | null): void {
  const { numbers, random } = turn.env;
  const failures = turn.state.failures + 1;
  const asked = Math.min(retryAfterMs ?? 0, numbers.retryAfterCapMs);
  const untilShort = (turn.state.held?.schedule.shortAt ?? 0) - turn.env.now;
  const own = retryMs(failures, random, numbers, untilShort <= 0);
  // A long pause must not reach into the time when callers have little left.
  const soonest = retryMs(failures, random, numbers, true);
  const pause = untilShort > 0 ? Math.min(own, Math.max(untilShort, soonest)) : own;
  turn.set({ failures });
  settle(turn, why, { gateAt: mono(turn.env.mono + Math.max(pause, asked)), negativeUntil: null, fromSession: false });
}

/** The session keeps its own pace. Where it needs a person, callers are told so for a moment, so that a storm costs nothing. */
export function refusedBySession(turn: LeaseTurn, access: Extract<SessionAccess, { type: 'refused' }>): void {
  if (access.retryAt !== null && access.retryAt > turn.env.mono) {
    return settle(turn, access.failure, { gateAt: access.retryAt, negativeUntil: null, fromSession: true });
  }
  const negativeUntil = mono(turn.env.mono + 1_000 + 4_000 * turn.env.random);
  settle(turn, access.failure, { gateAt: mono(0), negativeUntil, fromSession: true });
}

/** Upstream may not be asked now: our turn has not come, or it does not answer anybody. */
export function turnedAway(turn: LeaseTurn, closed: Closed, foreground: boolean): void {
  if (closed.failure) {
    return settle(turn, closed.failure, { gateAt: closed.until, negativeUntil: null, fromSession: false });
  }
  turn.set({ flight: null, behindAt: closed.until });
  if (foreground) turn.set({ gateAt: closed.until, gatedBySession: false });
}

function postpone(turn: LeaseTurn, ms: number, why: Failure): void {
  settle(turn, why, {
    gateAt: mono(turn.env.mono + Math.max(ms, afterEndMs)),
    negativeUntil: null,
    fromSession: false,
  });
}

interface Settlement {
  readonly gateAt: MonoMs;
  /** When a foreground caller may hear of it again, null to let callers wait for the gate. */
  readonly negativeUntil: MonoMs | null;
  readonly fromSession: boolean;
}

/** Ends the flight; each waiter is served, told, or left to wait for the gate. */
function settle(turn: LeaseTurn, why: Failure, { gateAt, negativeUntil, fromSession }: Settlement): void {
  const { waiters, flight } = turn.state;
  const foreground = waiters.length > 0 || isForeground(flight);
  const negative = foreground && negativeUntil !== null ? { failure: why, until: negativeUntil, fromSession } : null;
  turn.set({ flight: null, gateAt, gatedBySession: fromSession, behindAt: null, lastFailure: why });
  if (negative) turn.set({ negative });
  // What was under way before the user asked for new credentials says nothing about their wish.
  if (isForced(turn.state) && flight?.stage === 'call' && !flight.force)
    return turn.set({ gateAt: mono(0), negative: null });
  // Nor does a refusal say anything to whoever came with answers since.
  const refused = negativeUntil !== null && flight?.stage === 'call';
  const isLater = ({ id, person }: Waiter): boolean => refused && person && id > flight.lastWaiter;
  const stays = (waiter: Waiter): boolean =>
    isLater(waiter) || (negativeUntil === null && waiter.deadline > turn.state.gateAt);
  if (waiters.some(isLater)) turn.set({ gateAt: mono(0), negative: null });
  const staying = waiters.filter((waiter) => !answerFor(turn.state, turn.env.now, waiter) && stays(waiter));
  for (const waiter of waiters.filter((one) => !staying.includes(one))) {
    const served = answerFor(turn.state, turn.env.now, waiter);
    turn.emit(
      served ? { type: 'serve', waiter: waiter.id, served } : { type: 'fail', waiter: waiter.id, failure: why },
    );
  }
  turn.set({ waiters: staying });
}
