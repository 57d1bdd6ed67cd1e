/** Tells the person in time, and not too often, that a sign-in is needed. */
import { loginCommand, loginRequired } from './session-access.ts';
import { remember, renewable, type SessionTurn, usable } from './session-state.ts';
import type { SessionRecord } from './types.ts';

/** Before a session that cannot be refreshed ends: once at each of the configured moments, also across restarts. */
export function remindOfEnd(turn: SessionTurn): void {
  const { state, env } = turn;
  const { record, memo } = state;
  if (record === null || !usable(state, env.now)) return;
  if (renewable(state, env.now) && memo.endsAt === null) return;
  const moments = env.numbers.login.remindBeforeMs.map((ms) => record.expiresAt - ms);
  const passed = moments.filter((at) => env.now >= at);
  if (passed.some((at) => memo.remindedAt === null || memo.remindedAt < at)) tellOfEnd(turn, record);
}

/** As soon as it is known that this session ends without a sign-in; once, however often that is found out. */
export function announceEnd(turn: SessionTurn): void {
  const { record, memo } = turn.state;
  if (record === null) return;
  const first = record.expiresAt - Math.max(0, ...turn.env.numbers.login.remindBeforeMs);
  if (memo.remindedAt === null || memo.remindedAt < first) tellOfEnd(turn, record);
}

function tellOfEnd(turn: SessionTurn, record: SessionRecord): void {
  const { state, env } = turn;
  remember(turn, { remindedAt: env.now });
  const minutes = Math.max(1, Math.round((record.expiresAt - env.now) / 60_000));
  const message = `Session "${env.name}" ends in ${minutes} min. Run: ${loginCommand(state, env.name)}`;
  turn.emit({ type: 'notify', kind: 'session-ending', message });
}

/** Programs need a sign-in that does not open by itself. */
export function remindOfNeed(turn: SessionTurn): void {
  const { state, env } = turn;
  const { remindedAt, history } = state.memo;
  if (history.signedOut || state.login) return;
  const endedAt = state.record?.expiresAt ?? null;
  const beforeEnd = remindedAt !== null && endedAt !== null && remindedAt < endedAt && env.now >= endedAt;
  const again = remindedAt === null || beforeEnd || env.now - remindedAt >= env.numbers.login.remindEveryMs;
  if (!again) return;
  remember(turn, { remindedAt: env.now });
  turn.emit({ type: 'notify', kind: 'sign-in-needed', message: loginRequired(state, env.name).message });
}
