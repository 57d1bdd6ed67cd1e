/** What is wrong in files, in requests and upstream: each has its sentence, and nothing is lost by it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/emulator/index.ts';
import { succeeded } from '../support/container-clients.ts';
import { type Live, live, prepared, rolesLive } from '../support/live.ts';
import { homeIn, javaScript, readTokenFile, tokenPath } from '../support/real-clients.ts';
import { storeSession } from '../support/stored-session.ts';

const minute = 60_000;
/** A client that waits for less than a second. */
const hasty = 'hasty/1';

/** Answers and tries again soon, so that a test need not wait for the pace of real outages. */
const eager = `
refresh:
  hold: { default: 200ms }
  retry: { first: 200ms, cap: 500ms }
  emptyRetry: { first: 200ms, then: 200ms, cap: 500ms }
`;

const answer = async (world: Live, profile: string, token: string, userAgent?: string) => {
  const { status, body } = await world.ask(profile, token, userAgent);
  const { code, message } = JSON.parse(body);
  return { status, code, message };
};

const homeOf = (world: Live) => homeIn(javaScript, world.emulator, world.home);

describe('a profile that does not exist', () => {
  it('is a 400 for SDKs and status 2 for commands, which name it', async () => {
    const world = await live();
    const token = await world.grant();
    expect(await answer(world, 'devv', token)).toMatchObject({ status: 400, code: 'ProfileNotFound' });
    for (const words of [
      ['exec', 'devv', '--', 'true'],
      ['credential-process', 'devv'],
    ]) {
      const { status, stdout, stderr } = await world.cli(words);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^credbroker: [^\n]*"devv"[^\n]*\n$/);
    }
    expect(world.emulator.journal.calls('GetRoleCredentials')).toEqual([]);
  });
});

describe('a settings file that is edited into nonsense', () => {
  it.each([
    ['is not YAML', 'listen: { port: 0 }\nlogin: [\n', 'config.yaml:'],
    ['has an unknown key', 'listen: { port: 0 }\nlogout: manual\n', 'config.yaml:2 logout: '],
    ['has a wrong value', 'listen: { port: 0 }\n\nlogin: never\n', 'config.yaml:3 login: '],
  ])('stays without effect while it %s, and is complained of by file and line', async (_, text, place) => {
    const world = await live();
    const token = await world.grant();
    const good = readFileSync(world.configFile, 'utf8');
    writeFileSync(world.configFile, text);
    const { problems } = await world.until((status) => status.problems.length > 0);
    expect(problems[0]).toContain(place);
    expect((await world.cli(['status'])).stdout).toContain(place);
    const check = await world.cli(['config', 'check']);
    expect(check.status).toBe(2);
    expect(`${check.stdout}${check.stderr}`).toContain(place);
    expect((await world.ask('dev', token)).status).toBe(200);
    writeFileSync(world.configFile, good);
    await world.until((status) => status.problems.length === 0);
    expect((await world.cli(['config', 'check'])).status).toBe(0);
  });
});

describe('a token file that is half written', () => {
  const half = (world: Live): string => {
    const path = tokenPath(homeOf(world));
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.slice(0, whole.length / 2));
    return whole;
  };

  it('does not sign anybody out', async () => {
    const world = await live();
    const token = await world.grant();
    half(world);
    for (const profile of ['dev', 'staging', 'prod']) expect((await world.ask(profile, token)).status).toBe(200);
    expect((await world.client.status()).sessions[0]?.state).toBe('active');
  });

  it('is read again as soon as it is whole', async () => {
    const world = await prepared({ config: eager });
    await storeSession(world.emulator, homeOf(world), 50 * minute);
    const whole = half(world);
    await world.start();
    const token = await world.grant();
    const refused = await answer(world, 'dev', token, hasty);
    expect(refused).toMatchObject({ status: 503 });
    writeFileSync(tokenPath(homeOf(world)), whole);
    await world.until(({ sessions }) => sessions[0]?.state === 'active');
    expect((await world.ask('dev', token)).status).toBe(200);
    expect(world.emulator.journal.calls('Authorize')).toEqual([]);
  });
});

describe('a path that is something else', () => {
  it('ends the start with one sentence where the settings are a directory', async () => {
    const world = await prepared();
    rmSync(world.configFile);
    mkdirSync(world.configFile);
    const { status, stderr } = await world.cli(['serve']);
    expect(status).toBe(2);
    expect(stderr.trim().split('\n').at(-1)).toBe(
      `credbroker: ${world.configFile}: The file cannot be read (EISDIR); put a file in place of the directory`,
    );
  });

  it('ends the start with one sentence where the state is a file', async () => {
    const world = await prepared();
    writeFileSync(join(world.home, 'state'), '');
    const { status, stderr } = await world.cli(['serve']);
    expect(status).toBe(1);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^credbroker: "[^"]+\/state" is not a directory/);
  });

  it('is complained of, and the rest is served, where the settings of the AWS tools are a directory', async () => {
    const world = await prepared();
    rmSync(join(world.home, '.aws', 'config'));
    mkdirSync(join(world.home, '.aws', 'config'));
    await world.start();
    const { problems, profiles } = await world.client.status();
    expect(problems[0]).toContain(join('.aws', 'config'));
    expect(profiles).toEqual([]);
    rmSync(join(world.home, '.aws', 'config'), { recursive: true });
    writeFileSync(join(world.home, '.aws', 'config'), world.emulator.awsConfig());
    await world.until((status) => status.profiles.length > 0);
    await world.signIn();
    expect((await world.ask('dev', await world.grant())).status).toBe(200);
  });
});

const captivePortal = 'something else answered (a captive portal or proxy?)';
const spoiled: readonly (readonly [string, Fault, string])[] = [
  ['a hotel answers instead', { kind: 'captivePortal' }, captivePortal],
  ['half a document comes', { kind: 'malformedJson' }, 'gave an answer that could not be read'],
  ['the answer breaks off', { kind: 'truncated' }, 'could not be reached'],
  ['a gateway fails', { kind: 'badGateway' }, 'answered with an error of its own'],
  ['the connection is reset', { kind: 'resetBefore' }, 'could not be reached'],
];

describe('when role credentials are asked for and', () => {
  it.each(spoiled)('%s, a client is told so and gets them afterwards', async (_, fault, why) => {
    const world = await live({ config: eager });
    const token = await world.grant();
    const placed = world.emulator.faults.add('GetRoleCredentials', fault);
    let refused = await answer(world, 'dev', token, hasty);
    // On a slow machine the first answer may come after this client's patience.
    while (refused.code === 'Renewing') refused = await answer(world, 'dev', token, hasty);
    expect(refused).toMatchObject({ status: 503, code: 'UpstreamUnavailable' });
    expect(refused.message).toContain(why);
    placed.remove();
    expect((await world.ask('dev', token)).status).toBe(200);
    expect((await world.client.status()).sessions[0]?.state).toBe('active');
  });

  it('no answer comes, a client is told in time that they are on their way', async () => {
    const world = await live({ config: eager });
    const token = await world.grant();
    const silence = world.emulator.faults.add('GetRoleCredentials', { kind: 'hold' });
    expect(await answer(world, 'dev', token, hasty)).toMatchObject({ status: 503, code: 'Renewing' });
    silence.release();
    expect((await world.ask('dev', token)).status).toBe(200);
    expect(world.emulator.journal.calls('GetRoleCredentials')).toHaveLength(1);
  });
});

/** The old refresh token counts for a while after its replacement got lost, as with most servers. */
const lenient = { oldToken: { graceMs: minute } };

describe('when a session is refreshed and', () => {
  it.each([...spoiled, ['the answer gets lost', { kind: 'resetAfter' }, ''] as const])(
    '%s, the tokens that live on are used, and refreshed afterwards',
    async (_, fault) => {
      const world = await prepared({ config: eager, knobs: lenient });
      await storeSession(world.emulator, homeOf(world), 4 * minute);
      const placed = world.emulator.faults.add('CreateToken', fault);
      await world.start();
      const token = await world.grant();
      await world.emulator.journal.waitFor((entry) => entry.fault === fault.kind && entry.done);
      const old = readTokenFile(homeOf(world))['accessToken'];
      for (const profile of ['dev', 'staging']) expect((await world.ask(profile, token)).status).toBe(200);
      placed.remove();
      while (!(await hasNewTokens(world))) await demandRefresh(world);
      expect(readTokenFile(homeOf(world))['accessToken']).not.toBe(old);
      expect(world.log().filter(({ msg }) => msg === 'sign-in opened')).toEqual([]);
    },
  );
});

async function hasNewTokens({ client }: Live): Promise<boolean> {
  const { sessions } = await client.status();
  return Date.parse(sessions[0]?.expiresAt ?? '') > Date.now() + 50 * minute;
}

/** Whoever lists profiles needs the session, which is a reason to refresh it. */
async function demandRefresh({ client }: Live): Promise<void> {
  for await (const event of client.sync('emulated')) expect(event.event).not.toBe('failed');
}

async function askUntil(world: Live, token: string, done: Promise<unknown>): Promise<void> {
  let isDone = false;
  const ending = done.finally(() => {
    isDone = true;
  });
  while (!isDone) expect((await world.ask('dev', token)).status).toBe(200);
  await ending;
}

describe('an outage', () => {
  it('is not noticed by those whose credentials are held, though they are due', async () => {
    const world = await live({
      knobs: rolesLive(6_000),
      config:
        'refresh: { lead: [{ min: 5s, max: 5s }], soft: 1s, floor: 500ms, minRenewalGap: 0, retry: { first: 200ms, cap: 500ms } }',
    });
    const token = await world.grant();
    const first = JSON.parse((await world.ask('dev', token)).body).AccessKeyId;
    const outage = world.emulator.faults.add('*', { kind: 'status', status: 503 });
    const { journal } = world.emulator;
    const met = journal.waitFor(() => journal.entries.filter(({ fault }) => fault !== null).length >= 2);
    await askUntil(world, token, met);
    outage.remove();
    let key = first;
    while (key === first) {
      const { status, body } = await world.ask('dev', token);
      expect(status).toBe(200);
      key = JSON.parse(body).AccessKeyId;
    }
  });

  it('of the session itself leaves what is held to those who have it, and tells the others what to do (51)', async () => {
    const world = await live();
    const token = await world.grant();
    expect((await world.ask('dev', token)).status).toBe(200);
    // A token that upstream accepted within the minute is trusted; this one it has not seen.
    await world.signIn();
    world.emulator.people.logOutEverywhere();
    expect(await answer(world, 'staging', token)).toEqual({
      status: 403,
      code: 'LoginRequired',
      message: 'Session "emulated" has expired. Run: credbroker login emulated',
    });
    expect((await world.ask('dev', token)).status).toBe(200);
    const { sessions } = await world.client.status();
    expect(sessions[0]).toMatchObject({ state: 'login-required', next: 'Run: credbroker login emulated' });
    await world.signIn();
    expect((await world.ask('staging', token)).status).toBe(200);
    expect(succeeded(await world.cli(['status'])).stdout).toContain('signed in');
  });
});
