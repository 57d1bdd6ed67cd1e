/** What a session offers its leases, and when it wants to be woken. */
import { type Failure, failure } from './failure.ts';
import type { SessionAccess } from './lease-state.ts';
import { isByToken, renewable, type SessionState, usable } from './session-state.ts';
import { type EpochMs, type MonoMs, mono } from './types.ts';

export function accessOf(state: SessionState, env: { readonly now: EpochMs; readonly name: string }): SessionAccess {
  const judging = state.flight?.step === 'probe' && state.flight.why === 'unauthorized';
  if (usable(state, env.now) && !judging) return { type: 'ready', generation: state.generation };
  if (state.login) {
    const where = failure(
      'LoginPending',
      `Sign-in to "${env.name}" is waiting for you. Run: credbroker login ${env.name}`,
    );
    return { type: 'pending', failure: where };
  }
  const inMotion = failure('Renewing', `Session "${env.name}" is being refreshed; ask again`);
  if (state.flight) return { type: 'pending', failure: inMotion };
  if (state.memo.history.signedOut) return { type: 'refused', failure: loginRequired(state, env.name), retryAt: null };
  // While the server has not spoken, or the store cannot be read, nobody is asked to sign in.
  if (state.lastFailure) return { type: 'refused', failure: state.lastFailure, retryAt: state.gateAt };
  const why = renewable(state, env.now) ? inMotion : loginRequired(state, env.name);
  return { type: 'refused', failure: why, retryAt: null };
}

/** A token with so much life left may come at any moment. After a first try that failed it is not waited for. */
export function mayLast(
  { record, flight }: SessionState,
  { now, leftMs }: { readonly now: EpochMs; readonly leftMs: number },
): boolean {
  if (record === null || flight === null || record.expiresAt - now >= leftMs) return false;
  return flight.step === 'refresh' || flight.step === 'persist' || (flight.step === 'read' && flight.why === 'refresh');
}

export function loginRequired(state: SessionState, name: string): Failure {
  const { record, memo } = state;
  const why = memo.history.signedOut
    ? `Signed out of "${name}"`
    : record
      ? howItEnded(state, name)
      : `Not signed in to "${name}"`;
  return failure('LoginRequired', `${why}. Run: ${loginCommand(state, name)}`);
}

/** Only the words of upstream tell a token that was revoked from one that ran out. */
const howItEnded = (state: SessionState, name: string): string =>
  isByToken(state) && state.dead !== null
    ? `Session "${name}" has ended: ${state.dead}`
    : `Session "${name}" has expired`;

/** Whoever signed in with a token has no window to sign in with. */
export const loginCommand = (state: Pick<SessionState, 'record'>, name: string): string =>
  `credbroker login ${name}${isByToken(state) ? ' --token' : ''}`;

export function sessionAlarm({ flight, login, foreground, gateAt }: SessionState): MonoMs | null {
  const times: number[] = [];
  if (flight && 'deadline' in flight) times.push(flight.deadline);
  if (flight?.step === 'pause') times.push(flight.until);
  if (login) times.push(login.deadline);
  if (!flight && !login && foreground) times.push(gateAt);
  return times.length === 0 ? null : mono(Math.min(...times));
}

/** Whether leases would do the same with both. */
export const sameAccess = (one: SessionAccess, other: SessionAccess): boolean =>
  one.type === other.type &&
  (one.type !== 'ready' || other.type !== 'ready' || one.generation === other.generation) &&
  (one.type !== 'refused' || other.type !== 'refused' || one.failure.message === other.failure.message);
