/** The refresh transaction: read the store, send the refresh token, and believe a refusal only after a second look. */
import { attemptOf } from './attempt.ts';
import { failureOf } from './failure.ts';
import { signOut } from './session-end.ts';
import { openOnDemand } from './session-login.ts';
import { beginPersist, beginRead, install, loginSucceeded, postpone } from './session-record.ts';
import { announceEnd, remindOfNeed } from './session-reminders.ts';
import {
  depart,
  lives,
  refreshAt,
  remember,
  renewable,
  type SessionFlight,
  type SessionTurn,
  tokenMark,
  unsaved,
  usable,
} from './session-state.ts';
import { mono, type RefreshedTokens, type SessionRecord, type StoredSession, type Verdict } from './types.ts';

type Reading = Extract<SessionFlight, { step: 'read' }>;
type Pausing = Extract<SessionFlight, { step: 'pause' }>;

/** After an answer was lost, the same token again while the server may still allow it (most give a leeway of 10 to 30 s). */
const ambiguousPausesMs = [1_000, 3_000, 8_000];
/** No server is known to allow a used refresh token for longer. */
const leewayMs = 30_000;
/** After a refusal, another tool may be just about to store what it got for the same token. */
const rejectedPausesMs = [250, 750, 2_000];

export function stored(turn: SessionTurn, flight: Reading, found: StoredSession): void {
  if (found.type === 'found') {
    const { record } = found;
    const leftover = isLeftover(turn, record);
    // A sign-out that could not be finished is not undone by what it left behind.
    if (leftover && !unsaved(turn.state)) return finishSignOut(turn, flight, record);
    // What has ended is nobody's sign-in, and ends no sign-out.
    if (turn.state.memo.history.signedOut && !lives(record, turn.env.now)) return turn.set({ flight: null });
    if (!leftover && takesOver(turn, record)) return adopt(turn, flight, record);
  }
  // What could not be stored is not missed there.
  if (found.type === 'gone' && !unsaved(turn.state)) return gone(turn, flight);
  if (found.type === 'unreadable' && !turn.state.record) {
    const message = `The stored tokens of "${turn.env.name}" cannot be read now: ${found.detail}`;
    return postpone(turn, { code: 'KeychainUnavailable', message }, 0);
  }
  // A store that changes ends no pause: who asks while it is read is told why, and comes back.
  if (flight.why === 'load' && !isAwaited(turn)) return turn.set({ flight: null, foreground: false });
  if (flight.why !== 'rejected') return send(turn, flight);
  const pause = rejectedPausesMs[flight.tries];
  if (pause === undefined) return refusalBelieved(turn);
  wait(turn, { why: 'rejected', tries: flight.tries + 1 }, pause);
}

const isAwaited = ({ state, env }: SessionTurn): boolean =>
  state.foreground && !state.login && !usable(state, env.now) && env.mono >= state.gateAt;

const isLeftover = ({ state, env }: SessionTurn, record: SessionRecord): boolean =>
  state.memo.forgotten !== null && state.memo.forgotten === tokenMark(record, env);

function finishSignOut(turn: SessionTurn, flight: Reading, record: SessionRecord): void {
  turn.emit({ type: 'forget', record, revoke: false });
  gone(turn, flight);
}

/** Another tool has stored something since: neither what we hold nor what stood there while ours could not be stored. */
function takesOver({ state: { record, stored } }: SessionTurn, found: SessionRecord): boolean {
  if (!record) return true;
  const differs = (known: SessionRecord): boolean =>
    found.accessToken !== known.accessToken || found.refreshToken !== known.refreshToken;
  // What the store is known to hold is no news.
  if (stored !== null && !differs(stored)) return false;
  return found.expiresAt > record.expiresAt || (stored !== null && differs(record));
}

function adopt(turn: SessionTurn, flight: Reading, record: SessionRecord): void {
  const { foreground } = turn.state;
  install(turn, record, null);
  // Whoever signed in or refreshed elsewhere uses this session, and wants it kept alive.
  turn.set({ stored: record, foreground, demandedAt: turn.env.now });
  const live = usable(turn.state, turn.env.now);
  // A sign-in elsewhere answers our open window, and ends a logout.
  if (live && (turn.state.login || turn.state.memo.history.signedOut)) {
    if (turn.state.login) turn.emit({ type: 'abort', id: turn.state.login.id });
    loginSucceeded(turn);
  }
  const due = refreshAt(turn.state, turn.env);
  const asked = !turn.state.login && !turn.state.memo.history.signedOut;
  const isDue = flight.why !== 'load' && due !== null && turn.env.now >= due;
  if (asked && (!live || isDue || answerMayBeLost(turn))) return send(turn, flight);
  turn.set({ foreground: false });
}

/** A crash came between a refresh and its answer: the server may still take the same token for a few seconds. */
function answerMayBeLost({ state: { memo, record }, env }: SessionTurn): boolean {
  if (memo.intent === null || !record?.refreshToken) return false;
  // The clock of the process that wrote it may have been ahead of ours.
  return env.now - memo.intent.at < leewayMs && memo.intent.fingerprint === env.fingerprint(record.refreshToken);
}

function gone(turn: SessionTurn, { why }: Reading): void {
  const { record, foreground } = turn.state;
  // Tokens that were there and are not: the user logged out with another tool.
  if (record) return signOut(turn, false);
  turn.set({ flight: null, lastFailure: null });
  if (foreground) return openOnDemand(turn);
  // At the start nobody has asked for anything yet.
  if (why !== 'load') remindOfNeed(turn);
}

function send(turn: SessionTurn, { why }: Reading): void {
  const { record } = turn.state;
  if (!record?.refreshToken || !renewable(turn.state, turn.env.now)) {
    turn.set({ flight: null });
    if (usable(turn.state, turn.env.now)) return turn.set({ foreground: false });
    if (turn.state.foreground) return openOnDemand(turn);
    return why === 'load' ? undefined : remindOfNeed(turn);
  }
  const deadline = mono(turn.env.mono + turn.env.numbers.refreshTimeoutMs);
  // Written down first: a crash before the answer is stored must find what was sent.
  remember(turn, { intent: { fingerprint: turn.env.fingerprint(record.refreshToken), at: turn.env.now } });
  turn.emit({ type: 'refresh', id: depart(turn, { step: 'refresh', deadline }), record });
}

export function refreshed(turn: SessionTurn, verdict: Verdict<RefreshedTokens>): void {
  turn.set({ lastAttempt: attemptOf(turn.env.now, 'refresh', verdict) });
  // Only what had no answer may have rotated the token unseen. The one that did is forgotten with its token.
  const silent = verdict.type === 'ambiguous' || (verdict.type === 'transient' && turn.state.lostAnswers > 0);
  if (!silent && verdict.type !== 'ok') remember(turn, { intent: null });
  switch (verdict.type) {
    case 'ok':
      return beginPersist(turn, verdict.value, 'refresh');
    case 'rejected':
    case 'unauthorized':
      return beginRead(turn, 'rejected', 0);
    case 'ambiguous': {
      const { lostAnswers } = turn.state;
      turn.set({ lostAnswers: lostAnswers + 1 });
      const pause = ambiguousPausesMs[lostAnswers];
      if (pause !== undefined) return wait(turn, { why: 'refresh', tries: 0 }, pause);
      return failed(turn, verdict, 0);
    }
    case 'transient':
      return failed(turn, verdict, verdict.retryAfterMs ?? 0);
    case 'denied':
    case 'not-yet':
      return failed(turn, verdict, turn.env.numbers.retry.capMs);
  }
}

function failed(turn: SessionTurn, verdict: Exclude<Verdict<never>, { type: 'ok' }>, retryAfterMs: number): void {
  const { message } = failureOf(turn.env.who, verdict);
  postpone(turn, { code: 'UpstreamUnavailable', message }, retryAfterMs);
}

function wait(turn: SessionTurn, then: { why: 'refresh' | 'rejected'; tries: number }, ms: number): void {
  depart(turn, { step: 'pause', ...then, until: mono(turn.env.mono + ms) });
}

export function pausePassed(turn: SessionTurn, { why, tries }: Pausing): void {
  beginRead(turn, why, tries);
}

/** The access token is kept while it lives; only a caller who has nothing leads to a sign-in. */
function refusalBelieved(turn: SessionTurn): void {
  const { env, state } = turn;
  const { refreshToken } = state.record ?? {};
  turn.set({ flight: null, refreshRejected: true, lastFailure: null });
  if (refreshToken) remember(turn, { rejected: env.fingerprint(refreshToken) });
  if (usable(turn.state, env.now)) {
    turn.set({ foreground: false });
    return announceEnd(turn);
  }
  return state.foreground ? openOnDemand(turn) : remindOfNeed(turn);
}
