import { failure } from './failure.ts';
import { noMemo } from './session-memo.ts';
import { newSession, type SessionTurn, tokenMark } from './session-state.ts';

/** `byUser` ends it upstream too; otherwise another tool has done so already. */
export function signOut(turn: SessionTurn, byUser: boolean, revoke = false): void {
  const { state, env } = turn;
  if (state.flight) turn.emit({ type: 'abort', id: state.flight.id });
  const gone = failure('LoginRequired', `Signed out of "${env.name}". Run: credbroker login ${env.name}`);
  if (state.login) {
    turn.emit({ type: 'abort', id: state.login.id });
    turn.emit({ type: 'login-result', id: state.login.id, failure: gone });
  }
  const { stored, record, memo } = state;
  // What stands in the store may outlive this, when it cannot be deleted.
  const left = byUser ? (stored ?? (memo.forgotten === null ? record : null)) : null;
  const forgotten = left ? tokenMark(left, env) : memo.forgotten;
  const history = { ...state.memo.history, signedOut: true };
  if (byUser) turn.emit({ type: 'forget', record: state.record, revoke });
  // The numbers go on, or an answer from before could pass for one from after.
  turn.set({
    ...newSession({ ...noMemo, history, forgotten }),
    generation: state.generation + 1,
    calls: state.calls + 1,
  });
  turn.emit({ type: 'drop', failure: gone });
}
