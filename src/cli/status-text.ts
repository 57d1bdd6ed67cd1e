/** The status as a person reads it. */
import type { ErrorCode } from '../core/errors.ts';
import type {
  ClientRefusal,
  LeaseStateName,
  ProfileView,
  SessionStateName,
  SessionView,
  StatusView,
} from '../core/views.ts';
import { indented, type Mark, type Row, section } from './sections.ts';
import { clockWarning } from './server-time.ts';
import { circuitText, windowText } from './session-text.ts';
import { firstProfile, type Paint } from './text.ts';
import { elapsed, remaining } from './time.ts';

export interface StatusStyle {
  readonly now: number;
  /** When the daemon told it. */
  readonly seenAt: number;
  readonly paint: Paint;
  /** Of the terminal; a file has no end. */
  readonly width: number;
  /** Whether the daemon goes on with what it read before the files got worse. */
  readonly keepsLastGood: boolean;
}

export const sessionWords: Readonly<Record<SessionStateName, readonly [Mark, string]>> = {
  'signed-out': ['·', 'signed out'],
  active: ['✓', 'signed in'],
  expiring: ['!', 'signed in'],
  offline: ['!', 'offline'],
  confirming: ['!', 'being checked'],
  'login-pending': ['!', 'sign-in under way'],
  'login-required': ['✗', 'sign-in needed'],
};

const leaseWords: Readonly<Record<LeaseStateName, readonly [Mark, string]>> = {
  empty: ['·', 'nothing held'],
  fresh: ['✓', 'fresh'],
  due: ['✓', 'renewing'],
  short: ['!', 'ends soon'],
  spent: ['✗', 'expired'],
  unserved: ['✗', 'not served'],
};

/** What a person has to give before anything is checked out, which is no failure. */
const gateWords: Partial<Record<ErrorCode, string>> = {
  JustificationRequired: 'needs a justification',
  TicketRequired: 'needs a ticket',
  ApprovalRequired: 'needs an approval',
  OtpRequired: 'needs a one-time password',
};

type Told = Pick<ProfileView, 'state' | 'asked' | 'lastError' | 'lastErrorCode'>;

const gateOf = ({ state, lastErrorCode }: Told): string | null =>
  state === 'empty' && lastErrorCode !== null ? (gateWords[lastErrorCode] ?? null) : null;

export function profileWords(profile: Told): readonly [Mark, string] {
  const { state, asked, lastError } = profile;
  if (state !== 'empty') return leaseWords[state];
  const gate = gateOf(profile);
  if (gate !== null) return ['!', gate];
  if (lastError !== null) return ['✗', 'failed'];
  return asked ? leaseWords.empty : ['·', 'not used yet'];
}

export function statusText(view: StatusView, style: StatusStyle): string {
  const sessions = view.sessions.map((session) => sessionRow(session, style));
  const profiles = view.profiles.filter(isShown).map((profile) => profileRow(profile, style.now));
  const none =
    view.profiles.length === 0
      ? `none. ${firstProfile}`
      : 'none used yet. For what there is, run: credbroker profiles sync';
  const sections = [
    section({ title: 'Sessions', rows: sessions, spare: [2], none: 'none' }, style),
    section({ title: 'Profiles', rows: profiles, spare, none }, style),
    refusals(view.refusals, style),
    problems(view.problems, style),
    clock(view, style),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** The daemon's own lines, below everything else. */
export function daemonText({ daemon, storage }: StatusView, { width, paint }: StatusStyle): string {
  const lines = [`Daemon ${daemon.version} at ${daemon.url}, process ${daemon.pid}`, `Tokens in ${storage}`];
  const parts = lines.flatMap((line) => indented(line, { width, by: 0, rest: 2 }));
  return `${parts.map((part) => paint('dim', part)).join('\n')}\n`;
}

/** A catalogue has hundreds. */
const isShown = ({ implied, asked, state }: ProfileView): boolean => !implied || asked || state !== 'empty';

function problems(lines: readonly string[], { paint, width, keepsLastGood }: StatusStyle): string[] {
  if (lines.length === 0) return [];
  const inForce = keepsLastGood ? ['The last good configuration is in force'] : [];
  return [
    paint('bold', 'Problems'),
    ...[...inForce, ...lines].flatMap((line) => indented(line, { width, by: 2, rest: 4 })),
  ];
}

function clock(view: StatusView, { paint, width }: StatusStyle): string[] {
  const warning = clockWarning(view);
  return warning === null ? [] : indented(warning, { width, by: 0, rest: 2 }).map((line) => paint('yellow', line));
}

/** Their SDKs may not have shown it. */
function refusals(told: readonly ClientRefusal[], style: StatusStyle): string[] {
  if (told.length === 0) return [];
  const rows = told.map(({ client, profile, message, at }) => ({
    mark: null,
    cells: [client, profile, `${elapsed(at, style.now)} ago`],
    text: message,
    notes: [],
  }));
  return section({ title: 'Told to clients', rows, spare: [], none: '' }, style);
}

function sessionRow(session: SessionView, { now, seenAt }: StatusStyle): Row {
  const [mark, words] = sessionWords[session.state];
  const notes = [session.lastError, heldBack(session, now), circuitText(session.upstream, now - seenAt)];
  return {
    mark,
    cells: [session.name, words, timeLeft(session, now) ?? ''],
    text: nextStep(session, now),
    notes: notes.filter((note) => note !== null),
  };
}

/** Null where nothing is signed in any more, whatever its tokens say, and where only upstream knows. */
export function timeLeft({ state, expiresAt }: SessionView, now: number): string | null {
  const lives = state === 'active' || state === 'expiring';
  return lives && expiresAt !== null ? `${remaining(expiresAt, now)} remaining` : null;
}

/** Why nothing happens although a sign-in is needed, where the next step does not say so. */
function heldBack(session: SessionView, now: number): string | null {
  const { state, window } = session;
  const waits = window.until !== null || window.heldBack === 'away';
  return state === 'login-required' && waits ? windowText(session, now) : null;
}

export function nextStep({ state, next, nextRefreshAt }: SessionView, now: number): string {
  return state === 'active' && nextRefreshAt !== null ? `${next} in ${remaining(nextRefreshAt, now)}` : next;
}

/** Of a profile's cells: region, session, role. */
const spare = [5, 3, 4] as const;

function profileRow(profile: ProfileView, now: number): Row {
  const [mark, words] = profileWords(profile);
  const left = profile.expiresAt === null ? '' : `${remaining(profile.expiresAt, now)} remaining`;
  const role = [profile.accountId, profile.roleName].filter((part) => part !== null).join(' ');
  return {
    mark,
    cells: [profile.name, words, left, profile.session ?? '', role, profile.region ?? ''],
    text: '',
    notes: profile.lastError === null ? [] : [gateOf(profile) === null ? profile.lastError : stepOf(profile.lastError)],
  };
}

/** The advice at the end of a sentence, whose beginning the row has said. */
const stepOf = (sentence: string): string => sentence.replace(/^.*\. (?=Run: )/, '');
