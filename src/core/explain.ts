/** Why a profile is as it is, and what comes next. Pure: states in, view out. */
import type { Attempt } from './attempt.ts';
import type {
  AttemptView,
  CallerView,
  ExplainedSession,
  ExplainView,
  GateView,
  HeldView,
  NextView,
} from './explain-view.ts';
import { afterEndMs, leadMs } from './freshness.ts';
import type { LeaseParent } from './lease-parent.ts';
import { freshnessOfLease, type LeaseEnv, type LeaseState } from './lease-state.ts';
import { rehearse } from './rehearsal.ts';
import type { ServedProfileSettings, UnservedProfileSettings } from './settings.ts';
import { type SessionSource, sessionView, wasAsked } from './status.ts';
import { type EpochMs, epoch, type MonoMs, mono } from './types.ts';
import { wallOf, wireTime } from './wire-time.ts';

export interface Explainable {
  readonly settings: ServedProfileSettings;
  readonly state: LeaseState;
  readonly env: LeaseEnv;
  readonly parent: Pick<LeaseParent, 'gate' | 'shown'>;
}

export function explain({ settings, state, env, parent }: Explainable): ExplainView {
  return {
    version: 1,
    profile: settings.name,
    state: freshnessOfLease(state, env.now),
    asked: wasAsked(state),
    held: heldView(state, env),
    caller: callerView({ settings, state, env, parent }),
    next: nextView(state, env),
    gate: gateView(state, env, parent),
    last: attemptView(state.lastAttempt),
    lastError: state.lastFailure?.message ?? null,
    lastErrorCode: state.lastFailure?.code ?? null,
    credit: creditable(env) ? (state.credit > 0 ? 'left' : 'spent') : 'never',
    session: explainedSession(parent.shown()),
  };
}

/** Which application a profile is of is known before upstream is asked, and upstream is asked all the same. */
function callerView({ settings, state, env, parent }: Explainable): CallerView {
  const shown = parent.shown();
  const caller = rehearse({ lease: { state, env }, session: shown && { state: shown.state, env: shown.env() } });
  const kind = settings.kind === 'britive' ? (settings.offer?.kind ?? 'aws') : 'aws';
  if (kind === 'aws' || caller.answer !== 'waits') return caller;
  const message = `Profile "${settings.name}" has no AWS credentials, which are all that programs get`;
  return { answer: 'refused', code: 'AccessDenied', message };
}

/** A profile that stands in the files and cannot be served. */
export function explainUnserved({ name, problem }: UnservedProfileSettings): ExplainView {
  return {
    version: 1,
    profile: name,
    state: 'unserved',
    asked: false,
    held: null,
    caller: { answer: 'refused', code: 'ConfigInvalid', message: problem },
    next: { what: 'configuration', at: null },
    gate: null,
    last: null,
    lastError: problem,
    lastErrorCode: 'ConfigInvalid',
    credit: 'never',
    session: null,
  };
}

function heldView({ held, generation }: LeaseState, env: LeaseEnv): HeldView | null {
  if (!held) return null;
  const { issuedAt, expiresAt, renewAt, shortAt, spentAt } = held.schedule;
  const lead = (draw: number): number => Math.round(leadMs(expiresAt - issuedAt, draw, env.numbers));
  return {
    generation,
    issuedAt: wireTime(issuedAt),
    expiresAt: wireTime(expiresAt),
    renewsAt: wireTime(renewAt),
    shortAt: wireTime(shortAt),
    spentAt: wireTime(spentAt),
    lead: { ms: Math.round(expiresAt - renewAt), minMs: lead(0), maxMs: lead(1), draw: env.draw(generation) },
  };
}

function nextView(state: LeaseState, env: LeaseEnv): NextView {
  const { flight, waiters } = state;
  if (flight?.stage === 'call') return { what: 'fetching', at: wireTime(wallOf(flight.deadline, env)) };
  if (flight?.stage === 'release') return { what: 'checking-in', at: wireTime(wallOf(flight.deadline, env)) };
  if (flight) return { what: 'session', at: null };
  const gate = opening(state, env);
  const opensAt = gate ? wallOf(gate.until, env) : env.now;
  if (waiters.length > 0) return { what: 'renewal', at: wireTime(opensAt) };
  const dueAt = renewsUnasked(state, env);
  if (needsPerson(env)) return { what: 'sign-in', at: dueAt === null || dueAt <= env.now ? null : wireTime(dueAt) };
  if (dueAt === null) return { what: 'request', at: opensAt > env.now ? wireTime(opensAt) : null };
  return { what: 'renewal', at: wireTime(epoch(Math.max(dueAt, opensAt, env.now))) };
}

/** When the heartbeat would renew it, gates aside; null when it would not. */
function renewsUnasked({ held, credit }: LeaseState, env: LeaseEnv): EpochMs | null {
  const may = credit > 0 && creditable(env);
  return may && held && env.now < held.schedule.spentAt ? held.schedule.renewAt : null;
}

const creditable = ({ prefetch, renewal }: LeaseEnv): boolean => prefetch && renewal !== 'exclusive';

const needsPerson = ({ access }: LeaseEnv): boolean =>
  access.type === 'refused' && access.retryAt === null && access.failure.code === 'LoginRequired';

interface Gate extends Pick<GateView, 'whose' | 'why'> {
  readonly until: MonoMs;
}

/** The gate that opens last, null when all are open. */
function opening(state: LeaseState, env: LeaseEnv): Gate | null {
  const { held, gateAt, gatedBySession, behindAt, lastFailure, waiters } = state;
  const { access } = env;
  const gates: Gate[] = [
    { whose: gatedBySession ? 'session' : 'profile', until: gateAt, why: lastFailure?.message ?? null },
  ];
  const dueAt = renewsUnasked(state, env);
  if (behindAt !== null && dueAt !== null && dueAt <= env.now)
    gates.push({ whose: 'turn', until: behindAt, why: null });
  if (env.renewal === 'exclusive' && held) {
    const left = held.schedule.expiresAt - env.now;
    gates.push({ whose: 'checkout', until: mono(env.mono + left + afterEndMs), why: null });
  }
  if (access.type === 'refused' && access.retryAt !== null) {
    gates.push({ whose: 'session', until: access.retryAt, why: access.failure.message });
  }
  const closed = env.closed(waiters.length > 0 ? 'program' : 'behind');
  if (closed?.failure) gates.push({ whose: 'upstream', until: closed.until, why: closed.failure.message });
  // Of two that open together the later one: the lease may keep a copy of the session's or the upstream's.
  return gates
    .filter(({ until }) => until > env.mono)
    .reduce<Gate | null>((last, gate) => (last && last.until > gate.until ? last : gate), null);
}

function gateView(state: LeaseState, env: LeaseEnv, parent: Explainable['parent']): GateView | null {
  const last = opening(state, env);
  if (!last) return null;
  const failed = {
    profile: Math.max(state.failures, state.denials),
    session: parent.shown()?.state.failures ?? 0,
    upstream: parent.gate.view().failures,
    turn: 0,
    checkout: 0,
  };
  return { ...last, until: wireTime(wallOf(last.until, env)), failures: failed[last.whose] };
}

function explainedSession(source: SessionSource | null): ExplainedSession | null {
  if (!source) return null;
  const { lastAttempt, gateAt } = source.state;
  const env = source.env();
  return {
    ...sessionView(source),
    last: attemptView(lastAttempt),
    retryAt: gateAt > env.mono ? wireTime(wallOf(gateAt, env)) : null,
  };
}

const attemptView = (attempt: Attempt | null): AttemptView | null =>
  attempt && { ...attempt, at: wireTime(attempt.at) };
