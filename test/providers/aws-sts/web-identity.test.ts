import { expect, it } from 'vitest';
import { assertMatchesModels } from '../../support/aws-models.ts';
import { hours, minutes } from '../../support/fake-clock.ts';
import { IdIssuer } from '../../support/id-issuer.ts';
import { credentialsOf, request, world } from './world.ts';

const tokenFile = '/var/run/token';
const none = request({ source: null });

const prepared = async (maxLifeMs = hours(12)) => {
  const issuer = await IdIssuer.create();
  const webIdentity = { issuer: issuer.url, subject: 'repo:build' };
  const arn = 'arn:aws:iam::444455556666:role/Ci';
  const made = await world({
    roles: [{ arn, maxLifeMs, externalId: null, webIdentity }],
    identityProviders: [issuer.provider],
  });
  const write = async (expiresInMs: number) => {
    const token = await issuer.token(made.clock.now() + expiresInMs);
    made.files.set(tokenFile, `${token}\n`);
    return token;
  };
  return { ...made, issuer, arn, write };
};

it('case 57: reads its file anew every time', async () => {
  const { webIdentity, write, calls, clock, arn, emulator } = await prepared();
  const lease = webIdentity({ tokenFile, durationMs: hours(2) });
  const first = await write(minutes(10));
  expect(credentialsOf(await lease.acquire(none))).toMatchObject({
    expiresAt: clock.now() + hours(2),
    accountId: '444455556666',
    roleArn: arn,
  });
  clock.advance(minutes(10));
  const second = await write(minutes(10));
  expect((await lease.acquire(none)).type).toBe('ok');
  expect(calls('AssumeRoleWithWebIdentity').map((call) => call.get('WebIdentityToken'))).toEqual([first, second]);
  expect(calls('AssumeRoleWithWebIdentity')[0]?.get('RoleSessionName')).toBe('ada@laptop');
  assertMatchesModels(emulator.journal);
});

it('tries once more with a file that was replaced meanwhile', async () => {
  const { webIdentity, write, calls, clock, emulator } = await prepared();
  await write(minutes(1));
  clock.advance(minutes(2));
  const held = emulator.faults.add('AssumeRoleWithWebIdentity', { kind: 'hold' });
  const pending = webIdentity({ tokenFile }).acquire(none);
  await emulator.journal.waitFor(({ operation }) => operation === 'AssumeRoleWithWebIdentity');
  await write(minutes(10));
  held.release();
  expect((await pending).type).toBe('ok');
  expect(calls('AssumeRoleWithWebIdentity')).toHaveLength(2);
});

it('waits for whoever replaces the file, and then says that nobody does', async () => {
  const { webIdentity, write, clock } = await prepared();
  await write(minutes(1));
  clock.advance(minutes(2));
  const lease = webIdentity({ tokenFile });
  expect(await lease.acquire(none)).toMatchObject({ type: 'transient', retryAfterMs: 30_000 });
  expect(await lease.acquire(none)).toEqual({
    type: 'denied',
    why: 'forbidden',
    detail: `AWS refuses the token in "${tokenFile}", and nobody has replaced it`,
  });
  await write(minutes(1));
  expect((await lease.acquire(none)).type).toBe('ok');
});

it("sends a session's ID token, and says when the session has to renew it", async () => {
  const { webIdentity, issuer, clock } = await prepared();
  const idToken = await issuer.token(clock.now() + minutes(5));
  const lease = webIdentity();
  expect((await lease.acquire({ ...none, idToken })).type).toBe('ok');
  clock.advance(minutes(5));
  expect(await lease.acquire({ ...none, idToken })).toMatchObject({ type: 'unauthorized' });
  expect(await lease.acquire({ ...none, idToken: 'opaque' })).toEqual({
    type: 'unauthorized',
    detail: 'it does not take the web identity token',
  });
  expect(await lease.acquire(none)).toMatchObject({ type: 'denied', why: 'bad-request' });
});

it('has no token where the file is missing or empty', async () => {
  const { webIdentity, files, emulator } = await prepared();
  const verdict = { type: 'denied', why: 'bad-request', detail: `"${tokenFile}" holds no token` };
  expect(await webIdentity({ tokenFile }).acquire(none)).toEqual(verdict);
  files.set(tokenFile, '\n');
  expect(await webIdentity({ tokenFile }).acquire(none)).toEqual(verdict);
  expect(emulator.journal.entries).toEqual([]);
});

it('is patient while AWS cannot reach the issuer, and not where the role is not for this token', async () => {
  const { webIdentity, write, issuer, emulator } = await prepared();
  await write(minutes(5));
  const lease = webIdentity({ tokenFile });
  emulator.knobs.identityProviders = [{ ...issuer.provider, keys: null }];
  expect(await lease.acquire(none)).toMatchObject({ type: 'transient', why: '5xx' });
  emulator.knobs.identityProviders = [issuer.provider];
  expect(await webIdentity({ tokenFile, roleArn: 'arn:aws:iam::444455556666:role/Other' }).acquire(none)).toMatchObject(
    {
      type: 'denied',
      why: 'forbidden',
    },
  );
});

it('asks once more for an hour where the role allows no longer sessions, and remembers it', async () => {
  const { webIdentity, write, calls, warnings } = await prepared(hours(1));
  await write(minutes(5));
  const lease = webIdentity({ tokenFile, durationMs: hours(2) });
  expect((await lease.acquire(none)).type).toBe('ok');
  expect((await lease.acquire(none)).type).toBe('ok');
  expect(calls('AssumeRoleWithWebIdentity').map((call) => call.get('DurationSeconds'))).toEqual([
    '7200',
    '3600',
    '3600',
  ]);
  expect(warnings).toEqual(['Profile "ci" gets one hour at a time: its role allows no longer sessions']);
});
