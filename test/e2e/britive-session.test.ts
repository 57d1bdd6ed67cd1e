/** A session of a Britive tenant in the released program: how it begins, dies, comes back and ends. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { credbroker } from '../support/built.ts';
import { succeeded } from '../support/container-clients.ts';
import type { Live } from '../support/live.ts';
import { Program } from '../support/program.ts';
import { storedSecrets } from '../support/promise-world.ts';
import { tempDir } from '../support/temp-dir.ts';
import { browser, logInTo, page, posts, signedInWorld, tenantWorld } from '../support/tenant-live.ts';
import { requireTerminal, Terminal } from '../support/terminal.ts';

/** The addresses where somebody was to sign in. */
const loginUrls = ({ emulator }: Live): ReadonlySet<string> => {
  const opened = emulator.journal.calls('BritiveLoginPage').filter(({ request }) => request.path === '/login');
  return new Set(opened.map(({ request }) => request.rawQuery));
};

/** Everything the daemon has written or said. */
const shown = (world: Live): string => {
  const state = join(world.home, 'state');
  const files = readdirSync(state, { recursive: true, encoding: 'utf8' }).map((name) => join(state, name));
  const texts = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'latin1'));
  return [...texts, world.daemon.stdout, world.daemon.stderr].join('\n');
};

const restart = async (world: Live): Promise<void> => {
  await world.daemon.kill('SIGTERM');
  await world.start();
};

describe('a sign-in', () => {
  it('shows neither its verifier nor its token to anybody (case 1)', async () => {
    const world = await tenantWorld();
    const { journal, faults } = world.emulator;
    const pending = { kind: 'status', status: 401, body: { errorCode: 'AU-0020' } } as const;
    faults.add('BritiveRetrieveTokens', pending, { times: 3 });
    const { stdout, stderr } = succeeded(await world.cli(['login', 'acme'], { BROWSER: browser(world) }));
    const polls = journal.calls('BritiveRetrieveTokens');
    expect(polls).toHaveLength(4);
    const { cliToken } = JSON.parse(polls[0]?.request.body ?? '').authParameters;
    const { accessToken } = JSON.parse(polls[3]?.answer?.body ?? '').authenticationResult;
    for (const secret of [cliToken, accessToken]) {
      expect(secret.length).toBeGreaterThan(40);
      expect(`${shown(world)}${stdout}${stderr}`).not.toContain(secret);
    }
  });

  it('is one for two programs that need it at the same time (case 4)', async () => {
    const world = await signedInWorld();
    const { britive, faults, journal } = world.emulator;
    britive.people.endSessions();
    journal.clear();
    const held = faults.add('BritiveRetrieveTokens', { kind: 'hold' });
    const env = { ...world.env, BROWSER: browser(world) };
    const both = [1, 2].map(() => new Program([...credbroker(), 'login', 'acme'], env));
    await Promise.all(both.map((program) => program.says(/\/login\?token=|browser/i)));
    await journal.waitFor(({ operation }) => operation === 'BritiveRetrieveTokens');
    held.release();
    for (const { status } of await Promise.all(both.map((program) => program.ended))) expect(status).toBe(0);
    expect(loginUrls(world).size).toBe(1);
  });
});

it('a window that the daemon opens for a checkout is the one that the person finishes', async (test) => {
  requireTerminal(test);
  const home = tempDir();
  writeFileSync(join(home, 'browser.mjs'), page);
  const world = await signedInWorld({
    login: 'on-demand',
    config: 'refresh: { login: { afterSuccess: 1ms } }\n',
    env: { BROWSER: browser({ home }) },
  });
  const { britive, faults, journal } = world.emulator;
  britive.people.endSessions();
  journal.clear();
  const opened = world.log().filter(({ msg }) => msg === 'sign-in opened').length;
  // Nobody is through before the person has seen the page.
  const held = faults.add('BritiveRetrieveTokens', { kind: 'hold' });
  const terminal = new Terminal([...credbroker(), 'checkout', 'cloud-dev'], world.env);
  await terminal.shows('/login?token=');
  held.release();
  const { status, screen } = await terminal.ended;
  expect([status, screen]).toEqual([0, expect.stringMatching(/Checked out cloud-dev \(.+\)\n$/)]);
  expect(screen.split('Opened the sign-in page')).toHaveLength(2);
  expect(screen).not.toContain('Open this page');
  expect(loginUrls(world).size).toBe(1);
  const windows = world.log().filter(({ msg }) => msg === 'sign-in opened');
  expect(windows.slice(opened)).toEqual([expect.objectContaining({ session: 'acme', byUser: false })]);
});

it('a session that the tenant has killed is replaced by one sign-in, and the same request is answered (case 5)', async () => {
  const world = await signedInWorld();
  const { britive, journal } = world.emulator;
  await restart(world);
  britive.people.endSessions();
  journal.clear();
  const token = await world.grant();
  for (let n = 0; n < 3; n++) {
    const { status, body } = await world.ask('cloud-dev', token);
    expect(status).toBe(403);
    expect(JSON.parse(body).message).toBe('Session "acme" has expired. Run: credbroker login acme');
  }
  // The refusal itself, and the second opinion before anybody is asked to sign in.
  expect(journal.entries.map(({ operation, answer }) => [operation, answer?.status])).toEqual([
    ['BritiveStatus', 401],
    ['BritiveValidate', 401],
  ]);
  await logInTo(world);
  expect((await world.ask('cloud-dev', token)).status).toBe(200);
  expect(loginUrls(world).size).toBe(1);
  expect(posts(world)).toBe(1);
});

it('a late refusal of the session before does not end the one that has begun (section 4.5)', async () => {
  const world = await signedInWorld();
  const { britive, journal, faults } = world.emulator;
  await restart(world);
  britive.people.endSessions();
  journal.clear();
  const token = await world.grant();
  const held = faults.add('BritiveStatus', { kind: 'holdAnswer' }, { times: 1 });
  const asked = world.ask('cloud-dev', token);
  await journal.waitFor(({ operation, answer }) => operation === 'BritiveStatus' && answer?.status === 401);
  await logInTo(world);
  held.release();
  await asked;
  expect((await world.ask('cloud-dev', token)).status).toBe(200);
  expect(loginUrls(world).size).toBe(1);
  const { sessions } = await world.client.status();
  expect(sessions.find(({ name }) => name === 'acme')?.state).toBe('active');
});

it('an API token that was revoked is told by its code, and opens no browser (case 6)', async () => {
  const world = await tenantWorld();
  const { people } = world.emulator.britive;
  const apiToken = people.issueApiToken({ userName: 'dev@example.com', type: 'DEFAULT', lifeMs: 3_600_000 });
  for await (const event of world.client.login('acme', { flow: 'browser', openBrowser: false, token: apiToken })) {
    expect(event.event).toBe('done');
  }
  people.revokeApiToken(apiToken);
  const why = 'Session "acme" has ended: the API token was revoked (AU-0016). Run: credbroker login acme --token';
  const { status, body } = await world.ask('cloud-dev', await world.grant());
  expect([status, JSON.parse(body).message]).toEqual([403, why]);
  expect(await world.cli(['checkout', 'cloud-dev'])).toMatchObject({ status: 3, stderr: `credbroker: ${why}\n` });
  const { stdout } = await world.cli(['explain', 'cloud-dev']);
  expect(stdout).toContain('AU-0016');
  expect(loginUrls(world).size).toBe(0);
});

it('maintenance leaves what is held to those who ask, and says so (case 33)', async () => {
  const world = await signedInWorld();
  const token = await world.grant();
  const first = await world.ask('cloud-dev', token);
  expect(first.status).toBe(200);
  world.emulator.britive.knobs.maintenance = 'Back at 10';
  const forced = await world.cli(['checkout', 'cloud-dev', '--force']);
  expect([forced.status, forced.stdout]).toEqual([5, '']);
  const { profiles } = await world.client.status();
  const told = /^127\.0\.0\.1:\d+ is in maintenance; it is asked again in \d+ s: "Back at 10"$/;
  expect(profiles.find(({ name }) => name === 'cloud-dev')?.lastError).toMatch(told);
  expect(forced.stderr.trim().split('\n').at(-1)?.replace('credbroker: ', '')).toMatch(told);
  expect(world.log()).toContainEqual(expect.objectContaining({ profile: 'cloud-dev', detail: 'Back at 10' }));
  const { status, body } = await world.ask('cloud-dev', token);
  expect(status).toBe(200);
  expect(JSON.parse(body).AccessKeyId).toBe(JSON.parse(first.body).AccessKeyId);
  expect(world.emulator.journal.calls('BritiveCheckin')).toEqual([]);
  world.emulator.britive.knobs.maintenance = null;
  // Programs are kept away for a while longer; a person is not.
  expect((await world.cli(['checkout', 'cloud-dev', '--force'])).status).toBe(0);
});

it('a session whose end is met by something else than a checkout is over for all', async () => {
  const world = await signedInWorld();
  await restart(world);
  world.emulator.britive.people.endSessions();
  succeeded(await world.cli(['status']));
  const { sessions } = await world.client.status();
  expect(sessions.find(({ name }) => name === 'acme')?.state).toBe('login-required');
});

it('a logout leaves nothing of the session in the store (case 34)', async () => {
  const world = await signedInWorld();
  expect((await storedSecrets(world)).size).toBe(1);
  succeeded(await world.cli(['logout', 'acme']));
  expect((await storedSecrets(world)).size).toBe(0);
});
