import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type CliWorld, cliWorld } from '../support/cli-world.ts';
import { session } from '../support/fake-daemon.ts';

const loginRoute = 'POST /v1/sessions/work/login';
const device = {
  event: 'prompt',
  kind: 'device',
  verificationUri: 'https://device.example/',
  verificationUriComplete: 'https://device.example/?user_code=ABCD-EFGH',
  userCode: 'ABCD-EFGH',
  opened: false,
  expiresAt: '2026-11-21T12:10:00Z',
};
const browser = { event: 'prompt', kind: 'browser', url: 'https://sso.example/authorize?x=1', opened: true };
const done = { event: 'done', session: 'work', expiresAt: '2026-11-21T20:00:00Z' };
const desktop = { DISPLAY: ':0' };

const bodyOf = ({ daemon }: CliWorld): unknown => daemon.calls.find(({ route }) => route === loginRoute)?.body;

describe('login', () => {
  it('needs no name where there is one session', async () => {
    const world = await cliWorld();
    world.daemon.answer(loginRoute, { lines: [browser, done] });
    expect(await world.cli('login', { env: desktop })).toEqual({
      status: 0,
      stdout: '',
      stderr: `Asking for a sign-in to "work"
Your browser shows the sign-in page. If it does not, open:
  https://sso.example/authorize?x=1
Waiting for the sign-in
Signed in to "work", 8h 0m remaining
`,
    });
    expect(bodyOf(world)).toEqual({ flow: 'browser', openBrowser: true });
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
    ['a desktop', desktop, false, 'login', { flow: 'browser', openBrowser: true }],
    [
      'a desktop where nothing shall open',
      desktop,
      false,
      'login --no-browser',
      { flow: 'browser', openBrowser: false },
    ],
    ['a desktop with a code', desktop, false, 'login --device-code', { flow: 'device', openBrowser: true }],
    ['Wayland', { WAYLAND_DISPLAY: 'w' }, false, 'login', { flow: 'browser', openBrowser: true }],
    ['Windows below', { WSL_DISTRO_NAME: 'd' }, false, 'login', { flow: 'browser', openBrowser: true }],
    ['no display', {}, false, 'login', { flow: 'device', openBrowser: false }],
    ['SSH', { ...desktop, SSH_CONNECTION: '1 2' }, false, 'login', { flow: 'device', openBrowser: false }],
    [
      'SSH with an opener',
      { SSH_CONNECTION: '1 2', BROWSER: 'o' },
      false,
      'login',
      { flow: 'device', openBrowser: true },
    ],
    ['a container', desktop, true, 'login', { flow: 'device', openBrowser: false }],
  ])('chooses what works with %s', async (_, env, inContainer, words, expected) => {
    const world = await cliWorld();
    world.daemon.answer(loginRoute, { lines: [done] });
    await world.cli(words, { env, inContainer });
    expect(bodyOf(world)).toEqual(expected);
  });

  it('lists the sessions where there are several and none was named', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, sessions: [session('work'), session('side project')] };
    expect(await cli('login')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'credbroker: There are several sessions: "work", "side project". Run: credbroker login <session>\n',
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

describe('logout', () => {
  it('forgets the session that is named', async () => {
    const { daemon, cli } = await cliWorld();
    expect(await cli('logout work')).toEqual({ status: 0, stdout: '', stderr: 'Logged out of "work"\n' });
    expect(daemon.routes()).toContain('POST /v1/sessions/work/logout');
  });

  it('forgets every session with --all', async () => {
    const { daemon, cli } = await cliWorld();
    daemon.status = { ...daemon.status, sessions: [session('work'), session('a/b')] };
    expect((await cli('logout --all')).stderr).toBe('Logged out of "work"\nLogged out of "a/b"\n');
    expect(daemon.routes().slice(1)).toEqual(['POST /v1/sessions/work/logout', 'POST /v1/sessions/a%2Fb/logout']);
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
