import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
} from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import { assertMatchesModels } from '../support/aws-models.ts';
import { hours, seconds } from '../support/fake-clock.ts';
import { type AnyKeys, keysIn, mfaSerial, opsKeys, roles, type StsWorld, stsWorld } from '../support/sts-world.ts';

type Factor = { SerialNumber?: string; TokenCode?: string };

const session = ({ client }: StsWorld, factor: Factor = {}, keys: AnyKeys = opsKeys) =>
  client(keys).send(new GetSessionTokenCommand(factor));
const assume = ({ client }: StsWorld, keys: AnyKeys, factor: Factor = {}, { arn }: { arn: string } = roles.guarded) =>
  client(keys).send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'ci', ...factor }));
const factor = (world: StsWorld, agoMs = 0) => ({ SerialNumber: mfaSerial, TokenCode: world.code(agoMs) });

const mfaFailed = (words: string) => ({
  name: 'AccessDenied',
  message: expect.stringContaining(`MultiFactorAuthentication failed${words}`),
  $metadata: expect.objectContaining({ httpStatusCode: 403 }),
});

it("opens a guarded role to a session with a second factor, and to the user's own code", async () => {
  const world = await stsWorld();
  await expect(assume(world, opsKeys)).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(assume(world, keysIn(await session(world)))).rejects.toMatchObject({ name: 'AccessDenied' });
  const proven = keysIn(await session(world, factor(world)));
  await assume(world, proven);
  await assume(world, proven);
  world.clock.advance(seconds(30));
  await assume(world, opsKeys, factor(world));
  assertMatchesModels(world.emulator.journal);
});

it('takes each code once', async () => {
  const world = await stsWorld();
  await session(world, factor(world));
  await expect(session(world, factor(world))).rejects.toMatchObject(mfaFailed(' with invalid MFA one time pass code.'));
  await expect(assume(world, opsKeys, factor(world))).rejects.toMatchObject({ name: 'AccessDenied' });
  world.clock.advance(seconds(30));
  await session(world, factor(world));
});

it.each([
  ['just ended', seconds(30), true],
  ['ended before that', seconds(60), false],
])('judges a code whose step %s', async (_when, agoMs, isTaken) => {
  const world = await stsWorld();
  const outcome = await session(world, factor(world, agoMs)).then(
    () => true,
    () => false,
  );
  expect(outcome).toBe(isTaken);
});

it.each<[string, (world: StsWorld) => Factor, string]>([
  ['a wrong code', () => ({ SerialNumber: mfaSerial, TokenCode: '000000' }), ' with invalid MFA one time pass code.'],
  [
    "another's device",
    (world) => ({ SerialNumber: 'arn:aws:iam::111122223333:mfa/dev', TokenCode: world.code() }),
    ', unable to validate MFA code.',
  ],
  ['a code without a device', (world) => ({ TokenCode: world.code() }), ', must provide both MFA serial number'],
])('refuses %s', async (_what, factorOf, words) => {
  const world = await stsWorld();
  await expect(session(world, factorOf(world))).rejects.toMatchObject(mfaFailed(words));
});

it('gives sessions to static keys alone, for 12 hours', async () => {
  const world = await stsWorld();
  const answer = await session(world);
  expect(answer.Credentials?.Expiration?.getTime()).toBe(world.clock.now() + hours(12));
  const own = keysIn(answer);
  const identity = await world.client(own).send(new GetCallerIdentityCommand({}));
  expect(identity.Arn).toBe(opsKeys.arn);
  await expect(session(world, {}, own)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: 'Cannot call GetSessionToken with session credentials',
  });
  await expect(world.client(own).send(new GetFederationTokenCommand({ Name: 'page' }))).rejects.toMatchObject({
    message: 'Cannot call GetFederationToken with session credentials',
  });
  assertMatchesModels(world.emulator.journal);
});

it('gives a federated user an identity and no role', async () => {
  const world = await stsWorld();
  const answer = await world.client(opsKeys).send(new GetFederationTokenCommand({ Name: 'page' }));
  expect(answer.FederatedUser?.Arn).toBe('arn:aws:sts::111122223333:federated-user/page');
  const own = keysIn(answer);
  expect((await world.client(own).send(new GetCallerIdentityCommand({}))).Arn).toMatch(/federated-user\/page$/);
  await expect(assume(world, own, {}, roles.open)).rejects.toMatchObject({ name: 'AccessDenied' });
  assertMatchesModels(world.emulator.journal);
});
