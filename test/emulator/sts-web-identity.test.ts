import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import { assertMatchesModels } from '../support/aws-models.ts';
import { hours, minutes } from '../support/fake-clock.ts';
import { IdIssuer } from '../support/id-issuer.ts';
import { keysIn, opsKeys, stsWorld } from '../support/sts-world.ts';

const arn = 'arn:aws:iam::444455556666:role/Ci';

const prepared = async (alg = 'ES256') => {
  const issuer = await IdIssuer.create(alg);
  const role = {
    arn,
    maxLifeMs: hours(2),
    externalId: null,
    webIdentity: { issuer: issuer.url, subject: 'repo:build' },
  };
  const world = await stsWorld({ roles: [role], identityProviders: [issuer.provider] });
  const assume = (WebIdentityToken: string, DurationSeconds = 3600) =>
    world.client(opsKeys).send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: arn,
        RoleSessionName: 'ci',
        WebIdentityToken,
        DurationSeconds,
      }),
    );
  return { ...world, issuer, assume, soon: world.clock.now() + minutes(5) };
};

it.each(['RS256', 'ES256', 'ES384'])('gives a role to who bears a token signed with %s', async (alg) => {
  const { issuer, assume, soon, client, emulator } = await prepared(alg);
  const answer = await assume(await issuer.token(soon), 7200);
  expect(answer).toMatchObject({
    SubjectFromWebIdentityToken: 'repo:build',
    Audience: 'sts.amazonaws.com',
    Provider: issuer.url,
  });
  const identity = await client(keysIn(answer)).send(new GetCallerIdentityCommand({}));
  expect(identity.Arn).toBe('arn:aws:sts::444455556666:assumed-role/Ci/ci');
  const [call] = emulator.journal.calls('AssumeRoleWithWebIdentity');
  expect(call?.request.headers['authorization']).toBeUndefined();
  assertMatchesModels(emulator.journal);
});

it.each<[string, (made: Awaited<ReturnType<typeof prepared>>) => Promise<string>, string, string]>([
  ['what is no JWT', async () => 'opaque-token', 'InvalidIdentityToken', 'The ID Token provided is not a valid JWT.'],
  [
    'an issuer nobody knows',
    ({ issuer, soon }) => issuer.token(soon, { iss: 'https://other.example' }),
    'InvalidIdentityToken',
    'No OpenIDConnect provider found in your account for https://other.example',
  ],
  [
    'a token for others',
    ({ issuer, soon }) => issuer.token(soon, { aud: 'vault' }),
    'InvalidIdentityToken',
    'Incorrect token audience',
  ],
  [
    "another issuer's signature",
    async ({ soon }) => (await IdIssuer.create()).token(soon),
    'InvalidIdentityToken',
    'has an invalid signature',
  ],
  [
    'a token that has expired',
    ({ issuer, clock }) => issuer.token(clock.now()),
    'ExpiredTokenException',
    'Token expired: current date/time',
  ],
  [
    'another subject',
    ({ issuer, soon }) => issuer.token(soon, { sub: 'eve' }),
    'AccessDenied',
    'Not authorized to perform sts:AssumeRoleWithWebIdentity',
  ],
  [
    'an issuer that cannot be reached',
    ({ issuer, soon, emulator }) => {
      emulator.knobs.identityProviders = [{ ...issuer.provider, keys: null }];
      return issuer.token(soon);
    },
    'IDPCommunicationError',
    "Couldn't retrieve verification key",
  ],
])('refuses %s', async (_what, tokenOf, name, message) => {
  const made = await prepared();
  await expect(made.assume(await tokenOf(made))).rejects.toMatchObject({
    name: expect.stringMatching(new RegExp(`^${name}(Exception)?$`)),
    message: expect.stringContaining(message),
  });
  assertMatchesModels(made.emulator.journal);
});

it('gives no more time than the role allows', async () => {
  const { issuer, assume, soon } = await prepared();
  await expect(assume(await issuer.token(soon), 7201)).rejects.toMatchObject({ name: 'ValidationError' });
});
