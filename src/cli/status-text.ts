/** The status as a person reads it. */
import type {
  ClientRefusal,
  LeaseStateName,
  ProfileView,
  SessionStateName,
  SessionView,
  StatusView,
} from '../core/views.ts';
import { columns, cut, firstProfile, fittedColumns, type Paint } from './text.ts';
import { elapsed, remaining } from './time.ts';

export interface StatusStyle {
  readonly now: number;
  readonly paint: Paint;
  /** Of the terminal; a file has no end. */
  readonly width: number;
  /** Whether the daemon goes on with what it read before the files got worse. */
  readonly keepsLastGood: boolean;
}

type Mark = '✓' | '!' | '✗' | '·';

const markColours = { '✓': 'green', '!': 'yellow', '✗': 'red', '·': 'dim' } as const;

const sessionWords: Readonly<Record<SessionStateName, readonly [Mark, string]>> = {
  'signed-out': ['·', 'signed out'],
  active: ['✓', 'signed in'],
  expiring: ['!', 'signed in'],
  offline: ['!', 'offline'],
  confirming: ['!', 'being checked'],
  'login-pending': ['!', 'sign-in under way'],
  'login-required': ['✗', 'sign-in needed'],
};

const leaseWords: Readonly<Record<LeaseStateName, readonly [Mark, string]>> = {
  empty: ['·', 'not used yet'],
  fresh: ['✓', 'fresh'],
  due: ['✓', 'renewing'],
  short: ['!', 'ends soon'],
  spent: ['✗', 'expired'],
  unserved: ['✗', 'not served'],
};

export function statusText(view: StatusView, style: StatusStyle): string {
  const { daemon, storage } = view;
  const sessions = view.sessions.map((session) => sessionRow(session, style.now));
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
  /** Stands on a line of its own below. */
  readonly error: string | null;
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
    ...rows.flatMap(({ mark, error }, at) => [
      `  ${paint(markColours[mark], mark)} ${lines[at]}`,
      ...(error === null ? [] : [`    ${paint('dim', cut(error, width - markWidth))}`]),
    ]),
  ];
}

function sessionRow(session: SessionView, now: number): Row {
  const [mark, words] = sessionWords[session.state];
  const left = session.expiresAt === null ? '' : `${remaining(session.expiresAt, now)} remaining`;
  return { mark, cells: [session.name, words, left, nextStep(session, now)], error: session.lastError };
}

function nextStep({ next, nextRefreshAt }: SessionView, now: number): string {
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
    error: profile.lastError,
  };
}
