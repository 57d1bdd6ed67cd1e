import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProfileView, SessionView } from '../../src/core/views.ts';
import { cliWorld } from '../support/cli-world.ts';
import { type FakeDaemon, profile, session } from '../support/fake-daemon.ts';

function variety(daemon: FakeDaemon): void {
  daemon.status = {
    ...daemon.status,
    sessions: [
      session('work', { nextRefreshAt: '2026-11-21T12:29:30Z' }),
      session('acme', { state: 'expiring', expiresAt: '2026-11-21T12:12:59Z', next: 'Sign in before 12:12' }),
      session('old', {
        state: 'login-required',
        expiresAt: null,
        next: 'Run: credbroker login old',
        lastError: 'The session was ended upstream',
      }),
    ],
    profiles: [
      profile('dev'),
      profile('prod', { state: 'empty', asked: false, expiresAt: null, region: null }),
      profile('odd', {
        session: null,
        accountId: null,
        roleName: null,
        region: null,
        state: 'unserved',
        expiresAt: null,
      }),
    ],
    refusals: [{ client: 'env:prod', profile: 'prod', message: 'Signed out of "work"', at: '2026-11-21T11:56:00Z' }],
    problems: ['~/.aws/config:3 region: It takes a region'],
  };
}

describe('status', () => {
  it('shows sessions, profiles, problems and the daemon as a person reads them', async () => {
    const { daemon, cli } = await cliWorld();
    variety(daemon);
    expect(await cli('status')).toEqual({
      status: 0,
      stderr: '',
      stdout: `Sessions
  ✓ work  signed in       5h 23m remaining  Refreshes by itself in 29m
  ! acme  signed in       12m remaining     Sign in before 12:12
  ✗ old   sign-in needed                    Run: credbroker login old
    The session was ended upstream

Profiles
  ✓ dev   fresh         58m remaining  work  111122223333 Developer  eu-west-1
  · prod  not used yet                 work  111122223333 Developer
  ✗ odd   not served

Told to clients
  env:prod  prod  4m ago  Signed out of "work"

Problems
  ~/.aws/config:3 region: It takes a region

Daemon 0.1.0 at http://127.0.0.1:9911, process ${process.pid}
Tokens in keychain
`,
    });
  });

  it.each<[string, Partial<SessionView>]>([
    [
      'Upstream has failed 6 times in a row; asked again in 21s',
      { upstream: { state: 'open', failures: 6, retryInMs: 20_400 } },
    ],
    [
      'Upstream has failed 6 times in a row; the next call tries it',
      { upstream: { state: 'half-open', failures: 6, retryInMs: 0 } },
    ],
    [
      'No window opens by itself for 27m: the last one was not finished',
      {
        state: 'login-required',
        window: { heldBack: 'cooldown', until: '2026-11-21T12:27:00Z', lookedAt: null },
      },
    ],
    [
      'No window opens by itself while nobody is there (looked 5m ago)',
      { state: 'login-required', window: { heldBack: 'away', until: null, lookedAt: '2026-11-21T11:55:00Z' } },
    ],
  ])('says below a session what it waits for: %s', async (sentence, changes) => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, sessions: [session('work', changes)] };
    expect((await cli('status')).stdout).toMatch(
      new RegExp(`^Sessions\n  . work .*\n    ${sentence.replace(/[()]/g, '\\$&')}\n\n`),
    );
  });

  it.each<[string, Partial<SessionView>]>([
    ['its upstream answers', { upstream: { state: 'closed', failures: 2, retryInMs: 0 } }],
    ['no sign-in is needed', { window: { heldBack: 'cooldown', until: '2026-11-21T12:27:00Z', lookedAt: null } }],
    ['its next step says so', { state: 'signed-out', window: { heldBack: 'signed-out', until: null, lookedAt: null } }],
  ])('says nothing below a session where %s', async (_, changes) => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, sessions: [session('work', changes)] };
    expect((await cli('status')).stdout).toMatch(/^Sessions\n {2}. work .*\n\nProfiles/);
  });

  it.each<[string, Partial<ProfileView>, string]>([
    ['nobody has asked for', { asked: false }, '· dev  not used yet'],
    ['holds nothing any more', {}, '· dev  nothing held'],
    ['failed', { lastError: 'session "work" denied access: No access' }, '✗ dev  failed'],
    ...[
      ['JustificationRequired', 'needs a justification'] as const,
      ['TicketRequired', 'needs a ticket'] as const,
      ['ApprovalRequired', 'needs an approval'] as const,
      ['OtpRequired', 'needs a one-time password'] as const,
    ].map(([lastErrorCode, words]): [string, Partial<ProfileView>, string] => [
      words,
      { lastError: `Profile "dev" ${words}. Run: credbroker checkout dev`, lastErrorCode },
      `! dev  ${words}`,
    ]),
  ])('says of a profile that it %s, and why', async (_, changes, row) => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, profiles: [profile('dev', { state: 'empty', expiresAt: null, ...changes })] };
    // What the row says already is not said again.
    const said = changes.lastError?.replace(/^Profile "dev" needs .*\. (?=Run: )/, '');
    const note = said === undefined ? '' : `    ${said}\n`;
    expect((await cli('status')).stdout).toContain(`\n  ${row}  work  111122223333 Developer  eu-west-1\n${note}\n`);
  });

  it.each<[string, Partial<SessionView>, string]>([
    ['the tokens of a session that has ended', { state: 'login-required', next: 'Run: it' }, 'sign-in needed  Run: it'],
    [
      'a refresh while a sign-in is under way',
      { state: 'login-pending', next: 'Finish it', nextRefreshAt: '2026-11-21T12:29:30Z' },
      'sign-in under way  Finish it',
    ],
  ])('counts no time for %s', async (_, changes, row) => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, sessions: [session('work', changes)] };
    expect((await cli('status')).stdout).toMatch(new RegExp(`^Sessions\n  . work  ${row}\n`));
  });

  it('says that the daemon keeps the last good configuration where the files have errors', async () => {
    const { daemon, cli, home } = await cliWorld();
    const config = join(home, 'config.yaml');
    writeFileSync(config, 'login: never\n');
    const env = { CREDBROKER_CONFIG: config };
    const [line = ''] = (await cli('config check', { env })).stdout.split('\n');
    const problem = line.replace('error: ', '');
    daemon.status = { ...daemon.status, problems: [problem] };
    expect((await cli('status', { env })).stdout).toContain(
      `Problems\n  The last good configuration is in force\n  ${problem}\n`,
    );
  });

  it('prints what the daemon said with --json', async () => {
    const { daemon, cli } = await cliWorld();
    variety(daemon);
    const { stdout, stderr } = await cli('status --json');
    expect(JSON.parse(stdout)).toEqual({ ...daemon.status, checkouts: [], checkoutFailures: [] });
    expect(stderr).toBe('');
  });

  it.each([
    ['colours on a terminal', {}, true],
    ['none with NO_COLOR', { NO_COLOR: '1' }, false],
    ['colours with an empty NO_COLOR', { NO_COLOR: '' }, true],
    ['none on a dumb terminal', { TERM: 'dumb' }, false],
  ])('uses %s', async (_, env, coloured) => {
    const { cli } = await cliWorld();
    expect((await cli('status', { tty: true, env })).stdout.includes('\u001b[32m✓')).toBe(coloured);
  });

  it('strips control characters that an upstream sent', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, sessions: [session('w\u001b[31m\nrk', { lastError: 'bad\u009b2J\u202e' })] };
    const { stdout } = await cli('status');
    expect(stdout).toContain('✓ w[31m rk  signed in');
    expect(stdout).toContain('    bad2J\n');
  });

  it('draws anew after every change and ends with the daemon', async () => {
    const { daemon, cli } = await cliWorld();
    const written = (text: string) => {
      const drawn = text.split('Sessions\n').length - 1;
      if (drawn === 1 && !text.includes('other')) {
        daemon.status = { ...daemon.status, sessions: [session('other')] };
        daemon.change();
      } else if (drawn === 2) daemon.close();
    };
    const { status, stdout, stderr } = await cli('status --watch', { written });
    expect(stdout.match(/✓ (work|other)/g)).toEqual(['✓ work', '✓ other']);
    expect(status).toBe(6);
    expect(stderr).toBe('credbroker: The daemon hung up. Run: credbroker start\n');
  });

  it('prints one JSON line per change with --watch --json until Ctrl-C', async () => {
    const { daemon, cli } = await cliWorld();
    const signals = new EventEmitter();
    const written = () => {
      signals.emit('SIGINT', 'SIGINT');
    };
    const { status, stdout } = await cli('status --json --watch', { signals, written });
    expect(status).toBe(130);
    expect(stdout).toBe(`${JSON.stringify(daemon.status)}\n`);
  });

  const cutTo = async (columns: number): Promise<readonly string[]> => {
    const { daemon, cli } = await cliWorld();
    variety(daemon);
    const { stdout } = await cli('status', { tty: true, columns, env: { NO_COLOR: '1' } });
    expect(stdout.split('\n').filter((line) => line.length > columns)).toEqual([]);
    return stdout.split('\n').filter((line) => /^ {2}[✓·✗!] (dev|work)/.test(line));
  };

  it.each([
    [78, '  ✓ dev   fresh         58m remaining  work  111122223333 Developer  eu-west-1'],
    [77, '  ✓ dev   fresh         58m remaining  work  111122223333 Developer'],
    [62, '  ✓ dev   fresh         58m remaining  111122223333 Developer'],
    [58, '  ✓ dev   fresh         58m remaining'],
    [36, '  ✓ dev   fresh         58m remaini…'],
  ])('does without region, session and role on a terminal of %i columns, in this order', async (columns, line) => {
    expect((await cutTo(columns)).at(-1)).toBe(line);
  });

  const needsPeople = async (columns: number): Promise<string> => {
    const { daemon, cli } = await cliWorld();
    const expired = 'Session "old" has expired. Run: credbroker login old';
    const refusal = { client: 'env:prod', profile: 'prod', message: expired, at: '2026-11-21T11:56:00Z' };
    const problem = '~/.aws/config:3 region: "here" is no region. Run: aws configure sso';
    daemon.status = {
      ...daemon.status,
      sessions: [
        session('acme', {
          ...{ state: 'expiring', expiresAt: '2026-11-21T12:12:59Z' },
          next: 'Cannot be refreshed. Before it ends, run: credbroker login acme',
        }),
        session('old', { state: 'login-required', expiresAt: null, next: 'Run: credbroker login old' }),
      ],
      profiles: [profile('dev', { state: 'empty', expiresAt: null, lastError: expired })],
      ...{ refusals: [refusal], problems: [problem] },
    };
    const { stdout } = await cli('status', { tty: true, columns, env: { NO_COLOR: '1' } });
    expect(stdout.split('\n').filter((line) => line.length > columns)).toEqual([]);
    return stdout.slice(0, stdout.indexOf('\n\nDaemon'));
  };

  it('moves a next step that does not fit to a line of its own', async () => {
    expect(await needsPeople(80)).toBe(`Sessions
  ! acme  signed in       12m remaining
    Cannot be refreshed. Before it ends, run: credbroker login acme
  ✗ old   sign-in needed                 Run: credbroker login old

Profiles
  ✗ dev  failed  work  111122223333 Developer  eu-west-1
    Session "old" has expired. Run: credbroker login old

Told to clients
  env:prod  prod  4m ago  Session "old" has expired. Run: credbroker login old

Problems
  ~/.aws/config:3 region: "here" is no region. Run: aws configure sso`);
  });

  it('breaks sentences on a narrow terminal, and no command', async () => {
    expect(await needsPeople(38)).toBe(`Sessions
  ! acme  signed in
    Cannot be refreshed. Before it
    ends, run: credbroker login acme
  ✗ old   sign-in needed
    Run: credbroker login old

Profiles
  ✗ dev  failed
    Session "old" has expired.
    Run: credbroker login old

Told to clients
  env:prod  prod  4m ago
    Session "old" has expired.
    Run: credbroker login old

Problems
  ~/.aws/config:3 region: "here" is
    no region. Run: aws configure sso`);
  });

  const otherScreen = '\u001b[?1049h\u001b[?25l\u001b[H';
  const back = '\u001b[?25h\u001b[?1049l';

  it('watches on the other screen of a terminal, no taller than that, until "q"', async () => {
    const { daemon, cli } = await cliWorld();
    const keyboard = new EventEmitter();
    const written = (text: string) => {
      if (text.includes('Sessions')) keyboard.emit('key', 'q');
    };
    const changes = { tty: true, rows: 3, keyboard, written, env: { NO_COLOR: '1' } };
    const { status, stdout, stderr } = await cli('status --watch', changes);
    const row = '  ✓ work  signed in  5h 23m remaining  Refreshes by itself\u001b[K';
    expect(stdout).toBe(`${otherScreen}Sessions\u001b[K\r\n${row}\r\n…\u001b[K\u001b[J${back}`);
    expect([status, stderr]).toEqual([0, '']);
    expect([keyboard.listenerCount('key'), daemon.routes()[1]]).toEqual([0, 'GET /v1/events']);
  });

  it('draws again each second, for the times that run on', async () => {
    const { cli } = await cliWorld();
    const keyboard = new EventEmitter();
    const written = (text: string) => {
      if (text.split('Sessions').length > 2) keyboard.emit('key', 'q');
    };
    expect((await cli('status --watch', { tty: true, keyboard, written })).status).toBe(0);
  });

  it('gives the screen back at a signal', async () => {
    const { cli } = await cliWorld();
    const signals = new EventEmitter();
    const written = () => {
      signals.emit('SIGTERM', 'SIGTERM');
    };
    const { status, stdout } = await cli('status --watch', { tty: true, signals, written });
    expect(stdout.endsWith(back)).toBe(true);
    expect(status).toBe(143);
  });
});

describe('profiles', () => {
  it('lists what is served', async () => {
    const { cli } = await cliWorld();
    expect(await cli('profiles')).toEqual({
      status: 0,
      stderr: '',
      stdout: `PROFILE  SESSION  ACCOUNT       ROLE       REGION
dev      work     111122223333  Developer  eu-west-1
`,
    });
  });

  it('says why a profile is not served', async () => {
    const { daemon, cli } = await cliWorld();
    const nothing = { session: null, accountId: null, roleName: null, region: null, expiresAt: null };
    const odd = profile('odd', { ...nothing, state: 'unserved', lastError: 'It has no role' });
    daemon.status = { ...daemon.status, profiles: [odd, profile('dev')] };
    expect((await cli('profiles')).stdout).toBe(`PROFILE  SESSION  ACCOUNT       ROLE       REGION
odd      -        -             -          -
  not served: It has no role
dev      work     111122223333  Developer  eu-west-1
`);
  });

  it('says what to do where there is none', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, profiles: [] };
    const advice = 'Add an SSO profile to ~/.aws/config (run: aws configure sso), or try: credbroker demo\n';
    expect(await cli('profiles')).toEqual({ status: 0, stdout: '', stderr: `No profile is configured. ${advice}` });
    expect((await cli('status')).stdout).toContain(`Profiles\n  none. ${advice}`);
  });

  it('tells a terminal that upstream has not answered yet', async () => {
    const { daemon, cli } = await cliWorld();
    let shown = () => {};
    const end = new Promise<void>((resolve) => {
      shown = resolve;
    });
    daemon.answer('POST /v1/profiles/sync', { lines: [], end });
    const written = (text: string) => {
      if (text.includes('Waiting')) shown();
    };
    const { stderr } = await cli('profiles sync', { tty: true, written });
    expect(stderr).toBe('\r\u001b[2KWaiting for the list of accounts …\r\u001b[2K');
  });

  it('prints the list for scripts with --json', async () => {
    const { daemon, cli } = await cliWorld();
    expect(JSON.parse((await cli('profiles --json')).stdout)).toEqual(daemon.status.profiles);
  });

  const entry = {
    ...{ session: 'work', accountId: '111122223333', accountName: 'Dev', roleName: 'Admin' },
    ...{ path: null, alias: null, kind: null, profile: null },
  };
  const progress = (done: number) => ({ event: 'progress', session: 'work', accounts: 2, done });

  it('reports each account while it asks upstream, and keeps stdout for the catalogue', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.answer('POST /v1/profiles/sync', {
      lines: [progress(1), progress(2), { event: 'entries', entries: [entry] }],
    });
    expect(await cli('profiles sync')).toEqual({
      status: 0,
      stderr: 'Session "work": 1 of 2 accounts\nSession "work": 2 of 2 accounts\n',
      stdout: 'SESSION  ACCOUNT       NAME  ROLE   PROFILE\nwork     111122223333  Dev   Admin  -\n',
    });
    expect(daemon.calls.at(-1)?.body).toEqual({ session: null });
  });

  it('prints what one session offers although another failed, and fails', async () => {
    const { daemon, cli } = await cliWorld();
    const failed = { event: 'failed', code: 'LoginRequired', message: 'Session "b" is signed out' };
    daemon.answer('POST /v1/profiles/sync', { lines: [failed, { event: 'entries', entries: [entry] }] });
    const { status, stdout, stderr } = await cli('profiles sync --json --session work');
    expect(JSON.parse(stdout)).toEqual([entry]);
    expect(stderr).toBe('credbroker: Session "b" is signed out\n');
    expect(status).toBe(3);
    expect(daemon.calls.at(-1)?.body).toEqual({ session: 'work' });
  });
});
