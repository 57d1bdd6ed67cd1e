/** The status as a person reads it. */
import type {
  ClientRefusal,
  LeaseStateName,
  ProfileView,
  SessionStateName,
  SessionView,
  StatusView,
} from '../core/views.ts';
import { circuitText, windowText } from './session-text.ts';
import { columns, cut, firstProfile, fittedColumns, type Paint } from './text.ts';
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

type Mark = '✓' | '!' | '✗' | '·';

export const markColours = { '✓': 'green', '!': 'yellow', '✗': 'red', '·': 'dim' } as const;

export const sessionWords: Readonly<Record<SessionStateName, readonly [Mark, string]>> = {
  'signed-out': ['·', 'signed out'],
  active: ['✓', 'signed in'],
  expiring: ['!', 'signed in'],
  offline: ['!', 'offline'],
  confirming: ['!', 'being checked'],
  'login-pending': ['!', 'sign-in under way'],
  'login-required': ['✗', 'sign-in needed'],
};

export const leaseWords: Readonly<Record<LeaseStateName, readonly [Mark, string]>> = {
  empty: ['·', 'not used yet'],
  fresh: ['✓', 'fresh'],
  due: ['✓', 'renewing'],
  short: ['!', 'ends soon'],
  spent: ['✗', 'expired'],
  unserved: ['✗', 'not served'],
};

export function statusText(view: StatusView, style: StatusStyle): string {
  const { daemon, storage } = view;
  const sessions = view.sessions.map((session) => sessionRow(session, style));
  const profiles = view.profiles.map((profile) => profileRow(profile, style.now));
  const sections = [
    section({ title: 'Sessions', rows: sessions, spare: [], none: 'none' }, style),
    section({ title: 'Profiles', rows: profiles, spare, none: `none. ${firstProfile}` }, style),
    refusals(view.refusals, style),
    problems(view.problems, style),
    [`Daemon ${daemon.version} at ${daemon.url}, process ${daemon.pid}`, `Tokens in ${storage}`].map((line) =>
      style.paint('dim', cut(line, style.width)),
    ),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function problems(lines: readonly string[], { paint, width, keepsLastGood }: StatusStyle): string[] {
  if (lines.length === 0) return [];
  const inForce = keepsLastGood ? ['The last good configuration is in force'] : [];
  return [paint('bold', 'Problems'), ...[...inForce, ...lines].map((line) => cut(`  ${line}`, width))];
}

/** Their SDKs may not have shown it. */
function refusals(told: readonly ClientRefusal[], { paint, now, width }: StatusStyle): string[] {
  if (told.length === 0) return [];
  const lines = columns(
    told.map(({ client, profile, message, at }) => [client, profile, `${elapsed(at, now)} ago`, message]),
  );
  return [paint('bold', 'Told to clients'), ...lines.map((line) => cut(`  ${line}`, width))];
}

interface Row {
  readonly mark: Mark;
  readonly cells: readonly string[];
  /** Each stands on a line of its own below. */
  readonly notes: readonly (string | null)[];
}

interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly spare: readonly number[];
  /** Stands in place of rows. */
  readonly none: string;
}

const markWidth = 4;

function section({ title, rows, spare, none }: Section, { paint, width }: StatusStyle): string[] {
  if (rows.length === 0) return [paint('bold', title), cut(`  ${none}`, width)];
  const lines = fittedColumns(
    rows.map((row) => row.cells),
    { width: width - markWidth, spare },
  );
  return [
    paint('bold', title),
    ...rows.flatMap(({ mark, notes }, at) => [
      `  ${paint(markColours[mark], mark)} ${lines[at]}`,
      ...notes.flatMap((note) => (note === null ? [] : [`    ${paint('dim', cut(note, width - markWidth))}`])),
    ]),
  ];
}

function sessionRow(session: SessionView, { now, seenAt }: StatusStyle): Row {
  const [mark, words] = sessionWords[session.state];
  const left = session.expiresAt === null ? '' : `${remaining(session.expiresAt, now)} remaining`;
  const notes = [session.lastError, heldBack(session, now), circuitText(session.upstream, now - seenAt)];
  return { mark, cells: [session.name, words, left, nextStep(session, now)], notes };
}

/** Why nothing happens although a sign-in is needed, where the next step does not say so. */
function heldBack({ state, window }: SessionView, now: number): string | null {
  const waits = window.until !== null || window.heldBack === 'away';
  return state === 'login-required' && waits ? windowText(window, now) : null;
}

export function nextStep({ next, nextRefreshAt }: SessionView, now: number): string {
  return nextRefreshAt === null ? next : `${next} in ${remaining(nextRefreshAt, now)}`;
}

/** Of a profile's cells: region, session, role. */
const spare = [5, 3, 4] as const;

function profileRow(profile: ProfileView, now: number): Row {
  const [mark, words] = leaseWords[profile.state];
  const left = profile.expiresAt === null ? '' : `${remaining(profile.expiresAt, now)} remaining`;
  const role = [profile.accountId, profile.roleName].filter((part) => part !== null).join(' ');
  return {
    mark,
    cells: [profile.name, words, left, profile.session ?? '', role, profile.region ?? ''],
    notes: [profile.lastError],
  };
}
