/**
 * What a program would get that asked now. The machines are asked themselves, since they are pure: they are told of a
 * request, and what they would do about it is only looked at.
 */
import type { CallerView } from './explain-view.ts';
import { stepLease } from './lease.ts';
import type { LeaseEffect } from './lease-events.ts';
import type { LeaseEnv, LeaseState } from './lease-state.ts';
import { stepSession } from './session.ts';
import { accessOf } from './session-access.ts';
import type { SessionEvent } from './session-events.ts';
import type { SessionEnv, SessionState } from './session-state.ts';
import type { Step } from './turn.ts';

interface Stage {
  readonly lease: { readonly state: LeaseState; readonly env: LeaseEnv };
  /** Null where the profile needs none. */
  readonly session: { readonly state: SessionState; readonly env: SessionEnv } | null;
}

/** Real callers are counted from 1. */
const waiter = 0;

export function rehearse({ lease, session }: Stage): CallerView {
  const holdMs = lease.env.numbers.hold.defaultMs;
  const asked = stepLease(lease.state, { type: 'get', waiter, holdMs, person: false }, lease.env);
  const wantsToken = asked.effects.some((effect) => effect.type === 'demand' && effect.foreground);
  if (!wantsToken || !session) return answerOf(asked, session?.state ?? null);
  const state = afterDemand(session.state, session.env);
  const access = accessOf(state, session.env);
  const told = stepLease(asked.state, { type: 'session' }, { ...lease.env, access });
  return answerOf({ state: told.state, effects: [...asked.effects, ...told.effects] }, state);
}

/** How far a session gets with a waiting caller on what is known here. */
function afterDemand(before: SessionState, env: SessionEnv): SessionState {
  let { state } = stepSession(before, { type: 'demand', foreground: true }, env);
  for (let event = knownAnswer(state); event; event = knownAnswer(state)) {
    ({ state } = stepSession(state, event, env));
  }
  return state;
}

/** Null where upstream or a person would have to be asked, or time to pass. */
function knownAnswer({ flight, record, presence }: SessionState): SessionEvent | null {
  if (flight?.step === 'read') {
    return { type: 'stored', id: flight.id, stored: record ? { type: 'found', record } : { type: 'gone' } };
  }
  return flight?.step === 'look' ? { type: 'looked', id: flight.id, presence: presence?.value ?? 'unknown' } : null;
}

function answerOf({ state, effects }: Step<LeaseState, LeaseEffect>, session: SessionState | null): CallerView {
  for (const effect of effects) {
    if (effect.type === 'serve' && effect.waiter === waiter) return { answer: 'served' };
    if (effect.type === 'fail' && effect.waiter === waiter) return { answer: 'refused', ...effect.failure };
  }
  return { answer: 'waits', for: awaited(state, session) };
}

function awaited(
  { flight }: LeaseState,
  session: SessionState | null,
): Extract<CallerView, { answer: 'waits' }>['for'] {
  if (!flight) return 'pause';
  if (flight.stage === 'call') return 'upstream';
  if (flight.stage === 'release') return 'check-in';
  if (session?.login) return 'sign-in';
  return session?.flight?.step === 'probe' ? 'probe' : 'refresh';
}
