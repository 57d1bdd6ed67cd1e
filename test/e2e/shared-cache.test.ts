/** The token cache in `~/.aws/sso/cache`, used by the broker and the AWS tools at the same time (cases in brackets). */
import { existsSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/emulator/index.ts';
import { environmentOf, succeeded } from '../support/container-clients.ts';
import { type Live, live, prepared } from '../support/live.ts';
import { Program, ranTo } from '../support/program.ts';
import {
  botocores,
  clis,
  homeIn,
  isAtLeast,
  javaScript,
  type RealClient,
  readTokenFile,
  type TokenFile,
  tokenPath,
} from '../support/real-clients.ts';
import { cannotRun } from '../support/required.ts';
import { storeSession } from '../support/stored-session.ts';

const minute = 60_000;
const everyone = [...botocores, ...clis, javaScript];

/** A broker in a home where another tool has signed in. */
async function withStoredSession(expiresInMs: number): Promise<{ world: Live; stored: TokenFile; token: string }> {
  const world = await prepared();
  const stored = await storeSession(world.emulator, homeOf(world), expiresInMs);
  await world.start();
  return { world, stored, token: await world.grant() };
}

const homeOf = (world: Live, client: RealClient = javaScript) => homeIn(client, world.emulator, world.home);

/** The identity by the client's own way through Identity Center. */
const identity = async (world: Live, client: RealClient): Promise<string> => {
  const { env } = homeOf(world, client);
  const ended = await ranTo([client.command, ...client.identityOf('dev')], {
    ...environmentOf({ client }, world.emulator),
    ...env,
  });
  return JSON.parse(succeeded(ended).stdout).Arn;
};

const tokenCalls = ({ emulator }: Live): readonly Entry[] =>
  emulator.journal.entries.filter(({ request }) => request.path.startsWith('/oidc/'));

/** Its tokens, when the broker has them, live for most of an hour. */
const holdsNewTokens = (world: Live) =>
  world.until(({ sessions }) => {
    const expiresAt = sessions.find(({ name }) => name === 'emulated')?.expiresAt ?? null;
    return expiresAt !== null && Date.parse(expiresAt) > Date.now() + 50 * minute;
  });

const bearers = ({ emulator }: Live): readonly unknown[] =>
  emulator.journal.calls('GetRoleCredentials').map(({ request }) => request.headers['x-amz-sso_bearer_token']);

describe('the shared cache', () => {
  it('leaves the AWS tools nothing to refresh once the broker has, and says the same of who is calling (21, 70)', async () => {
    const { world, stored, token } = await withStoredSession(14 * minute);
    expect((await world.ask('dev', token)).status).toBe(200);
    await holdsNewTokens(world);
    const file = readTokenFile(homeOf(world));
    expect(file).toMatchObject({ ofAnotherTool: 'kept', clientId: stored['clientId'] });
    expect([file['accessToken'], file['refreshToken']]).not.toContain(stored['accessToken']);
    expect(file['refreshToken']).not.toBe(stored['refreshToken']);
    expect(statSync(tokenPath(homeOf(world))).mode & 0o777).toBe(0o600);
    const before = tokenCalls(world).length;
    const identities = await Promise.all(everyone.map((client) => identity(world, client)));
    expect(tokenCalls(world).slice(before)).toEqual([]);
    expect(bearers(world).slice(1)).toEqual(everyone.map(() => file['accessToken']));
    const throughUs = await world.cli(['exec', 'dev', '--', javaScript.command, ...identityByChain]);
    expect(new Set([...identities, succeeded(throughUs).stdout.trim()]).size).toBe(1);
  });

  it.each([...botocores, javaScript])(
    'takes over what $name has refreshed, without a call of its own',
    async (client) => {
      const world = await live({ signedIn: false });
      const stored = await storeSession(world.emulator, homeOf(world), 4 * minute);
      const before = tokenCalls(world).length;
      await identity(world, client);
      await holdsNewTokens(world);
      const file = readTokenFile(homeOf(world));
      expect(file['accessToken']).not.toBe(stored['accessToken']);
      expect((await world.ask('staging', await world.grant())).status).toBe(200);
      expect(bearers(world)).toEqual([file['accessToken'], file['accessToken']]);
      expect(tokenCalls(world).slice(before)).toHaveLength(1);
    },
  );

  it('adopts the tokens of a tool that refreshed between our read and our request (25)', async (test) => {
    const client = botocores[0] ?? cannotRun(test, 'no botocore found');
    const world = await prepared();
    await storeSession(world.emulator, homeOf(world), 4 * minute);
    const ours = world.emulator.faults.add('CreateToken', { kind: 'hold' }, { times: 1 });
    await world.start();
    await world.emulator.journal.waitFor(({ fault }) => fault === 'hold');
    await identity(world, client);
    ours.release();
    await refusedAndRecovered(world);
  });

  it('adopts the tokens of a tool that stores them only after we were refused (26)', async (test) => {
    const client = botocores[0] ?? cannotRun(test, 'no botocore found');
    const world = await prepared();
    // Nothing could be served with what is there.
    await storeSession(world.emulator, homeOf(world), -minute);
    const theirs = world.emulator.faults.add('CreateToken', { kind: 'holdAnswer' }, { times: 1 });
    const finished = identity(world, client);
    await world.emulator.journal.waitFor(({ fault, answer }) => fault === 'holdAnswer' && answer !== null);
    await world.start();
    const asking = world.ask('dev', await world.grant());
    await world.emulator.journal.waitFor(({ answer }) => answer?.body.includes('invalid_grant') ?? false);
    theirs.release();
    expect((await asking).status).toBe(200);
    await finished;
    await refusedAndRecovered(world);
  });

  async function refusedAndRecovered(world: Live): Promise<void> {
    const { sessions } = await holdsNewTokens(world);
    expect(sessions[0]).toMatchObject({ state: 'active', refreshable: true, lastError: null });
    const refused = tokenCalls(world).filter(({ answer }) => answer?.body.includes('invalid_grant'));
    expect(refused).toHaveLength(1);
    expect((await world.ask('staging', await world.grant())).status).toBe(200);
    expect(bearers(world).at(-1)).toBe(readTokenFile(homeOf(world))['accessToken']);
    // Nobody was asked to sign in, or told that he would have to.
    expect(world.log().filter(({ msg, level }) => msg === 'sign-in opened' || level === 'warn')).toEqual([]);
  }

  it('is emptied by our own logout, for the AWS tools too, and upstream hears of it (52)', async (test) => {
    const client = botocores[0] ?? cannotRun(test, 'no botocore found');
    const { world, token } = await withStoredSession(50 * minute);
    expect((await world.ask('dev', token)).status).toBe(200);
    expect(await world.cli(['logout', 'emulated'])).toMatchObject({ status: 0, stderr: 'Logged out of "emulated"\n' });
    expect(world.emulator.journal.calls('Logout')[0]?.answer?.status).toBe(200);
    expect(existsSync(tokenPath(homeOf(world)))).toBe(false);
    await expect(identity(world, client)).rejects.toThrow('Token for emulated does not exist');
    expect((await world.ask('dev', token)).status).toBe(403);
  });
});

const identityByChain = [
  '--input-type=module',
  '--eval',
  `import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
   console.log((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn);`,
];

const cli2 = clis.find(({ version }) => isAtLeast(version, [2, 0]));

describe('the AWS CLI 2', () => {
  it('signs in for the broker, which serves without a restart', async (test) => {
    const client = cli2 ?? cannotRun(test, 'no AWS CLI 2 found');
    const world = await prepared({ knobs: { deviceIntervalMs: 1_000 } });
    await world.start();
    const token = await world.grant();
    expect((await world.ask('dev', token)).status).toBe(403);
    // Since 2.22 the browser is the default.
    const device = isAtLeast(client.version, [2, 22]) ? ['--use-device-code'] : [];
    const login = new Program([client.command, 'sso', 'login', '--profile', 'dev', '--no-browser', ...device], {
      ...environmentOf({ client }, world.emulator),
      ...homeOf(world, client).env,
    });
    await world.emulator.journal.finished('StartDeviceAuthorization');
    for (const code of world.emulator.people.waitingCodes()) world.emulator.people.approve(code);
    expect((await login.ended).status).toBe(0);
    await world.until(({ sessions }) => sessions[0]?.state === 'active');
    expect((await world.ask('dev', token)).status).toBe(200);
    expect(bearers(world)).toEqual([readTokenFile(homeOf(world))['accessToken']]);
  });

  it('signs the broker out, which keeps no credentials of that session', async (test) => {
    const client = cli2 ?? cannotRun(test, 'no AWS CLI 2 found');
    const { world, token } = await withStoredSession(50 * minute);
    expect((await world.ask('dev', token)).status).toBe(200);
    succeeded(
      await ranTo([client.command, 'sso', 'logout'], {
        ...environmentOf({ client }, world.emulator),
        ...homeOf(world, client).env,
      }),
    );
    const { profiles } = await world.until(({ sessions }) => sessions[0]?.state === 'signed-out');
    expect(profiles.filter(({ state }) => !['empty', 'unserved'].includes(state))).toEqual([]);
    const { status, body } = await world.ask('dev', token);
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 403, code: 'LoginRequired' });
    expect(existsSync(tokenPath(homeOf(world)))).toBe(false);
  });
});
