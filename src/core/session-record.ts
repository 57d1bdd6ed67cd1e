/** Reading, storing and taking over tokens. */
import { failure } from './failure.ts';
import { retryMs } from './freshness.ts';
import { afterSuccess } from './login-policy.ts';
import { signOut } from './session-end.ts';
import { announceEnd } from './session-reminders.ts';
import { depart, remember, type SessionFlight, type SessionTurn, unsaved, usableFor } from './session-state.ts';
import { type MonoMs, mono, type RefreshedTokens, type SaveOutcome, type SessionRecord } from './types.ts';

export function beginRead(turn: SessionTurn, why: 'load' | 'refresh' | 'rejected', tries: number): void {
  turn.set({ storeChanged: false });
  turn.emit({ type: 'read', id: depart(turn, { step: 'read', why, tries }) });
}

type Persisting = Extract<SessionFlight, { step: 'persist' }>;

/** Durable before use: a lost rotation is a lost session. A sign-in replaces whatever is stored. */
export function beginPersist(turn: SessionTurn, tokens: RefreshedTokens, from: Persisting['from']): void {
  const id = depart(turn, { step: 'persist', tokens, from });
  turn.emit({ type: 'persist', id, record: tokens.record, replaced: from === 'login' ? null : turn.state.stored });
}

export function persisted(turn: SessionTurn, { tokens, from }: Persisting, outcome: SaveOutcome): void {
  const wasUnsaved = unsaved(turn.state);
  // Tokens that stood there and do not any more: another tool has logged out.
  if (outcome.type === 'gone' && !wasUnsaved) return signOut(turn, false);
  if (outcome.type === 'changed') install(turn, outcome.record, null);
  // Tried again from memory they are as old as they were.
  else if (from === 'memory') turn.set({ flight: null });
  else install(turn, tokens.record, tokens.lifetimeMs);
  if (outcome.type === 'failed' && !wasUnsaved) {
    const message = `The tokens of "${turn.env.name}" could not be stored (${outcome.detail}); they are kept in memory`;
    turn.emit({ type: 'notify', kind: 'not-stored', message });
  }
  if (from === 'refresh') turn.set({ refreshedAt: turn.env.now });
  if (outcome.type !== 'failed') {
    turn.set({ stored: outcome.type === 'gone' ? null : turn.state.record });
    // What a sign-out could not delete has been written over.
    remember(turn, { intent: null, forgotten: null });
  }
  if (from === 'login') loginSucceeded(turn);
}

export function loginSucceeded(turn: SessionTurn): void {
  remember(turn, { history: afterSuccess(turn.env.now), remindedAt: null });
  turn.set({ demandedAt: turn.env.now });
  turn.emit({ type: 'signed-in' });
  if (!turn.state.login) return;
  turn.emit({ type: 'login-result', id: turn.state.login.id, failure: null });
  turn.set({ login: null });
}

/** `lifetimeMs` is null for tokens another tool stored: only their expiry is known. */
export function install(turn: SessionTurn, record: SessionRecord, lifetimeMs: number | null): void {
  const { state, env } = turn;
  const { memo } = state;
  const longestLifeMs = Math.max(state.longestLifeMs, lifetimeMs ?? 0);
  const fingerprint = record.refreshToken === null ? null : env.fingerprint(record.refreshToken);
  const nearEnd = lifetimeMs === null ? memo.endsAt === record.expiresAt : nearsItsEnd(turn, record, lifetimeMs);
  remember(turn, {
    endsAt: nearEnd ? record.expiresAt : null,
    rejected: memo.rejected === fingerprint ? memo.rejected : null,
  });
  turn.set({
    record,
    generation: state.generation + 1,
    lifetimeMs,
    longestLifeMs,
    dead: null,
    refreshRejected: fingerprint !== null && fingerprint === memo.rejected,
    lostAnswers: 0,
    flight: null,
    foreground: false,
    gateAt: mono(0),
    failures: 0,
    acceptedAt: null,
    refusedAt: null,
    lastFailure: null,
  });
  if (nearEnd && memo.endsAt === null) announceEnd(turn);
}

/** Upstream clips a token at the end of the sign-in: lives get shorter while the expiry stands still. */
function nearsItsEnd({ state }: SessionTurn, record: SessionRecord, lifetimeMs: number): boolean {
  if (lifetimeMs < 60_000) return state.longestLifeMs >= 60_000;
  const stands = state.record !== null && record.expiresAt - state.record.expiresAt < 60_000;
  return stands && lifetimeMs < state.longestLifeMs / 2;
}

/** Nothing was proved about the session: it stays as it is and is tried again after the gate. */
export function postpone(
  turn: SessionTurn,
  why: { readonly code: 'UpstreamUnavailable' | 'KeychainUnavailable'; readonly message: string },
  retryAfterMs: number,
): void {
  const { numbers, random, mono: at } = turn.env;
  const failures = turn.state.failures + 1;
  const usableMs = usableFor(turn.state, turn.env.now);
  const own = retryMs(failures, random, numbers, usableMs <= 0);
  // A long pause must not reach beyond the end of the token.
  const soonest = retryMs(failures, random, numbers, true);
  const pause = usableMs > 0 ? Math.min(own, Math.max(usableMs, soonest)) : own;
  const gateAt: MonoMs = mono(at + Math.max(pause, Math.min(retryAfterMs, numbers.retryAfterCapMs)));
  turn.set({ flight: null, foreground: false, failures, gateAt, lastFailure: failure(why.code, why.message) });
}
