/** What a step of the Session machine may do to tokens, and what a logout leaves. */
import type { SessionEffect, SessionEvent } from '../../../src/core/session-events.ts';
import { type SessionEnv, type SessionState, usable } from '../../../src/core/session-state.ts';
import type { Step } from '../../../src/core/turn.ts';
import { seconds } from '../../support/fake-clock.ts';
import { must } from './checks.ts';

export type Before = readonly [SessionState, SessionEvent, SessionEnv];
export type After = Step<SessionState, SessionEffect>;

const stepOf = { stored: 'read', refreshed: 'refresh', persisted: 'persist', probed: 'probe', looked: 'look' } as const;

export function isLate({ flight, login }: SessionState, event: SessionEvent): boolean {
  if (event.type === 'login-ended') return login?.id !== event.id;
  return 'id' in event && (flight?.id !== event.id || flight.step !== stepOf[event.type]);
}

/** Tokens are stored before they are used, live as long as the server lets them, and end by its word alone. */
export function checkTokens([before, event, env]: Before, { state, effects }: After): void {
  must(state.generation >= before.generation && state.calls >= before.calls, 'numbers never go backwards');
  const changed = state.record !== before.record;
  must(!changed || state.generation > before.generation, 'another token is another generation');
  const durable = event.type === 'persisted' || event.type === 'stored' || state.record === null;
  must(!changed || durable, 'new tokens are used once they are stored');
  const silent =
    event.type === 'refreshed' && (event.verdict.type === 'transient' || event.verdict.type === 'ambiguous');
  if (silent) {
    const same = state.dead === before.dead && state.refreshRejected === before.refreshRejected;
    must(same && state.record === before.record, 'no answer proves nothing about a session');
    must(
      effects.every(({ type }) => type !== 'login' && type !== 'drop'),
      'no answer asks for no sign-in',
    );
    must(state.lastFailure?.code !== 'LoginRequired', 'no answer asks nobody to sign in');
  }
  const refusal = event.type === 'refreshed' && !silent && event.verdict.type !== 'ok';
  if (refusal && usable(before, env.now))
    must(usable(state, env.now), 'a refused refresh token leaves a live token alone');
  const revived = before.refreshRejected && !state.refreshRejected && state.record === before.record;
  must(!revived || state.record === null, 'a refused refresh token stays refused');
  const text = JSON.stringify([
    state.lastFailure,
    effects.filter(({ type }) => type === 'notify' || type === 'login-result'),
  ]);
  must(!/(access|refresh)-\d/.test(text), 'no token stands in a message');
}

/** Nothing is left after a logout, and only the user or another tool's sign-in ends it. */
export function checkLogout([before, event]: Before, { state, effects }: After): void {
  if (event.type === 'logout') {
    const empty = state.record === null && state.login === null && state.memo.intent === null;
    must(empty && (state.flight === null || state.flight.step === 'read'), 'a logout leaves nothing');
    must(
      state.memo.history.signedOut && effects.some(({ type }) => type === 'drop'),
      'a logout is remembered and told',
    );
  }
  if (!before.memo.history.signedOut || event.type === 'login-asked') return;
  const calls = effects.some(({ type }) => type === 'refresh' || type === 'login' || type === 'probe');
  must(!calls || !state.memo.history.signedOut, 'a session that is signed out asks for nothing');
  const signedIn = event.type === 'login-ended' && event.outcome.type === 'ok';
  const back = event.type === 'stored' || event.type === 'persisted' || signedIn;
  must(state.memo.history.signedOut || back, 'only tokens end a logout');
}

/** Whoever asks has a window of their own afterwards, and never a second one beside what they would see anyway. */
export function checkJoining([before, event, env]: Before, { state, effects }: After): void {
  const { login } = state;
  must(login?.byUser === true, 'whoever asks has a sign-in that is theirs');
  const age = env.now - (before.login?.openedAt ?? 0);
  const stands = before.login !== null && (before.login.byUser || (age >= 0 && age < seconds(30)));
  const joins = event.type === 'login-asked' && event.fits && stands;
  const opens = effects.some(({ type }) => type === 'login');
  must(opens !== joins, 'a window is opened for who asks, unless one like it stands before them');
  must(!joins || login?.id === before.login?.id, 'whoever joins a sign-in leaves it as it is');
  must(!joins || effects.every(({ type }) => type !== 'abort'), 'whoever joins a sign-in ends nothing');
}
