import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appears } from '../support/appears.ts';
import { type CliWorld, cliWorld, type Setting } from '../support/cli-world.ts';
import { loginRouteOf, session } from '../support/fake-daemon.ts';

const checkout = 'POST /v1/profiles/dev/checkout';
const loginRoute = loginRouteOf('work');
const signedIn = { event: 'done', session: 'work', expiresAt: '2026-11-21T20:00:00Z' };

/** Runs a program that writes down its environment. */
async function environmentIn(world: CliWorld, changes: Partial<Setting> = {}): Promise<Record<string, string>> {
  const file = join(world.home, 'environment.json');
  const script = 'require("fs").writeFileSync(process.argv[1], JSON.stringify(process.env))';
  const { status } = await world.cli(['exec', 'dev', '--', process.execPath, '-e', script, file], changes);
  expect(status).toBe(0);
  return JSON.parse(readFileSync(file, 'utf8'));
}

describe('exec', () => {
  it('gives the program an endpoint, a token and a region', async () => {
    const world = await cliWorld();
    const env = await environmentIn(world);
    expect(env).toMatchObject({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9911/credentials/dev',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: expect.stringMatching(/^cb_[\w-]{43}$/),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      HOME: world.home,
    });
  });

  it('fetches first, grants the one profile for as long as the program runs, and revokes', async () => {
    const world = await cliWorld();
    await environmentIn(world);
    const id = world.daemon.grants[0]?.id;
    expect(world.daemon.routes()).toEqual(['GET /v1/status', checkout, 'POST /v1/grants', `DELETE /v1/grants/${id}`]);
    expect(world.daemon.calls[2]?.body).toEqual({
      label: 'exec:dev',
      kind: 'session',
      profiles: ['dev'],
      lifetimeMs: null,
    });
  });

  it('clears everything that would win over the endpoint', async () => {
    const shadows = {
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_SESSION_TOKEN: 't',
      AWS_SECURITY_TOKEN: 't',
      AWS_PROFILE: 'p',
      AWS_DEFAULT_PROFILE: 'p',
      AWS_ROLE_ARN: 'arn',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/t',
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/r',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/f',
    };
    const env = await environmentIn(await cliWorld(), { env: { ...shadows, AWS_CA_BUNDLE: '/ca' } });
    expect(Object.keys(shadows).filter((name) => name in env)).toEqual([]);
    expect(env['AWS_CA_BUNDLE']).toBe('/ca');
  });

  it.each([
    ['nothing', {}, '127.0.0.1,localhost,::1', '127.0.0.1,localhost,::1'],
    [
      'one spelling',
      { no_proxy: 'a.example' },
      'a.example,127.0.0.1,localhost,::1',
      'a.example,127.0.0.1,localhost,::1',
    ],
    ['both', { NO_PROXY: 'A', no_proxy: 'b,localhost' }, 'A,127.0.0.1,localhost,::1', 'b,localhost,127.0.0.1,::1'],
    ['everything', { NO_PROXY: '*' }, '*', '*'],
  ])('keeps loopback away from proxies where %s is set', async (_, env, upper, lower) => {
    const seen = await environmentIn(await cliWorld(), { env });
    expect([seen['NO_PROXY'], seen['no_proxy']]).toEqual([upper, lower]);
  });

  it('hides ~/.aws from the program when its default profile would win, and says so', async () => {
    const world = await cliWorld();
    mkdirSync(join(world.home, '.aws'));
    const file = join(world.home, '.aws', 'credentials');
    writeFileSync(file, '[default]\naws_access_key_id = A\naws_secret_access_key = B\n');
    let said = '';
    const env = await environmentIn(world, { written: (text) => (said = text) });
    expect(env).toMatchObject({ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
    expect(said).toBe(`Hiding ~/.aws from the program: "${file}" has a [default] it would prefer\n`);
  });

  it("returns the program's own status and says nothing itself", async () => {
    const { cli } = await cliWorld();
    expect(await cli(['exec', 'dev', 'sh', '-c', 'exit 42'])).toEqual({ status: 42, stdout: '', stderr: '' });
  });

  it('returns 128 and the signal that killed the program', async () => {
    const { cli } = await cliWorld();
    expect((await cli(['exec', 'dev', '--', 'sh', '-c', 'kill -KILL $$'])).status).toBe(137);
  });

  it('returns 127 for a program that does not exist, and revokes its grant', async () => {
    const { cli, daemon } = await cliWorld();
    const { status, stderr } = await cli('exec dev -- no-such-program-anywhere');
    expect(status).toBe(127);
    expect(stderr).toBe('credbroker: Cannot run "no-such-program-anywhere": there is no such command\n');
    expect(daemon.routes().at(-1)).toMatch(/^DELETE /);
  });

  it('leaves the options of the program alone', async () => {
    const { cli } = await cliWorld();
    expect((await cli(['exec', 'dev', 'sh', '-c', 'test "$1" = --no-start', '0', '--no-start'])).status).toBe(0);
  });

  it('passes signals on and leaves with the program', async () => {
    const { cli, home, daemon } = await cliWorld();
    const signals = new EventEmitter();
    const ready = join(home, 'ready');
    const script = 'trap "exit 7" TERM; : > "$0"; while :; do sleep 0.02; done';
    const running = cli(['exec', 'dev', '--', 'sh', '-c', script, ready], { signals });
    await appears(ready);
    signals.emit('SIGTERM', 'SIGTERM');
    expect((await running).status).toBe(7);
    expect(daemon.routes().at(-1)).toMatch(/^DELETE /);
  });

  it('leaves Ctrl-C to the terminal, which has told the program already', async () => {
    const { cli, home } = await cliWorld();
    const signals = new EventEmitter();
    const ready = join(home, 'ready');
    const script = 'trap "exit 9" INT; trap "exit 7" TERM; : > "$0"; while :; do sleep 0.02; done';
    const running = cli(['exec', 'dev', '--', 'sh', '-c', script, ready], { signals, tty: true });
    await appears(ready);
    signals.emit('SIGINT', 'SIGINT');
    signals.emit('SIGTERM', 'SIGTERM');
    expect((await running).status).toBe(7);
  });

  it('signs in first, where somebody can see it', async () => {
    const { cli, daemon } = await cliWorld();
    daemon.status = { ...daemon.status, sessions: [session('work', { state: 'login-required' })] };
    daemon.answer(loginRoute, { lines: [signedIn] });
    const { status, stderr } = await cli('exec dev -- true', { tty: true });
    expect(status).toBe(0);
    expect(stderr).toContain('Signed in to "work"');
    expect(daemon.routes().slice(0, 3)).toEqual(['GET /v1/status', loginRoute, checkout]);
  });

  it('signs in when only the first fetch shows that it must', async () => {
    const { cli, daemon } = await cliWorld();
    const body = { code: 'LoginRequired', message: 'Session "work" has expired. Run: credbroker login work' };
    daemon.answer(checkout, { status: 403, body });
    daemon.answer(loginRoute, { lines: [signedIn] });
    const { status } = await cli('exec dev -- true', { tty: true });
    expect(daemon.routes()).toEqual(['GET /v1/status', checkout, loginRoute, checkout]);
    expect(status).toBe(3);
  });

  it('does not wait for a person where there is none', async () => {
    const { cli, daemon } = await cliWorld();
    const body = { code: 'LoginRequired', message: 'Session "work" has expired. Run: credbroker login work' };
    daemon.answer(checkout, { status: 403, body });
    expect(await cli('exec dev -- true')).toEqual({ status: 3, stdout: '', stderr: `credbroker: ${body.message}\n` });
    expect(daemon.grants).toEqual([]);
  });

  it('keeps the status of the program although its grant could not be revoked', async () => {
    const { cli, daemon } = await cliWorld();
    daemon.answer('DELETE', { status: 503, body: { code: 'Overloaded', message: 'Too much' } });
    const { status, stderr } = await cli(['exec', 'dev', '--', 'sh', '-c', 'exit 5']);
    expect(status).toBe(5);
    expect(stderr).toMatch(/^The grant "[0-9a-f]{16}" was not revoked\. Run: credbroker grant revoke [0-9a-f]{16}\n$/);
  });
});
