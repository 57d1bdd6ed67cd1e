/** One profile's last decision and its next one, in words. */
import type { AttemptView, ExplainedSession, ExplainView, GateView, LeadView } from '../core/explain-view.ts';
import { markColours } from './sections.ts';
import { circuitText, windowText } from './session-text.ts';
import { nextStep, profileWords, sessionWords, timeLeft } from './status-text.ts';
import { counted, type Paint, wrapped } from './text.ts';
import { duration, elapsed, remaining, wait } from './time.ts';

export interface ExplainStyle {
  readonly now: number;
  readonly paint: Paint;
  /** Of the terminal; a file has no end. */
  readonly width: number;
}

/** A label and its sentences, each on lines of its own. */
type Paragraph = readonly [label: string, sentences: readonly string[]];

const labelWidth = 10;

export function explainText(view: ExplainView, { now, paint, width }: ExplainStyle): string {
  const [mark, words] = profileWords(view);
  const paragraphs = view.state === 'unserved' ? unserved(view, now) : served(view, now);
  const lines = paragraphs.flatMap(([label, sentences]) =>
    sentences
      .flatMap((sentence) => wrapped(sentence, width - labelWidth))
      .map((line, at) => {
        const shown = at === 0 ? label : '';
        return `${paint('bold', shown)}${' '.repeat(labelWidth - shown.length)}${line}`;
      }),
  );
  const head = [
    view.profile,
    words,
    ...(view.held === null ? [] : [`${remaining(view.held.expiresAt, now)} remaining`]),
  ];
  return `${paint(markColours[mark], mark)} ${head.join('  ')}\n\n${lines.join('\n')}\n`;
}

const unserved = (view: ExplainView, now: number): readonly Paragraph[] => [
  ['Problem', view.lastError === null ? [] : [view.lastError]],
  ['Next', [nextText(view, now)]],
];

function served(view: ExplainView, now: number): readonly Paragraph[] {
  const { caller, gate, held, lastError, credit, session } = view;
  // Each reason is given once.
  const told = caller.answer === 'refused' ? caller.message : null;
  const why = gate === null || gate.why === told ? null : gate.why;
  const error = lastError === told || lastError === gate?.why ? null : lastError;
  return [
    ['Callers', [callerText(view)]],
    ['Next', [nextText(view, now)]],
    ['Lead', held === null ? [] : [leadText(held.lead)]],
    ['Gate', [...gateText(view, now), ...(why === null ? [] : [why])]],
    ['Last', [...lastText(view, now), ...(error === null ? [] : [error])]],
    ['Credit', held === null ? [] : [creditText[credit]]],
    ['Session', session === null ? [] : sessionText(session, now)],
  ];
}

function callerText({ caller, held }: ExplainView): string {
  if (caller.answer === 'served') return 'get these credentials at once';
  if (caller.answer === 'refused') return `are told: ${caller.message}`;
  switch (caller.for) {
    case 'upstream':
      return held === null
        ? 'wait while upstream is asked for credentials'
        : 'wait a little for new credentials, or get these';
    case 'check-in':
      return 'wait until the checkout has been given back';
    case 'refresh':
      return 'wait while the session is refreshed';
    case 'probe':
      return 'wait while the sign-in service is asked whether a sign-in is needed';
    case 'sign-in':
      return 'wait for you to sign in';
    case 'pause':
      return 'wait until upstream may be asked again';
  }
}

function nextText({ next, held, asked, session }: ExplainView, now: number): string {
  const at = next.at === null ? null : wait(next.at, now);
  const soon = next.at === null || Date.parse(next.at) <= now;
  switch (next.what) {
    case 'fetching':
      return `Upstream is being asked${at === null ? '' : `; that is given up in ${at}`}`;
    case 'checking-in':
      return `The checkout is being given back${at === null ? '' : `; that is given up in ${at}`}`;
    case 'session':
      return 'Upstream is asked as soon as the session is ready';
    case 'renewal': {
      const what = held === null ? 'Asks upstream' : 'Renews by itself';
      return soon ? `${what} within 15s` : `${what} in ${at}`;
    }
    case 'request':
      if (!soon) return `Waits for a request; none reaches upstream for ${at}`;
      return asked ? 'Waits for a request' : 'Waits for a request; nobody has asked for it since the daemon started';
    case 'sign-in': {
      const waits = soon ? 'Waits for a sign-in' : `Renews in ${at} if you have signed in by then`;
      return session === null ? waits : `${waits}. ${session.next}`;
    }
    case 'configuration':
      return 'It is served as soon as that is put right';
  }
}

function leadText({ ms, minMs, maxMs, draw }: LeadView): string {
  const before = `${duration(ms)} before the end`;
  if (minMs === maxMs) return `${before}: half of their life`;
  return `${before}: at ${Math.round(draw * 100)} % of the range from ${duration(minMs)} to ${duration(maxMs)}`;
}

const pauseOf = {
  profile: 'this profile’s own pause',
  session: 'the session’s pause',
  upstream: 'the upstream’s pause',
  turn: 'callers come first',
  checkout: 'one checkout at a time, and this one still runs',
} as const;

function gateText({ gate, next }: ExplainView, now: number): readonly string[] {
  const closed = [
    ...(next.what === 'sign-in' ? ['Closed until you sign in'] : []),
    ...(gate === null ? [] : [pausedText(gate, now)]),
  ];
  return closed.length === 0 ? ['Open: upstream may be asked'] : closed;
}

function pausedText(gate: GateView, now: number): string {
  const after = gate.failures === 0 ? '' : ` after ${counted(gate.failures, 'failure')}`;
  return `Closed for ${wait(gate.until, now)}: ${pauseOf[gate.whose]}${after}`;
}

const askedFor = {
  credentials: 'for credentials',
  refresh: 'for new tokens',
  probe: 'whether the sign-in still holds',
} as const;

function lastText({ last, next }: ExplainView, now: number): readonly string[] {
  if (last !== null) return [attemptText(last, now)];
  return next.what === 'fetching' ? [] : ['Upstream has not been asked since the daemon started'];
}

function attemptText(attempt: AttemptView, now: number): string {
  const { what, at, detail } = attempt;
  return `Asked ${askedFor[what]} ${elapsed(at, now)} ago: ${provedText(attempt)}${detail === null ? '' : detailText(detail)}`;
}

/** A command stands at the end, where nothing can be taken for a part of it. */
const detailText = (detail: string): string => (detail.includes('. Run: ') ? `: ${detail}` : ` (${detail})`);

function provedText({ what, verdict }: AttemptView): string {
  switch (verdict) {
    case 'ok':
      return what === 'probe' ? 'it does' : 'it issued them';
    case 'transient':
      return 'it gave no usable answer';
    case 'ambiguous':
      return 'it gave no answer, and may have done what it was asked';
    case 'rejected':
    case 'unauthorized':
      return `it refused the ${what === 'refresh' ? 'refresh' : 'access'} token`;
    case 'denied':
      return 'it denied access';
    case 'not-yet':
      return 'an earlier checkout still runs';
  }
}

const creditText = {
  left: 'Will be renewed once more if nobody asks',
  spent: 'Will not be renewed before somebody asks',
  never: 'Will never be renewed unless somebody asks',
} as const;

function sessionText(session: ExplainedSession, now: number): readonly string[] {
  const { name, state, retryAt, last, lastError, upstream } = session;
  const left = timeLeft(session, now);
  const circuit = circuitText(upstream, 0);
  return [
    `${name}: ${sessionWords[state][1]}${left === null ? '' : `, ${left}`}. ${nextStep(session, now)}`,
    ...(last === null ? [] : [attemptText(last, now)]),
    ...(lastError === null ? [] : [lastError]),
    ...(retryAt === null ? [] : [`Not asked for new tokens for ${wait(retryAt, now)}`]),
    ...(circuit === null ? [] : [circuit]),
    ...(state === 'login-pending' ? [] : [windowText(session, now)]),
  ];
}
