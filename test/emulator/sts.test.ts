import {
  AssumeRoleCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  STSClient,
  type STSClientConfig,
} from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../src/emulator/index.ts';
import { assertMatchesModels } from '../support/aws-models.ts';
import { emulated } from '../support/emulated.ts';
import { hours, minutes } from '../support/fake-clock.ts';

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
type Signed = { headers: Record<string, string>; body: string };

const userKeys = {
  arn: 'arn:aws:iam::111122223333:user/ops&co',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const deploy = 'arn:aws:iam::444455556666:role/Deploy';

/** The SDK signs; `tamper` changes the signed request on its way. */
const prepared = async (knobs: Partial<Knobs> = {}) => {
  const parts = await emulated({ userKeys: [userKeys], ...knobs });
  const { accessToken } = await parts.oidc.logIn(await parts.oidc.register());
  const { body } = await parts.oidc.roleCredentials(accessToken);
  const client = (credentials: Keys, tamper?: (request: Signed) => void, skewMs = 0): STSClient => {
    const config: STSClientConfig = {
      endpoint: parts.emulator.environment.AWS_ENDPOINT_URL_STS,
      region: 'eu-central-1',
      credentials,
      maxAttempts: 1,
      systemClockOffset: parts.clock.now() - Date.now() + skewMs,
    };
    const sts = new STSClient(config);
    sts.middlewareStack.add(
      (next) => (args) => {
        tamper?.(args.request as Signed);
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    return sts;
  };
  const { accessKeyId, secretAccessKey, sessionToken } = body['roleCredentials'] as Keys & { sessionToken: string };
  return { ...parts, keys: { accessKeyId, secretAccessKey, sessionToken }, client };
};

const identity = (sts: STSClient) => sts.send(new GetCallerIdentityCommand({}));
const refusal = (name: string, status: number) => ({
  name,
  $metadata: expect.objectContaining({ httpStatusCode: status }),
});

describe('GetCallerIdentity', () => {
  it('says who the keys speak for', async () => {
    const { client, keys, emulator } = await prepared();
    expect(await identity(client(keys))).toMatchObject({
      Account: '111122223333',
      Arn: expect.stringMatching(/assumed-role\/AWSReservedSSO_DeveloperAccess_\w{16}\/dev@example\.com$/),
      UserId: expect.stringMatching(/^AROA[A-Z2-7]{17}:dev@example\.com$/),
    });
    assertMatchesModels(emulator.journal);
  });

  it('accepts static keys and escapes what it answers', async () => {
    const { client } = await prepared();
    expect(await identity(client(userKeys))).toMatchObject({ Arn: userKeys.arn, Account: '111122223333' });
  });

  it('refuses the unsigned', async () => {
    const { emulator } = await prepared();
    const response = await fetch(emulator.environment.AWS_ENDPOINT_URL_STS, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });
    const requestId = response.headers.get('x-amzn-requestid');
    expect(response.status).toBe(403);
    expect(response.headers.get('content-type')).toBe('text/xml');
    expect(await response.text()).toBe(
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    );
    assertMatchesModels(emulator.journal);
  });

  it.each([
    ['an unknown key', { accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' }, 'InvalidClientTokenId'],
    ['another session token', { sessionToken: 'other' }, 'InvalidClientTokenId'],
    ['another secret', { secretAccessKey: 'other' }, 'SignatureDoesNotMatch'],
  ])('refuses %s', async (_what, changes, name) => {
    const { client, keys, emulator } = await prepared();
    await expect(identity(client({ ...keys, ...changes }))).rejects.toMatchObject(refusal(name, 403));
    assertMatchesModels(emulator.journal);
  });

  it('refuses temporary keys without their session token', async () => {
    const { client, keys } = await prepared();
    const { accessKeyId, secretAccessKey } = keys;
    await expect(identity(client({ accessKeyId, secretAccessKey }))).rejects.toMatchObject(
      refusal('InvalidClientTokenId', 403),
    );
  });

  const authorization = (change: (value: string) => string) => (request: Signed) => {
    request.headers['authorization'] = change(request.headers['authorization'] ?? '');
  };

  it.each<[string, (request: Signed) => void, string, number]>([
    [
      'a changed body',
      (request) => {
        request.body = request.body.split('&').reverse().join('&');
      },
      'SignatureDoesNotMatch',
      403,
    ],
    [
      'a header added after signing',
      (request) => {
        request.headers['x-amz-extra'] = '1';
      },
      'SignatureDoesNotMatch',
      403,
    ],
    [
      'a scope for another service',
      authorization((value) => value.replace('/sts/', '/s3/')),
      'SignatureDoesNotMatch',
      403,
    ],
    [
      'a scope for another region',
      authorization((value) => value.replace('/eu-central-1/', '/us-east-1/')),
      'SignatureDoesNotMatch',
      403,
    ],
    [
      'a scope of another day',
      authorization((value) => value.replace(/\/\d{8}\//, '/20200101/')),
      'SignatureDoesNotMatch',
      403,
    ],
    ['a host that is not signed', authorization((value) => value.replace('host;', '')), 'SignatureDoesNotMatch', 403],
    ['half a signature', authorization((value) => value.slice(0, -1)), 'IncompleteSignature', 400],
    [
      'no date',
      (request) => {
        delete request.headers['x-amz-date'];
      },
      'SignatureDoesNotMatch',
      403,
    ],
  ])('refuses %s', async (_what, tamper, name, status) => {
    const { client, keys } = await prepared();
    await expect(identity(client(keys, tamper))).rejects.toMatchObject(refusal(name, status));
  });

  it.each([
    ['4 minutes 50 slow', -minutes(5) + 10_000, true],
    ['5 minutes 10 slow', -minutes(5) - 10_000, false],
    ['4 minutes 50 fast', minutes(5) - 10_000, true],
    ['5 minutes 10 fast', minutes(5) + 10_000, false],
  ])('judges a clock that is %s', async (_what, skewMs, accepted) => {
    const { client, keys } = await prepared();
    const outcome = await identity(client(keys, undefined, skewMs)).then(
      () => 'accepted',
      (error: Error) => error.name,
    );
    expect(outcome).toBe(accepted ? 'accepted' : 'SignatureDoesNotMatch');
  });

  it('refuses keys from the moment they expire', async () => {
    const { client, keys, clock, emulator } = await prepared();
    clock.advance(hours(1) - 1);
    expect((await identity(client(keys))).Account).toBe('111122223333');
    clock.advance(1);
    await expect(identity(client(keys))).rejects.toMatchObject(refusal('ExpiredToken', 403));
    assertMatchesModels(emulator.journal);
  });
});

describe('AssumeRole', () => {
  const assume = (sts: STSClient, changes: Readonly<Record<string, unknown>> = {}) =>
    sts.send(new AssumeRoleCommand({ RoleArn: deploy, RoleSessionName: 'ci', ...changes }));

  it('issues keys that STS accepts for the role', async () => {
    const { client, keys, clock, emulator } = await prepared();
    const { Credentials, AssumedRoleUser } = await assume(client(keys));
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::444455556666:assumed-role/Deploy/ci');
    expect(Credentials?.Expiration?.getTime()).toBe(clock.now() + hours(1));
    const own = client({
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    });
    expect(await identity(own)).toMatchObject({ Account: '444455556666', UserId: AssumedRoleUser?.AssumedRoleId });
    assertMatchesModels(emulator.journal);
  });

  it('gives chained roles an hour at most, and static keys what the role allows', async () => {
    const { client, keys, emulator } = await prepared();
    await assume(client(keys), { DurationSeconds: 3600 });
    await expect(assume(client(keys), { DurationSeconds: 3601 })).rejects.toMatchObject({
      ...refusal('ValidationError', 400),
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    });
    await assume(client(userKeys), { DurationSeconds: 43_200 });
    emulator.knobs.roles = [{ arn: deploy, maxLifeMs: hours(2), externalId: null }];
    await expect(assume(client(userKeys), { DurationSeconds: 7201 })).rejects.toMatchObject(
      refusal('ValidationError', 400),
    );
    assertMatchesModels(emulator.journal);
  });

  it.each([
    ['a session name with a space', { RoleSessionName: 'c i' }, 'ValidationError', 400],
    ['a session name of one letter', { RoleSessionName: 'c' }, 'ValidationError', 400],
    ['less than 15 minutes', { DurationSeconds: 899 }, 'ValidationError', 400],
    ['more than 12 hours', { DurationSeconds: 43_201 }, 'ValidationError', 400],
    ['something that is no role', { RoleArn: 'arn:aws:iam::444455556666:user/Deploy' }, 'ValidationError', 400],
    ['a role nobody trusts us with', { RoleArn: 'arn:aws:iam::444455556666:role/Other' }, 'AccessDenied', 403],
  ])('refuses %s', async (_what, changes, name, status) => {
    const { client } = await prepared();
    await expect(assume(client(userKeys), changes)).rejects.toMatchObject(refusal(name, status));
  });

  it('asks for the external ID of a role that has one', async () => {
    const { client, keys } = await prepared({ roles: [{ arn: deploy, maxLifeMs: hours(1), externalId: 'partner-7' }] });
    await expect(assume(client(keys))).rejects.toMatchObject(refusal('AccessDenied', 403));
    expect((await assume(client(keys), { ExternalId: 'partner-7' })).Credentials).toBeDefined();
  });
});

it('knows no other action of STS', async () => {
  const { client, emulator } = await prepared();
  await expect(
    client(userKeys).send(new GetAccessKeyInfoCommand({ AccessKeyId: userKeys.accessKeyId })),
  ).rejects.toMatchObject(refusal('InvalidAction', 400));
  expect(emulator.journal.calls('Unknown')).toHaveLength(1);
});
