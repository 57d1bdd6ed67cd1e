import { mkdirSync, rmSync, statSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epoch } from '../../../src/core/types.ts';
import type { Fault } from '../../../src/emulator/index.ts';
import { awsLogin } from '../../../src/providers/aws-login/index.ts';
import { assertMatchesModels } from '../../support/aws-models.ts';
import { hours, minutes, seconds, settled } from '../../support/fake-clock.ts';
import { readOnly } from '../../support/file-faults.ts';
import { devProfile, type LoginWorld, loginWorld } from '../../support/login-world.ts';
import { loginSession, newKey, pemOf, SigninClient } from '../../support/signin-client.ts';

const signedIn = async (region?: string, changes?: object) => {
  const world = await loginWorld();
  onTestFinished(() => assertMatchesModels(world.emulator.journal));
  await world.logIn(region, changes);
  return world;
};

const keysIn = (world: LoginWorld) => (world.fields()['accessToken'] as { accessKeyId: string }).accessKeyId;

const spoiled = (world: LoginWorld, fault: Fault) => world.emulator.faults.add('CreateOAuth2Token', fault);

const rejected = (detail: string, why = 'session_ended') => ({ type: 'rejected', why, detail });

describe('a profile of aws login', () => {
  it('serves what the AWS CLI left, and asks nobody', async () => {
    const world = await signedIn();
    const before = world.text();
    const verdict = await world.open()();
    const accountId = '012345678910';
    const expiresAt = world.clock.now() + minutes(15);
    expect(verdict).toMatchObject({ type: 'ok', value: { accessKeyId: keysIn(world), accountId, expiresAt } });
    expect([world.renewals(), world.text()]).toEqual([0, before]);
  });

  it.each([
    [minutes(8), 0],
    [minutes(8) + 1, 1],
    [hours(2), 1],
  ])('case 64: after %i ms has renewed it %i times', async (passed, renewals) => {
    const world = await signedIn();
    world.clock.advance(passed);
    expect(await world.open()()).toMatchObject({ type: 'ok', value: { accessKeyId: keysIn(world) } });
    expect(world.renewals()).toBe(renewals);
  });

  it.each(['sec1', 'pkcs8'] as const)(
    'case 63: renews with a key written as %s, and leaves it as it is',
    async (type) => {
      const world = await signedIn('us-east-1', { theirs: { deep: [1] } });
      const login = await world.cli.logIn('us-east-1', type);
      world.write({ ...login, theirs: { deep: [1] } });
      world.clock.advance(minutes(10));
      const verdict = await world.open()();
      const expiresAt = new Date(world.clock.now() + minutes(15)).toISOString().replace('.000Z', 'Z');
      const { accessToken, refreshToken, ...others } = world.fields();
      const { refreshToken: spent, accessToken: old, ...kept } = login;
      expect(others).toEqual({ ...kept, theirs: { deep: [1] } });
      expect(refreshToken).not.toBe(spent);
      expect(accessToken).toMatchObject({ accountId: old.accountId, expiresAt });
      expect(verdict).toMatchObject({
        type: 'ok',
        value: accessToken && { ...accessToken, expiresAt: expect.anything() },
      });
      expect(statSync(world.path).mode & 0o777).toBe(0o600);
    },
  );

  it('renews once for all its profiles', async () => {
    const world = await signedIn();
    world.clock.advance(minutes(10));
    const [one, other] = [world.open(), world.open({ name: 'other' })];
    const verdicts = await Promise.all([one(), other(), one()]);
    expect(world.renewals()).toBe(1);
    expect(new Set(verdicts.map((verdict) => verdict.type === 'ok' && verdict.value.accessKeyId))).toEqual(
      new Set([keysIn(world)]),
    );
  });

  it('tells of a sign-in by the AWS CLI, and not of its own renewals', async () => {
    const world = await signedIn();
    const told: string[] = [];
    onTestFinished(world.provider.watch(devProfile, () => told.push('changed')));
    world.clock.advance(minutes(10));
    expect(await world.open()()).toMatchObject({ type: 'ok' });
    for (let turn = 0; turn < 20; turn++) await settled();
    expect(told).toEqual([]);
    await world.logIn();
    while (told.length === 0) await settled();
  });

  it('proves itself anew at every call', async () => {
    const world = await signedIn();
    const acquire = world.open();
    for (let round = 0; round < 2; round++) {
      world.clock.advance(minutes(10));
      expect(await acquire()).toMatchObject({ type: 'ok' });
    }
    const proofs = world.emulator.journal.calls('CreateOAuth2Token').map(({ request }) => request.headers['dpop']);
    expect(new Set(proofs).size).toBe(3);
  });

  it('serves in memory what cannot be written, warns, and writes it when it can', async (test) => {
    const world = await signedIn();
    const before = keysIn(world);
    world.clock.advance(minutes(10));
    const writable = readOnly(test, world.directory);
    const acquire = world.open();
    const first = await acquire();
    expect(first).toMatchObject({ type: 'ok' });
    expect([keysIn(world), world.warnings]).toEqual([before, ['a sign-in is in memory alone']]);
    writable();
    expect(await acquire()).toEqual(first);
    expect(first).toMatchObject({ value: { accessKeyId: keysIn(world) } });
    expect(world.renewals()).toBe(1);
  });

  it('does not make a file again that was deleted while it renewed', async () => {
    const world = await signedIn();
    world.clock.advance(minutes(10));
    const held = spoiled(world, { kind: 'hold' });
    const verdict = world.open()();
    await world.emulator.journal.waitFor(({ fault }) => fault === 'hold');
    rmSync(world.path);
    held.release();
    expect(await verdict).toEqual(rejected('nobody is signed in. Run: aws login --profile dev'));
    expect(() => world.text()).toThrow('ENOENT');
  });

  it('takes what another tool has renewed meanwhile when upstream refuses ours', async () => {
    const world = await signedIn();
    world.clock.advance(minutes(10));
    const theirs = await new SigninClient(world.emulator, world.clock.now).logIn();
    const held = spoiled(world, { kind: 'hold' });
    const verdict = world.open()();
    await world.emulator.journal.waitFor(({ fault }) => fault === 'hold');
    world.write(theirs);
    world.emulator.logins.refuse(loginSession, 'TOKEN_EXPIRED');
    held.release();
    expect(await verdict).toMatchObject({ type: 'ok', value: { accessKeyId: theirs.accessToken.accessKeyId } });
    expect(keysIn(world)).toBe(theirs.accessToken.accessKeyId);
  });

  it('serves a sign-in that came while it renewed the one before', async () => {
    const world = await signedIn();
    world.clock.advance(minutes(10));
    const theirs = await new SigninClient(world.emulator, world.clock.now).logIn();
    const held = spoiled(world, { kind: 'holdAnswer' });
    const verdict = world.open()();
    await world.emulator.journal.waitFor(({ fault }) => fault === 'holdAnswer');
    world.write(theirs);
    held.release();
    expect(await verdict).toMatchObject({ type: 'ok', value: { accessKeyId: theirs.accessToken.accessKeyId } });
    expect(world.fields()).toEqual(theirs);
  });

  it.each([
    ['no refresh token keeps the one before', {}, 'ok'],
    ['no secret is none', { accessToken: { accessKeyId: 'ASIA1', sessionToken: 't' } }, 'transient'],
    ['no life is none', { expiresIn: undefined }, 'transient'],
  ])('an answer with %s', async (_what, changes, type) => {
    const world = await signedIn();
    const { refreshToken } = world.fields();
    world.clock.advance(minutes(15));
    const accessToken = { accessKeyId: 'ASIA1', secretAccessKey: 's', sessionToken: 't' };
    const body = { accessToken, tokenType: 'aws_sigv4', expiresIn: 900, ...changes };
    spoiled(world, { kind: 'status', status: 200, body });
    expect((await world.open()()).type).toBe(type);
    expect([keysIn(world) === 'ASIA1', world.fields()['refreshToken']]).toEqual([type === 'ok', refreshToken]);
  });

  it('goes on with what it knows while nobody finishes the file, and repairs it', async () => {
    const world = await signedIn();
    const acquire = world.open();
    await acquire();
    const whole = world.fields();
    world.write('{"accessToken":{"acc');
    expect(await acquire()).toMatchObject({ type: 'ok' });
    expect(world.text()).toBe('{"accessToken":{"acc');
    world.clock.advance(minutes(10));
    expect(await acquire()).toMatchObject({ type: 'ok', value: { accessKeyId: keysIn(world) } });
    expect(world.fields()).toEqual({ ...whole, accessToken: expect.anything(), refreshToken: expect.anything() });
  });
});

describe('where it was signed in', () => {
  const calledRegions = ({ emulator }: LoginWorld) =>
    emulator.journal
      .calls('CreateOAuth2Token')
      .filter(({ request }) => request.body.includes('"refresh_token"'))
      .map(({ request }) => request.region);

  it.each([
    ['the file comes first', { signInRegion: 'eu-west-1' }, { region: 'eu-central-1' }],
    ['then the settings', {}, { signInRegion: 'eu-west-1', region: 'eu-central-1' }],
    ["then the profile's own region", { signInRegion: 'not a region/' }, { region: 'eu-west-1' }],
  ])('case 65: %s', async (_what, file, profile) => {
    const world = await signedIn('eu-west-1', file);
    world.remembered.set(loginSession, 'us-west-2');
    world.clock.advance(minutes(10));
    expect(await world.open(profile)()).toMatchObject({ type: 'ok' });
    expect(calledRegions(world)).toEqual(['eu-west-1']);
    expect(world.remembered.get(loginSession)).toBe('eu-west-1');
  });

  it('case 65: asks where it was renewed before when that is refused, once', async () => {
    const world = await signedIn('eu-west-1');
    world.clock.advance(minutes(10));
    await world.open({ region: 'eu-west-1' })();
    world.clock.advance(minutes(10));
    expect(await world.open({ region: 'eu-central-1' })()).toMatchObject({ type: 'ok' });
    expect(calledRegions(world)).toEqual(['eu-west-1', 'eu-central-1', 'eu-west-1']);
  });

  it('asks where it was renewed before when nothing else is known', async () => {
    const world = await signedIn('eu-west-1');
    world.remembered.set(loginSession, 'eu-west-1');
    world.clock.advance(minutes(10));
    expect(await world.open({ region: null })()).toMatchObject({ type: 'ok' });
  });

  it('cannot be asked for where nothing is known', async () => {
    const world = await signedIn('eu-west-1');
    world.clock.advance(minutes(15));
    const detail = 'it is not known where the sign-in was made. Set "region" in profile "dev"';
    expect(await world.open({ region: null })()).toEqual({ type: 'denied', why: 'bad-request', detail });
  });

  it('asks the same endpoint once, whatever the regions are called', async () => {
    const world = await signedIn('eu-west-1', { dpopKey: pemOf(newKey()) });
    world.remembered.set(loginSession, 'eu-west-1');
    world.clock.advance(minutes(15));
    expect(await world.open({ region: 'eu-west-1' })()).toMatchObject({ type: 'rejected', why: 'invalid_grant' });
    expect(world.renewals()).toBe(1);
  });
});

describe('case 66: a refusal', () => {
  const run = 'Run: aws login --profile dev';

  it.each([
    ['TOKEN_EXPIRED', 401, rejected(`the sign-in has expired. ${run}`)],
    ['AUTHCODE_EXPIRED', 401, rejected(`the sign-in has expired. ${run}`)],
    ['USER_CREDENTIALS_CHANGED', 403, rejected(`the password has changed since the sign-in. ${run}`)],
    ['INVALID_REQUEST', 400, rejected(`the sign-in is not known there. ${run}`, 'invalid_grant')],
    [
      'INSUFFICIENT_PERMISSIONS',
      403,
      {
        type: 'denied',
        why: 'forbidden',
        detail: 'the principal may not renew sign-ins. Attach the policy SignInLocalDevelopmentAccess',
      },
    ],
    ['INVALID_REQUEST', 429, { type: 'transient', why: '429' }],
    ['server_error', 500, { type: 'transient', why: '5xx' }],
    ['SOMETHING_NEW', 400, { type: 'transient', why: 'bad-body' }],
  ])('%s (%i) says what it means, and nothing of the answer', async (error, status, verdict) => {
    const world = await signedIn();
    world.clock.advance(minutes(15));
    spoiled(world, { kind: 'status', status, body: { error, message: 'words that nobody must see' } });
    const refused = await world.open()();
    expect(refused).toMatchObject(verdict);
    expect(JSON.stringify(refused)).not.toContain('words');
  });

  it.each<[Fault['kind'], object]>([
    ['badGateway', { why: '5xx' }],
    ['captivePortal', { why: 'captive-portal' }],
    ['malformedJson', { why: 'bad-body' }],
    ['truncated', {}],
    ['resetBefore', { why: 'connect' }],
    ['resetAfter', { why: 'connect' }],
  ])('is none when the answer is lost to %s, and the next one is good', async (kind, verdict) => {
    const world = await signedIn();
    world.clock.advance(minutes(15));
    const acquire = world.open();
    world.emulator.faults.add('CreateOAuth2Token', { kind } as Fault, { times: 1 });
    expect(await acquire()).toMatchObject({ type: 'transient', ...verdict });
    expect(await acquire()).toMatchObject({ type: 'ok', value: { accessKeyId: keysIn(world) } });
  });

  it.each([
    ['dev 2', 'aws login --profile "dev 2"'],
    ['a.b/c@d', 'aws login --profile a.b/c@d'],
  ])('names the command for profile "%s"', async (name, command) => {
    const world = await loginWorld();
    expect(await world.open({ name })()).toEqual(rejected(`nobody is signed in. Run: ${command}`));
  });

  it.each<[string, object, string]>([
    ['no refresh token', { refreshToken: undefined }, 'the sign-in cannot be renewed'],
    ['no client', { clientId: '' }, 'the sign-in cannot be renewed'],
    ['no key', { dpopKey: null }, 'the sign-in cannot be renewed'],
    ['a key that is none', { dpopKey: 'none' }, "the sign-in's key cannot be read"],
    ['a key of another curve', { dpopKey: pemOf(newKey('P-384')) }, "the sign-in's key cannot be read"],
  ])('follows from %s in the file, as soon as its credentials have ended', async (_what, changes, detail) => {
    const world = await signedIn('us-east-1', changes);
    expect(await world.open()()).toMatchObject({ type: 'ok' });
    world.clock.advance(minutes(15));
    expect(await world.open()()).toEqual(rejected(`${detail}. ${run}`));
    expect(world.renewals()).toBe(0);
  });

  it('is a file that makes no sense to us', async () => {
    const world = await loginWorld();
    world.write('{}');
    const detail = `"${world.path}" is damaged. To replace it, run: aws login`;
    expect(await world.open()()).toEqual({ type: 'denied', why: 'bad-request', detail });
  });

  it.each([
    ['that is refused', 'TOKEN_EXPIRED', 'rejected'],
    ['that fails', null, 'transient'],
  ] as const)(
    'does not keep living credentials from who starts with a renewal %s, and is told afterwards',
    async (_what, error, type) => {
      const world = await signedIn();
      if (error === null) spoiled(world, { kind: 'badGateway' });
      else world.emulator.logins.refuse(loginSession, error);
      world.clock.advance(minutes(13) + seconds(59));
      const acquire = world.open();
      expect(await acquire()).toMatchObject({ type: 'ok', value: { accessKeyId: keysIn(world) } });
      expect(await acquire()).toMatchObject({ type });
      world.clock.advance(seconds(1));
      expect(await world.open()()).toMatchObject({ type });
    },
  );

  it('is a file that cannot be read', async () => {
    const world = await loginWorld();
    mkdirSync(world.path);
    const detail = `"${world.path}" cannot be read (not a plain file)`;
    expect(await world.open()()).toEqual({ type: 'denied', why: 'bad-request', detail });
  });

  it('of a proof of another time is no refusal once the clock is set right', async () => {
    const world = await signedIn();
    world.clock.advance(minutes(15));
    let anchored = 0;
    const wrong = {
      ...world.dependencies,
      clock: {
        now: () => epoch(world.clock.now() + hours(1) + anchored),
        mono: world.clock.mono,
        anchor: () => {
          anchored = -hours(1);
        },
        anchored: () => anchored,
      },
    };
    const { signal } = new AbortController();
    const verdict = await awsLogin(wrong)
      .openProfile(devProfile)
      .acquire({ record: null, source: null, checkout: null, wish: null, signal });
    expect(verdict).toMatchObject({ type: 'ok', value: { expiresAt: world.clock.now() + minutes(15) } });
    expect(world.renewals()).toBe(2);
  });
});
