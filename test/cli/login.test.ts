import { EventEmitter } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SessionStateName } from '../../src/core/views.ts';
import { appears } from '../support/appears.ts';
import { type CliWorld, cliWorld } from '../support/cli-world.ts';
import { loginRouteOf, session, sessionRouteOf } from '../support/fake-daemon.ts';

const loginRoute = loginRouteOf('work');
const device = {
  event: 'prompt',
  kind: 'device',
  verificationUri: 'https://device.example/',
  verificationUriComplete: 'https://device.example/?user_code=ABCD-EFGH',
  userCode: 'ABCD-EFGH',
  opened: false,
  expiresAt: '2026-11-21T12:10:00Z',
};
const browser = { event: 'prompt', kind: 'browser', url: 'https://sso.example/authorize?x=1', opened: false };
const done = { event: 'done', session: 'work', expiresAt: '2026-11-21T20:00:00Z' };
const desktop = { DISPLAY: ':0' };

const bodyOf = ({ daemon }: CliWorld): unknown => daemon.calls.find(({ route }) => route === loginRoute)?.body;

describe('login', () => {
  it('needs no name where there is one session', async () => {
    const world = await cliWorld();
    world.daemon.answer(loginRoute, { lines: [{ ...browser, opened: true }, done] });
    expect(await world.cli('login', { env: desktop })).toEqual({
      status: 0,
      stdout: '',
      stderr: `Asking for a sign-in to "work"
Opened the sign-in page in your browser. If it did not appear, open:
  https://sso.example/authorize?x=1
Waiting for the sign-in
Signed in to "work", 8h 0m remaining
`,
    });
    expect(bodyOf(world)).toEqual({ flow: 'browser', openBrowser: false, token: null });
  });

  it('takes a token that is piped in, and shows it nowhere', async () => {
    const world = await cliWorld();
    world.daemon.answer(loginRoute, { lines: [{ ...done, expiresAt: null }] });
    const { status, stdout, stderr } = await world.cli('login work --token', { typed: '  the-token ' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toBe('Asking for a sign-in to "work"\nSigned in to "work"\n');
    expect(bodyOf(world)).toMatchObject({ openBrowser: false, token: 'the-token' });
  });

  it('takes a token that is typed without showing it', async () => {
    const world = await cliWorld();
    world.daemon.answer(loginRoute, { lines: [{ ...done, expiresAt: null }] });
    const keyboard = new EventEmitter();
    const question = 'Token (not shown): ';
    const type = (): void => {
      for (const key of 'thx\u007fe-token\r') keyboard.emit('key', key);
    };
    const written = (text: string) => void (text.endsWith(question) && setImmediate(type));
    const { stderr } = await world.cli('login work --token', { tty: true, keyboard, written });
    expect(stderr).toContain(`${question}\n`);
    expect(stderr).not.toContain('the-token');
    expect(bodyOf(world)).toMatchObject({ token: 'the-token' });
  });

  it('refuses an empty token', async () => {
    const world = await cliWorld();
    const { status, stderr } = await world.cli('login work --token', { typed: '' });
    expect([status, stderr]).toEqual([2, 'credbroker: No token was given. Pipe it in, or type it when asked\n']);
    expect(bodyOf(world)).toBeUndefined();
  });

  it('opens the page itself, with the BROWSER of its own environment', async () => {
    const world = await cliWorld();
    const opened = join(world.home, 'opened');
    const opener = join(world.home, 'opener');
    writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" > "${opened}.new"\nmv "${opened}.new" "${opened}"\n`, {
      mode: 0o700,
    });
    world.daemon.answer(loginRoute, { lines: [browser, done] });
    const { stderr } = await world.cli('login', { env: { BROWSER: opener } });
    await appears(opened);
    expect(readFileSync(opened, 'utf8')).toBe('https://sso.example/authorize?x=1');
    expect(stderr).toContain(
      'Opened the sign-in page in your browser. If it did not appear, open:\n  https://sso.example/',
    );
  });

  it.each([
    ['nothing shall open', 'login --no-browser', '/bin/false'],
    ['the browser cannot be started', 'login', '/no/such/browser'],
  ])('prints the address where %s', async (_, words, BROWSER) => {
    const world = await cliWorld();
    world.daemon.answer(loginRoute, { lines: [browser, done] });
    const { stderr } = await world.cli(words, { env: { BROWSER } });
    expect(stderr).toContain('\nOpen this page to sign in:\n  https://sso.example/authorize?x=1\n');
  });

  it('rounds up how long a code is good', async () => {
    const world = await cliWorld();
    world.daemon.answer(loginRoute, { lines: [{ ...device, expiresAt: '2026-11-21T12:09:59.700Z' }, done] });
    expect((await world.cli('login')).stderr).toContain('ABCD-EFGH, valid for 10m\n');
  });

  it('shows the code and where to enter it', async () => {
    const world = await cliWorld();
    world.daemon.answer(loginRoute, { lines: [device, done] });
    expect((await world.cli('login work --device-code')).stderr).toBe(`Asking for a sign-in to "work"
Open this page on any device:
  https://device.example/?user_code=ABCD-EFGH
and confirm the code ABCD-EFGH, valid for 10m
Waiting for the sign-in
Signed in to "work", 8h 0m remaining
`);
  });

  it.each([
    ['a desktop', desktop, false, 'login', 'browser'],
    ['a desktop with a code', desktop, false, 'login --device-code', 'device'],
    ['Wayland', { WAYLAND_DISPLAY: 'w' }, false, 'login', 'browser'],
    ['Windows below', { WSL_DISTRO_NAME: 'd' }, false, 'login', 'browser'],
    ['no display', {}, false, 'login', 'device'],
    ['SSH', { ...desktop, SSH_CONNECTION: '1 2' }, false, 'login', 'device'],
    ['SSH with an opener', { SSH_CONNECTION: '1 2', BROWSER: 'o' }, false, 'login', 'browser'],
    ['a container', desktop, true, 'login', 'device'],
    ['a container with an opener', { BROWSER: 'o' }, true, 'login', 'browser'],
  ])('chooses what works with %s', async (_, env, inContainer, words, flow) => {
    const world = await cliWorld();
    world.daemon.answer(loginRoute, { lines: [done] });
    await world.cli(words, { env, inContainer });
    expect(bodyOf(world)).toEqual({ flow, openBrowser: false, token: null });
  });

  it('takes the one session of several that needs a sign-in', async () => {
    const world = await cliWorld();
    const old = (state: SessionStateName) => [session('other'), session('work', { state })];
    for (const state of ['signed-out', 'login-required', 'expiring'] as const) {
      world.daemon.status = { ...world.daemon.status, sessions: old(state) };
      world.daemon.answer(loginRoute, { lines: [done] });
      expect((await world.cli('login')).status).toBe(0);
    }
    expect(world.daemon.routes().filter((route) => route === loginRoute)).toHaveLength(3);
  });

  const several = [session('side project'), session('work')];

  it.each(['2', ' work '])(
    'asks on a terminal which of several is meant, and takes %j for an answer',
    async (typed) => {
      const world = await cliWorld();
      world.daemon.status = { ...world.daemon.status, sessions: several };
      world.daemon.answer(loginRoute, { lines: [done] });
      const { status, stderr } = await world.cli('login', { tty: true, typed });
      expect(stderr).toContain('Which session?\n  1  side project\n  2  work\nNumber: ');
      expect([status, world.daemon.routes().at(-1)]).toEqual([0, loginRoute]);
    },
  );

  it.each([
    [
      'the answer is none of several',
      { tty: true, typed: '3' },
      'Which session?\n  1  side project\n  2  work\nNumber: ',
    ],
    ['none of several was named and nobody can be asked', {}, ''],
  ])('prints what can be run where %s', async (_, changes, asked) => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, sessions: several };
    expect(await cli('login', changes)).toEqual({
      status: 2,
      stdout: '',
      stderr: `${asked}credbroker: There are several sessions. Run one of:
  credbroker login 'side project'
  credbroker login work
`,
    });
  });

  it('says what to do where there is no session', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, sessions: [] };
    expect(await cli('login')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'credbroker: No session is configured. Run: aws configure sso\n',
    });
  });

  it('exits with 3 when the person declines', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.answer(loginRoute, { lines: [device, { event: 'failed', code: 'LoginDeclined', message: 'You declined' }] });
    const { status, stderr } = await cli('login');
    expect(status).toBe(3);
    expect(stderr).toMatch(/\ncredbroker: You declined\n$/);
  });

  it('keeps one changing line on a terminal and leaves none behind', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.answer(loginRoute, { lines: [device, done] });
    const { stderr } = await cli('login', { tty: true });
    expect(stderr).toContain('\r\u001b[2KWaiting for the sign-in');
    expect(stderr.endsWith('Waiting for the sign-in\r\u001b[2KSigned in to "work", 8h 0m remaining\n')).toBe(true);
  });

  it('wipes the changing line before the error', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.answer(loginRoute, { lines: [device, { event: 'failed', code: 'LoginDeclined', message: 'You declined' }] });
    const { stderr } = await cli('login', { tty: true });
    expect(stderr.endsWith('Waiting for the sign-in\r\u001b[2Kcredbroker: You declined\n')).toBe(true);
  });

  it('leaves on Ctrl-C, silently and with the status of the signal', async () => {
    const { daemon, cli } = await cliWorld();
    const signals = new EventEmitter();
    daemon.answer(loginRoute, { lines: [device], end: new Promise(() => {}) });
    const written = (text: string) => {
      if (text.endsWith('Waiting for the sign-in\n')) signals.emit('SIGINT', 'SIGINT');
    };
    const { status, stderr } = await cli('login', { signals, written });
    expect(status).toBe(130);
    expect(stderr).not.toContain('credbroker:');
  });

  it('prints nothing that could steer the terminal', async () => {
    const { daemon, cli } = await cliWorld();
    const userCode = 'AB\u001b]0;owned\u0007CD\u202e';
    daemon.answer(loginRoute, { lines: [{ ...device, userCode }, done] });
    expect((await cli('login')).stderr).toContain('confirm the code AB]0;ownedCD, valid');
  });
});

describe('login to an OAuth issuer', () => {
  const next = 'When it ends, run: credbroker login ngc --token';
  it.each([
    ['says once that the session cannot be refreshed', false, `No refresh token came with it. ${next}\n`],
    ['says nothing of what refreshes by itself', true, ''],
  ])('%s', async (_what, refreshable, more) => {
    const { daemon, cli } = await cliWorld();
    const ngc = session('ngc', { provider: 'oidc', refreshable, next });
    daemon.status = { ...daemon.status, sessions: [session('work'), ngc] };
    daemon.answer(loginRouteOf('ngc'), { lines: [{ ...done, session: 'ngc' }] });
    expect((await cli('login ngc')).stderr).toMatch(new RegExp(`Signed in to "ngc".*\\n${more}$`));
  });
});

describe('logout', () => {
  it('forgets the session that is named', async () => {
    const { daemon, cli } = await cliWorld();
    expect(await cli('logout work')).toEqual({ status: 0, stdout: '', stderr: 'Logged out of "work"\n' });
    expect(daemon.calls.at(-1)).toEqual({ route: sessionRouteOf('work', 'logout'), body: { revoke: false } });
  });

  it('ends the session upstream with --revoke', async () => {
    const { daemon, cli } = await cliWorld();
    await cli('logout work --revoke');
    expect(daemon.calls.at(-1)).toEqual({ route: sessionRouteOf('work', 'logout'), body: { revoke: true } });
  });

  it('says when upstream could not be told', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.answer(sessionRouteOf('work', 'logout'), { status: 200, body: { upstreamTold: false } });
    expect((await cli('logout work')).stderr).toBe(
      'Logged out of "work" here; upstream could not be told, and ends the session by itself\n',
    );
  });

  it('forgets every session with --all', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, sessions: [session('work'), session('a/b')] };
    expect((await cli('logout --all')).stderr).toBe('Logged out of "work"\nLogged out of "a/b"\n');
    expect(daemon.routes().slice(1)).toEqual([sessionRouteOf('work', 'logout'), 'POST /v1/sessions/a%2Fb/logout']);
  });

  it('refuses a name beside --all', async () => {
    const { cli } = await cliWorld();
    expect(await cli('logout work --all')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'credbroker: Give a session or --all, not both\n',
    });
  });
});
