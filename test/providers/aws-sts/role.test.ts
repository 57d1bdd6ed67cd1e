import { expect, it } from 'vitest';
import { callerIdentity, federationToken } from '../../../src/providers/aws-sts/index.ts';
import { assertMatchesModels } from '../../support/aws-models.ts';
import { hours } from '../../support/fake-clock.ts';
import { mfaSerial, roles } from '../../support/sts-world.ts';
import { credentialsOf, request, staticKeys, world } from './world.ts';

it('assumes a role with everything the settings say', async () => {
  const { role, calls, clock, emulator, warnings } = await world();
  const lease = role({
    durationMs: hours(12),
    sourceIdentity: 'ada',
    tags: { team: 'blue + green', Größe: '' },
  });
  expect(await lease.acquire(request())).toEqual({
    type: 'ok',
    value: {
      accessKeyId: expect.stringMatching(/^ASIA/),
      secretAccessKey: expect.any(String),
      sessionToken: expect.any(String),
      expiresAt: clock.now() + hours(12),
      accountId: '444455556666',
      roleArn: roles.open.arn,
      transaction: null,
    },
  });
  expect(Object.fromEntries(calls('AssumeRole')[0] ?? [])).toEqual({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: roles.open.arn,
    RoleSessionName: 'ada@laptop',
    DurationSeconds: '43200',
    SourceIdentity: 'ada',
    'Tags.member.1.Key': 'team',
    'Tags.member.1.Value': 'blue + green',
    'Tags.member.2.Key': 'Größe',
    'Tags.member.2.Value': '',
  });
  expect(warnings).toEqual([]);
  assertMatchesModels(emulator.journal);
});

it('shows the external ID and the session name that the settings name', async () => {
  const { role, calls } = await world();
  const partner = { roleArn: roles.partner.arn, sessionName: 'nightly' };
  const verdict = await role({ ...partner, externalId: 'partner-7', durationMs: null }).acquire(request());
  expect(verdict.type).toBe('ok');
  expect(calls('AssumeRole')[0]?.get('RoleSessionName')).toBe('nightly');
  expect(calls('AssumeRole')[0]?.get('DurationSeconds')).toBe('3600');
  expect(await role(partner).acquire(request())).toEqual({
    type: 'denied',
    why: 'forbidden',
    detail: 'sts:AssumeRole is not allowed; see its trust policy and external ID',
  });
});

it('case 54: goes through a chain hop by hop, each with the credentials of the one before', async () => {
  const { role, calls } = await world();
  const first = credentialsOf(await role().acquire(request()));
  const second = credentialsOf(await role({ roleArn: roles.second.arn }).acquire(request({ source: first })));
  const third = credentialsOf(await role({ roleArn: roles.third.arn }).acquire(request({ source: second })));
  expect(third).toMatchObject({ accountId: '444455556666', roleArn: roles.third.arn });
  expect(calls('AssumeRole')).toHaveLength(3);
});

it('case 55: asks for one hour where the source is temporary, and says so once', async () => {
  const { role, calls, clock, warnings } = await world();
  const source = credentialsOf(await role().acquire(request()));
  const long = role({ name: 'long', roleArn: roles.second.arn, durationMs: hours(12) });
  expect(credentialsOf(await long.acquire(request({ source }))).expiresAt).toBe(clock.now() + hours(1));
  await long.acquire(request({ source }));
  expect(calls('AssumeRole').map((call) => call.get('DurationSeconds'))).toEqual(['3600', '3600', '3600']);
  expect(warnings).toEqual(['Profile "long" gets one hour at a time: its source is temporary itself']);
});

it('asks once more for an hour where the role allows no longer sessions, and remembers it', async () => {
  const { role, calls, clock, warnings } = await world();
  const short = role({ name: 'short', roleArn: roles.short.arn, durationMs: hours(2) });
  expect(credentialsOf(await short.acquire(request())).expiresAt).toBe(clock.now() + hours(1));
  await short.acquire(request());
  expect(calls('AssumeRole').map((call) => call.get('DurationSeconds'))).toEqual(['7200', '3600', '3600']);
  expect(warnings).toEqual(['Profile "short" gets one hour at a time: its role allows no longer sessions']);
});

it('asks no third time where an hour is too long as well', async () => {
  const { role, calls } = await world({ roles: [{ ...roles.short, maxLifeMs: hours(0.5) }] });
  const verdict = await role({ roleArn: roles.short.arn, durationMs: hours(2) }).acquire(request());
  expect(verdict).toEqual({ type: 'denied', why: 'bad-request', detail: 'it answered ValidationError' });
  expect(calls('AssumeRole')).toHaveLength(2);
  expect((await role({ roleArn: roles.short.arn }).acquire(request())).type).toBe('denied');
  expect(calls('AssumeRole')).toHaveLength(3);
});

it('case 58: says of a source that has expired or is unknown that it is to be renewed', async () => {
  const { role, clock } = await world();
  const source = credentialsOf(await role().acquire(request()));
  clock.advance(hours(1));
  const next = role({ roleArn: roles.second.arn });
  expect(await next.acquire(request({ source }))).toEqual({
    type: 'unauthorized',
    detail: 'what it was asked with has expired',
  });
  expect(await next.acquire(request({ source: { ...source, accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' } }))).toEqual({
    type: 'unauthorized',
    detail: 'it does not know the access key it was asked with',
  });
});

it('says of a wrong secret that the keys do not fit, and of stored keys that AWS forgot them', async () => {
  const { role, stored } = await world();
  expect(await role().acquire(request({ source: { ...staticKeys, secretAccessKey: 'other' } }))).toEqual({
    type: 'denied',
    why: 'forbidden',
    detail: 'the secret access key does not belong to the access key',
  });
  const fromStore = role({ keys: 'ops' });
  expect((await fromStore.acquire(request({ source: null }))).type).toBe('ok');
  stored.set('ops', { ...staticKeys, accessKeyId: 'AKIAGONEGONEGONEGONE' });
  expect(await fromStore.acquire(request({ source: null }))).toEqual({
    type: 'denied',
    why: 'forbidden',
    detail: 'AWS refuses the stored keys "ops"; store new ones',
  });
  stored.clear();
  expect(await fromStore.acquire(request({ source: null }))).toMatchObject({ detail: 'no such keys' });
});

it('assumes a role with keys of the environment, as they are at that moment', async () => {
  const { role, variables } = await world();
  const lease = role({ credentialSource: 'Environment' });
  expect(await lease.acquire(request({ source: null }))).toMatchObject({ type: 'denied', why: 'bad-request' });
  variables.set('AWS_ACCESS_KEY_ID', staticKeys.accessKeyId);
  variables.set('AWS_SECRET_ACCESS_KEY', staticKeys.secretAccessKey);
  expect((await lease.acquire(request({ source: null }))).type).toBe('ok');
  variables.set('AWS_ACCESS_KEY_ID', 'AKIAGONEGONEGONEGONE');
  expect(await lease.acquire(request({ source: null }))).toEqual({
    type: 'denied',
    why: 'forbidden',
    detail: 'AWS refuses the keys that credential_source "Environment" gives',
  });
});

it('asks nobody without a source, or for a region that is none', async () => {
  const { role, emulator } = await world();
  expect(await role().acquire(request({ source: null }))).toEqual({
    type: 'denied',
    why: 'bad-request',
    detail: 'profile "deploy" has no source of credentials',
  });
  expect(await role({ region: 'evil.example/' }).acquire(request())).toMatchObject({ why: 'bad-request' });
  expect(emulator.journal.entries).toEqual([]);
});

it('is patient with a throttled STS, and hears that one is not activated', async () => {
  const { role, emulator } = await world({ throttledStsCalls: 1 });
  expect(await role().acquire(request())).toMatchObject({ type: 'transient', why: '429' });
  emulator.knobs.disabledRegions = ['eu-central-1'];
  expect(await role().acquire(request())).toMatchObject({
    type: 'denied',
    why: 'forbidden',
    detail: expect.stringContaining('not activated in this region'),
  });
});

it('is checked out ahead of need unless a person has to be there', async () => {
  const { role } = await world();
  expect(role()).toMatchObject({ renewal: 'overlap', prefetch: true });
  expect(role({ mfaSerial })).toMatchObject({ renewal: 'overlap', prefetch: false });
});

it("learns whose keys they are, and makes a federated user's of a user's", async () => {
  const { dependencies, emulator, role } = await world();
  const target = { region: 'eu-central-1', stsEndpoint: emulator.environment.AWS_ENDPOINT_URL_STS, fips: false };
  const { signal } = new AbortController();
  const keys = credentialsOf(await role().acquire(request()));
  expect(await callerIdentity(dependencies, { target, keys, signal })).toEqual({
    type: 'ok',
    value: {
      accountId: '444455556666',
      arn: 'arn:aws:sts::444455556666:assumed-role/Open/ada@laptop',
      userId: expect.stringMatching(/^AROA[A-Z2-7]{17}:ada@laptop$/),
    },
  });
  const user = { name: 'ada', seconds: 3600, policy: '{"Version":"2012-10-17","Statement":[]}' };
  expect(await federationToken(dependencies, { target, keys: staticKeys, signal, user })).toMatchObject({
    type: 'ok',
    value: { accountId: '111122223333', roleArn: null },
  });
  expect(await federationToken(dependencies, { target, keys, signal, user })).toMatchObject({ type: 'denied' });
  assertMatchesModels(emulator.journal);
});
