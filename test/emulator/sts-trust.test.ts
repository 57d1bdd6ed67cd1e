import { AssumeRoleCommand, type AssumeRoleCommandInput, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import { assertMatchesModels } from '../support/aws-models.ts';
import { type AnyKeys, keysIn, opsKeys, roles, type StsWorld, stsWorld } from '../support/sts-world.ts';

const assume = async (
  { client }: StsWorld,
  keys: AnyKeys,
  { arn }: { readonly arn: string },
  more: Partial<AssumeRoleCommandInput> = {},
) => client(keys).send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'ci', ...more }));

const denied = (action: string) => ({
  name: 'AccessDenied',
  message: expect.stringContaining(`is not authorized to perform: sts:${action} on resource: arn:aws:iam::`),
});

it('lets a chain through where each role trusts the one before', async () => {
  const world = await stsWorld();
  const first = keysIn(await assume(world, opsKeys, roles.open));
  const second = keysIn(await assume(world, first, roles.second));
  const third = await assume(world, second, roles.third);
  expect(third.AssumedRoleUser?.Arn).toBe('arn:aws:sts::444455556666:assumed-role/Third/ci');
  await expect(assume(world, first, roles.third)).rejects.toMatchObject(denied('AssumeRole'));
  await expect(assume(world, opsKeys, roles.second)).rejects.toMatchObject(denied('AssumeRole'));
  assertMatchesModels(world.emulator.journal);
});

it.each([
  ['the user', opsKeys.arn, true],
  ['the account', 'arn:aws:iam::111122223333:root', true],
  ['another user', 'arn:aws:iam::111122223333:user/dev', false],
  ['another account', 'arn:aws:iam::444455556666:root', false],
])('lets a user assume a role that trusts %s: %s, %s', async (_whom, principal, isAllowed) => {
  const world = await stsWorld({ roles: [{ ...roles.open, principals: [principal] }] });
  const outcome = await assume(world, opsKeys, roles.open).then(
    () => true,
    () => false,
  );
  expect(outcome).toBe(isAllowed);
});

it('takes session tags and a source identity where the role does', async () => {
  const world = await stsWorld();
  const Tags = [
    { Key: 'team', Value: 'blue + green' },
    { Key: 'Größe', Value: '' },
  ];
  await assume(world, opsKeys, roles.open, { Tags });
  const named = await assume(world, opsKeys, roles.open, { SourceIdentity: 'ada' });
  expect(named.SourceIdentity).toBe('ada');
  await expect(assume(world, opsKeys, roles.plain, { Tags })).rejects.toMatchObject(denied('TagSession'));
  await expect(assume(world, opsKeys, roles.plain, { SourceIdentity: 'ada' })).rejects.toMatchObject(
    denied('SetSourceIdentity'),
  );
  assertMatchesModels(world.emulator.journal);
});

it('keeps a source identity through a chain, and lets nobody change it', async () => {
  const world = await stsWorld();
  const first = keysIn(await assume(world, opsKeys, roles.open, { SourceIdentity: 'ada' }));
  expect((await assume(world, first, roles.second)).SourceIdentity).toBe('ada');
  expect((await assume(world, first, roles.second, { SourceIdentity: 'ada' })).SourceIdentity).toBe('ada');
  await expect(assume(world, first, roles.second, { SourceIdentity: 'eve' })).rejects.toMatchObject(
    denied('SetSourceIdentity'),
  );
});

it.each<[string, Partial<AssumeRoleCommandInput>, string]>([
  [
    'tags that differ in case alone',
    {
      Tags: [
        { Key: 'team', Value: 'a' },
        { Key: 'Team', Value: 'b' },
      ],
    },
    'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  ],
  [
    '51 tags',
    { Tags: Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: '' })) },
    "1 validation error detected: Value '[…]' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50",
  ],
  [
    'a session name with a space',
    { RoleSessionName: 'c i' },
    "1 validation error detected: Value 'c i' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
  ],
  [
    'more than 12 hours',
    { DurationSeconds: 43_201 },
    "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
  ],
])('refuses %s in the words of AWS', async (_what, more, message) => {
  const world = await stsWorld();
  await expect(assume(world, opsKeys, roles.open, more)).rejects.toMatchObject({ name: 'ValidationError', message });
});

it('is throttled, and not activated everywhere', async () => {
  const world = await stsWorld({ throttledStsCalls: 1 });
  const identity = () => world.client(opsKeys).send(new GetCallerIdentityCommand({}));
  await expect(identity()).rejects.toMatchObject({
    name: 'Throttling',
    message: 'Rate exceeded',
    $metadata: expect.objectContaining({ httpStatusCode: 400 }),
  });
  expect((await identity()).Account).toBe('111122223333');
  world.emulator.knobs.disabledRegions = ['eu-central-1'];
  await expect(identity()).rejects.toMatchObject({
    name: 'RegionDisabledException',
    message: expect.stringMatching(/^STS is not activated in this region for account:111122223333\. /),
  });
});
