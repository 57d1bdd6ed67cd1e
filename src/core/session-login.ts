/** When a person is asked, and what their answer means. */
import { attemptOf } from './attempt.ts';
import { type Failure, failure, failureOf, reasonOf } from './failure.ts';
import { afterDecline, afterOpening, type LoginHistory, noHistory, whyNot } from './login-policy.ts';
import { beginPersist, beginRead, postpone } from './session-record.ts';
import { remindOfNeed } from './session-reminders.ts';
import {
  depart,
  isByToken,
  isRecent,
  type OpenLogin,
  remember,
  renewable,
  type SessionEnv,
  type SessionFlight,
  type SessionTurn,
  usable,
} from './session-state.ts';
import { type LoginOutcome, type MonoMs, mono, type Presence, type Verdict } from './types.ts';

/** A refusal is evidence for a window only while it is recent. */
const evidenceMs = 60_000;
/** Somebody who asked for a sign-in is given longer than one who did not. */
const userDeadlineMs = 15 * 60_000;
/** A token that came from a refresh moments ago and is refused will not get better by another refresh. */
const justRefreshedMs = 60_000;
/** Whoever was there a moment ago still is. */
const glanceMs = 30_000;
const lookTimeoutMs = 2_000;
/** So long after it opened by itself, a window still stands before the person. */
const youngMs = 30_000;

/** A caller has nothing and no refresh can help. A window opens only if the server has refused, not on a guess of ours. */
export function openOnDemand(turn: SessionTurn): void {
  const { state, env } = turn;
  if (state.login) return;
  // Somebody may just have signed in with another tool.
  if (state.storeChanged) return beginRead(turn, 'refresh', 0);
  turn.set({ lastFailure: null });
  if (isByToken(state)) return suppress(turn);
  if (env.loginMode === 'manual' || whyNot(state.memo.history, env.now, env.numbers.login) !== null) {
    return suppress(turn);
  }
  if (!isRecent(state.presence?.at ?? null, env.now, glanceMs)) return look(turn);
  if (state.presence?.value === 'away') return suppress(turn);
  if (isRecent(state.refusedAt, env.now, evidenceMs)) return openLogin(turn, false);
  const deadline = mono(env.mono + env.numbers.refreshTimeoutMs);
  const id = depart(turn, { step: 'probe', why: 'confirm', deadline });
  turn.emit({ type: 'probe', id, record: state.record });
}

/** A window would not be seen, or not be welcome: whoever waits is told what to run, and so is the person. */
function suppress(turn: SessionTurn): void {
  turn.set({ foreground: false });
  remindOfNeed(turn);
}

function look(turn: SessionTurn): void {
  const deadline = mono(turn.env.mono + lookTimeoutMs);
  turn.emit({ type: 'look', id: depart(turn, { step: 'look', deadline }) });
}

export function looked(turn: SessionTurn, value: Presence): void {
  turn.set({ flight: null, presence: { at: turn.env.now, value } });
  return turn.state.foreground ? openOnDemand(turn) : undefined;
}

/** The person joins what is open, unless a window that opened by itself has stood so long that they may have closed it. */
export function askForLogin(turn: SessionTurn, fits: boolean): void {
  const { login } = turn.state;
  if (login && fits && login.byUser) return;
  if (login && fits && isRecent(login.openedAt, turn.env.now, youngMs)) return takeOver(turn, login);
  if (login) turn.emit({ type: 'abort', id: login.id });
  openLogin(turn, true);
}

/** A window that opened by itself for what the person is doing right now: two pages would be one too many. */
function takeOver(turn: SessionTurn, login: OpenLogin): void {
  remember(turn, { history: historyWith(turn, true) });
  turn.set({ login: { ...login, byUser: true, deadline: deadlineOf(turn, true) } });
}

function openLogin(turn: SessionTurn, byUser: boolean): void {
  endInquiry(turn);
  const id = turn.state.calls + 1;
  remember(turn, { history: historyWith(turn, byUser) });
  turn.set({ calls: id, login: { id, byUser, openedAt: turn.env.now, deadline: deadlineOf(turn, byUser) } });
  turn.emit({ type: 'login', id, byUser });
}

/** Whoever gives up a sign-in of their own does not want the next program to open another; and a sign-out ends with success. */
function historyWith({ state, env }: SessionTurn, byUser: boolean): LoginHistory {
  const { history: past } = state.memo;
  const fresh = { ...noHistory, signedOut: past.signedOut };
  return afterOpening(byUser ? fresh : past, env.now, env.numbers.login);
}

const deadlineOf = ({ env }: SessionTurn, byUser: boolean): MonoMs =>
  mono(env.mono + (byUser ? userDeadlineMs : env.numbers.loginTimeoutMs));

/** Looking and asking are over with a sign-in. A refresh goes on, its second looks too: should the person give up, it counts. */
function endInquiry(turn: SessionTurn): void {
  const { flight, generation } = turn.state;
  const idle = flight?.step === 'read' && flight.why === 'load';
  if (!flight || (flight.step !== 'probe' && flight.step !== 'look' && !idle)) return;
  turn.emit({ type: 'abort', id: flight.id });
  turn.set({ flight: null });
  if (flight.step === 'probe') turn.emit({ type: 'judged', generation, good: false });
}

export function loginEnded(turn: SessionTurn, outcome: LoginOutcome): void {
  const { state, env } = turn;
  if (!state.login) return;
  if (outcome.type === 'ok') {
    if (state.flight) turn.emit({ type: 'abort', id: state.flight.id });
    // From here on a crash must find somebody signed in.
    remember(turn, { history: { ...state.memo.history, signedOut: false } });
    return beginPersist(turn, outcome, 'login');
  }
  if (outcome.type === 'declined') {
    remember(turn, { history: afterDecline(state.memo.history, env.now, env.numbers.login) });
  }
  turn.emit({ type: 'login-result', id: state.login.id, failure: refusalOf(env, outcome) });
  // A sign-in that began before the store was read has kept it from being read.
  const storeChanged = state.storeChanged || state.record === null;
  turn.set({ login: null, foreground: false, storeChanged });
}

function refusalOf(env: SessionEnv, outcome: Exclude<LoginOutcome, { type: 'ok' }>): Failure {
  const { name } = env;
  const again = `Run: credbroker login ${name}`;
  switch (outcome.type) {
    case 'declined':
      return failure('LoginDeclined', `Sign-in to "${name}" was declined. ${again}`);
    case 'unanswered':
      return failure('LoginRequired', `Sign-in to "${name}" was not finished: ${outcome.detail}. ${again}`);
    case 'failed':
      return failedSignIn(env, outcome.verdict);
  }
}

function failedSignIn({ name, who }: SessionEnv, verdict: Exclude<Verdict<never>, { type: 'ok' }>): Failure {
  const { code } = failureOf(who, verdict);
  if (verdict.type === 'denied') return failure(code, `Sign-in to "${name}" failed: ${verdict.detail}`);
  return failure(code, `Sign-in to "${name}" failed: ${reasonOf(who, verdict)}. Run: credbroker login ${name}`);
}

/** The answer to a probe. */
export function confirmed(
  turn: SessionTurn,
  why: Extract<SessionFlight, { step: 'probe' }>['why'],
  verdict: Verdict<void>,
): void {
  const refused = verdict.type === 'unauthorized' || verdict.type === 'rejected';
  const lastAttempt = attemptOf(turn.env.now, 'probe', verdict);
  turn.set({ flight: null, lastAttempt, ...(refused ? { refusedAt: turn.env.now, dead: verdict.detail } : {}) });
  return why === 'confirm' ? confirmedNeed(turn, verdict, refused) : judgedToken(turn, verdict, refused);
}

function confirmedNeed(turn: SessionTurn, verdict: Verdict<void>, refused: boolean): void {
  if (refused) return openOnDemand(turn);
  // Accepted although our clock says expired: the clock has been set right by the answer, the next demand will see.
  if (verdict.type === 'ok' || verdict.type === 'denied') {
    const gateAt = mono(turn.env.mono + confirmPauseMs(turn));
    turn.set({ foreground: false, acceptedAt: turn.env.now });
    if (usable(turn.state, turn.env.now)) return;
    const message = `Session "${turn.env.name}" is good upstream, and our clock says it has ended; ask again`;
    return turn.set({ gateAt, lastFailure: failure('UpstreamUnavailable', message) });
  }
  const { message } = failureOf(turn.env.who, verdict);
  postpone(turn, { code: 'UpstreamUnavailable', message }, confirmPauseMs(turn));
}

const confirmPauseMs = ({ env }: SessionTurn): number => 5_000 + 10_000 * env.random;

function judgedToken(turn: SessionTurn, verdict: Verdict<void>, refused: boolean): void {
  const { state, env } = turn;
  if (!refused) {
    const good = verdict.type === 'ok' || verdict.type === 'denied';
    turn.set({ foreground: false, ...(good ? { acceptedAt: env.now } : {}) });
    return turn.emit({ type: 'judged', generation: state.generation, good });
  }
  const justRefreshed = isRecent(state.refreshedAt, env.now, justRefreshedMs);
  if (renewable(turn.state, env.now) && !justRefreshed) {
    // A refresh that failed just now is tried again at its own pace, and for whoever still waits then.
    return env.mono < state.gateAt ? turn.set({ foreground: false }) : beginRead(turn, 'refresh', 0);
  }
  turn.set({ refreshRejected: true, lastFailure: null });
  if (turn.state.foreground) openOnDemand(turn);
}
