/**
 * The Session machine: keeps one sign-in alive without a person for as long as the server lets it.
 * Synchronous and without I/O, like the Lease machine.
 *
 * - A transient or ambiguous failure never asks for a sign-in, however often it repeats.
 * - A refused refresh token does not end an access token that still lives.
 * - New tokens are stored before anybody sees them.
 * - After a logout, nothing that was under way brings the session back.
 */
import { signOut } from './session-end.ts';
import type { SessionEffect, SessionEvent } from './session-events.ts';
import { askForLogin, confirmed, loginEnded, looked, openOnDemand } from './session-login.ts';
import { beginPersist, beginRead, persisted } from './session-record.ts';
import { pausePassed, refreshed, stored } from './session-refresh.ts';
import { remindOfEnd, remindOfNeed } from './session-reminders.ts';
import {
  depart,
  isRecent,
  refreshAt,
  renewable,
  type SessionEnv,
  type SessionState,
  type SessionTurn,
  unsaved,
  usable,
} from './session-state.ts';
import { type Step, Turn } from './turn.ts';
import { mono } from './types.ts';

export function stepSession(
  state: SessionState,
  event: SessionEvent,
  env: SessionEnv,
): Step<SessionState, SessionEffect> {
  const turn: SessionTurn = new Turn(state, env);
  handle(turn, event);
  if (turn.state.storeChanged && !turn.state.flight) beginRead(turn, 'load', 0);
  return turn.end();
}

function handle(turn: SessionTurn, event: SessionEvent): void {
  switch (event.type) {
    case 'start':
    case 'store-changed':
      return turn.set({ storeChanged: true });
    case 'demand':
      return demand(turn, event.foreground);
    case 'wanted':
      return wanted(turn, event.leftMs);
    case 'used':
      return turn.set({ demandedAt: turn.env.now });
    case 'unauthorized':
      return unauthorized(turn, event.generation, event.foreground);
    case 'accepted':
      return event.generation === turn.state.generation ? turn.set({ acceptedAt: turn.env.now }) : undefined;
    case 'login-asked':
      return askForLogin(turn, event.fits);
    case 'login-ended':
      return turn.state.login?.id === event.id ? loginEnded(turn, event.outcome) : undefined;
    case 'login-abandoned':
      return turn.state.login ? loginEnded(turn, { type: 'unanswered', detail: 'it was given up' }) : undefined;
    case 'logout':
      return signOut(turn, true, event.revoke);
    case 'beat':
      return beat(turn);
    case 'alarm':
      return alarm(turn);
    case 'wake':
      return turn.set({ gateAt: mono(0), failures: 0 });
    default:
      return answered(turn, event);
  }
}

type Answer = Extract<SessionEvent, { type: 'stored' | 'refreshed' | 'persisted' | 'probed' | 'looked' }>;

/** An answer counts only for the step that asked for it. */
function answered(turn: SessionTurn, event: Answer): void {
  const { flight } = turn.state;
  if (event.id !== flight?.id) return;
  if (event.type === 'stored' && flight.step === 'read') return stored(turn, flight, event.stored);
  if (event.type === 'refreshed' && flight.step === 'refresh') return refreshed(turn, event.verdict);
  if (event.type === 'persisted' && flight.step === 'persist') {
    return persisted(turn, flight, event.outcome);
  }
  if (event.type === 'probed' && flight.step === 'probe') return confirmed(turn, flight.why, event.verdict);
  if (event.type === 'looked' && flight.step === 'look') return looked(turn, event.presence);
}

function demand(turn: SessionTurn, foreground: boolean): void {
  turn.set({ demandedAt: turn.env.now });
  const { state, env } = turn;
  if (usable(state, env.now)) {
    // Nobody waits for a token that works, unless its judgement is still out.
    const judging = state.flight?.step === 'probe';
    turn.set({ foreground: judging && (foreground || state.foreground) });
    return refreshIfDue(turn);
  }
  if (state.memo.history.signedOut) return;
  const busy = state.flight !== null || state.login !== null;
  // Who comes while nothing may be tried is told so at once, and does not wait for what comes of it later.
  if (!busy && env.mono < state.gateAt) return;
  if (foreground) turn.set({ foreground: true });
  if (busy) return;
  if (state.record === null || renewable(state, env.now)) return beginRead(turn, 'refresh', 0);
  return foreground ? openOnDemand(turn) : remindOfNeed(turn);
}

/** Once in a while: a life that is shorter than what is wanted would be refreshed without end. */
function wanted(turn: SessionTurn, leftMs: number): void {
  demand(turn, true);
  const { state, env } = turn;
  const isShort = usable(state, env.now) && state.record !== null && state.record.expiresAt - env.now < leftMs;
  if (isShort && !isRecent(state.refreshedAt, env.now, env.numbers.minRenewalGapMs)) refreshNow(turn);
}

function refreshIfDue(turn: SessionTurn): void {
  const due = refreshAt(turn.state, turn.env);
  if (due !== null && turn.env.now >= due) refreshNow(turn);
}

function refreshNow(turn: SessionTurn): void {
  const { state, env } = turn;
  if (!renewable(state, env.now)) return;
  // At the end of a sign-in every token ends at the same time; asking for more of them helps nobody.
  if (state.memo.endsAt !== null || state.flight || state.login || env.mono < state.gateAt) return;
  beginRead(turn, 'refresh', 0);
}

/** A refused access token: another one by now, a profile's own matter, or the end of this token. */
function unauthorized(turn: SessionTurn, generation: number, foreground: boolean): void {
  const { state, env } = turn;
  if (generation !== state.generation || !usable(state, env.now)) return demand(turn, foreground);
  if (isRecent(state.acceptedAt, env.now, env.trustMs)) {
    return turn.emit({ type: 'judged', generation, good: true });
  }
  if (state.flight?.step === 'probe' && state.flight.why === 'unauthorized') return demand(turn, foreground);
  // A refresh under way will bring another token; its outcome judges this one.
  if (state.flight || state.login) return turn.emit({ type: 'judged', generation, good: false });
  const deadline = mono(env.mono + env.numbers.refreshTimeoutMs);
  const id = depart(turn, { step: 'probe', why: 'unauthorized', deadline });
  turn.set({ foreground });
  turn.emit({ type: 'probe', id, record: state.record });
}

function beat(turn: SessionTurn): void {
  const { state, env } = turn;
  if (state.record && unsaved(state) && !state.flight) {
    return beginPersist(turn, { record: state.record, lifetimeMs: state.lifetimeMs ?? 0 }, 'memory');
  }
  const wanted = state.demandedAt !== null && env.now - state.demandedAt < env.numbers.keepAliveMs;
  if (!wanted) return;
  if (usable(state, env.now)) {
    remindOfEnd(turn);
    return refreshIfDue(turn);
  }
  const idle = !state.flight && !state.login && !state.memo.history.signedOut && env.mono >= state.gateAt;
  if (idle && renewable(state, env.now)) beginRead(turn, 'refresh', 0);
}

function alarm(turn: SessionTurn): void {
  const { flight, login } = turn.state;
  if (flight?.step === 'pause' && turn.env.mono >= flight.until) return pausePassed(turn, flight);
  if (flight && 'deadline' in flight && turn.env.mono >= flight.deadline) {
    if (flight.step === 'look') return looked(turn, 'unknown');
    turn.emit({ type: 'abort', id: flight.id });
    if (flight.step === 'refresh') return refreshed(turn, { type: 'ambiguous', detail: 'no answer in time' });
    const silence = { type: 'transient', why: 'timeout', detail: 'no answer in time', retryAfterMs: null } as const;
    return confirmed(turn, flight.why, silence);
  }
  if (login && turn.env.mono >= login.deadline) {
    turn.emit({ type: 'abort', id: login.id });
    return loginEnded(turn, { type: 'unanswered', detail: 'nobody finished it in time' });
  }
  if (!flight && turn.state.foreground && turn.env.mono >= turn.state.gateAt) demand(turn, true);
}
