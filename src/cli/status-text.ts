/** The status as a person reads it. */
import type {
  ClientRefusal,
  LeaseStateName,
  ProfileView,
  SessionStateName,
  SessionView,
  StatusView,
} from '../core/views.ts';
import { columns, type Paint } from './text.ts';
import { elapsed, remaining } from './time.ts';

export interface StatusStyle {
  readonly now: number;
  readonly paint: Paint;
}

type Mark = '✓' | '!' | '✗' | '·';

const markColours = { '✓': 'green', '!': 'yellow', '✗': 'red', '·': 'dim' } as const;

const sessionWords: Readonly<Record<SessionStateName, readonly [Mark, string]>> = {
  'signed-out': ['·', 'signed out'],
  active: ['✓', 'signed in'],
  expiring: ['!', 'ends soon'],
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
  const sections = [
    section(
      'Sessions',
      view.sessions.map((session) => sessionRow(session, style.now)),
      style.paint,
    ),
    section(
      'Profiles',
      view.profiles.map((profile) => profileRow(profile, style.now)),
      style.paint,
    ),
    refusals(view.refusals, style),
    view.problems.length === 0 ? [] : [style.paint('bold', 'Problems'), ...view.problems.map((line) => `  ${line}`)],
    [style.paint('dim', `Daemon ${daemon.version} at ${daemon.url}, process ${daemon.pid}, tokens in ${storage}`)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** Their SDKs may not have shown it. */
function refusals(told: readonly ClientRefusal[], { paint, now }: StatusStyle): string[] {
  if (told.length === 0) return [];
  const lines = columns(
    told.map(({ client, profile, message, at }) => [client, profile, `${elapsed(at, now)} ago`, message]),
  );
  return [paint('bold', 'Told to clients'), ...lines.map((line) => `  ${line}`)];
}

interface Row {
  readonly mark: Mark;
  readonly cells: readonly string[];
  /** Stands on a line of its own below. */
  readonly error: string | null;
}

function section(title: string, rows: readonly Row[], paint: Paint): string[] {
  if (rows.length === 0) return [paint('bold', title), '  none'];
  const lines = columns(rows.map((row) => row.cells));
  return [
    paint('bold', title),
    ...rows.flatMap(({ mark, error }, at) => [
      `  ${paint(markColours[mark], mark)} ${lines[at]}`,
      ...(error === null ? [] : [`    ${paint('dim', error)}`]),
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
