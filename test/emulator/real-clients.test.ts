import { spawn } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Emulator, type Knobs, startEmulator } from '../../src/emulator/index.ts';
import { assertMatchesModels } from '../support/aws-models.ts';
import { OidcClient, startUrl } from '../support/oidc-client.ts';
import {
  botocores,
  clis,
  type Home,
  homeFor,
  isAtLeast,
  javaScript,
  type RealClient,
  readTokenFile,
  run,
  writeTokenFile,
} from '../support/real-clients.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Real clients have the real time. */
const prepared = async (client: RealClient, knobs: Partial<Knobs> = {}) => {
  const emulator = await startEmulator({ port: 0, now: Date.now, knobs });
  onTestFinished(() => emulator.close());
  const home = homeFor(client, emulator, tempDir());
  const identity = async (profile: string) => JSON.parse(await run(client.command, client.identityOf(profile), home));
  return { emulator, home, identity };
};

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** A device login over plain HTTP, kept where the AWS tools look for it. */
async function signedIn(emulator: Emulator, home: Home, expiresInMs: number) {
  const oidc = new OidcClient(emulator);
  const client = await oidc.register();
  const tokens = await oidc.logIn(client);
  writeTokenFile(home, {
    startUrl,
    region: 'us-east-1',
    accessToken: tokens.accessToken,
    expiresAt: iso(Date.now() + expiresInMs),
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    registrationExpiresAt: iso(Date.now() + 90 * 86_400_000),
    refreshToken: tokens.refreshToken,
  });
  return tokens;
}

const minute = 60_000;
const found = [...botocores, ...clis, javaScript];

describe.each(found)('$name', (client) => {
  it('gets role credentials and an identity that STS verified', async () => {
    const { emulator, home, identity } = await prepared(client);
    await signedIn(emulator, home, 59 * minute);
    expect(await identity('dev')).toMatchObject({
      Account: '111122223333',
      Arn: expect.stringMatching(
        /^arn:aws:sts::111122223333:assumed-role\/AWSReservedSSO_DeveloperAccess_[0-9a-f]{16}\/dev@example\.com$/,
      ),
    });
    const refreshes = emulator.journal
      .calls('CreateToken')
      .filter(({ request }) => request.body.includes('"refresh_token"'));
    expect(refreshes).toEqual([]);
    assertMatchesModels(emulator.journal);
  });

  it('refreshes a token that is about to expire and keeps the new pair', async () => {
    const { emulator, home, identity } = await prepared(client);
    const old = await signedIn(emulator, home, 4 * minute);
    expect(await identity('prod')).toMatchObject({ Account: '123456789012' });
    const kept = readTokenFile(home);
    expect(kept['accessToken']).not.toBe(old.accessToken);
    expect(kept['refreshToken']).not.toBe(old.refreshToken);
    const [asked] = emulator.journal.calls('GetRoleCredentials');
    expect(asked?.request.headers['x-amz-sso_bearer_token']).toBe(kept['accessToken']);
    assertMatchesModels(emulator.journal);
  });

  it('understands that a session has ended', async () => {
    const { emulator, home, identity } = await prepared(client);
    await signedIn(emulator, home, 59 * minute);
    emulator.people.logOutEverywhere();
    await expect(identity('dev')).rejects.toThrow(/Unauthorized|expired|invalid/i);
    assertMatchesModels(emulator.journal);
  });
});

/** Before 1.31 botocore loads no token for a source profile. */
const chaining = found.filter(({ knowsEndpointVariables }) => knowsEndpointVariables);

describe.each(chaining)('$name', (client) => {
  it('assumes a role from the session', async () => {
    const { emulator, home, identity } = await prepared(client);
    await signedIn(emulator, home, 59 * minute);
    expect(await identity('deploy')).toMatchObject({
      Account: '444455556666',
      Arn: expect.stringMatching(/^arn:aws:sts::444455556666:assumed-role\/Deploy\//),
    });
    expect(emulator.journal.calls('AssumeRole')).toHaveLength(1);
    assertMatchesModels(emulator.journal);
  });
});

const clis2 = clis.filter(({ version }) => isAtLeast(version, [2, 0]));

/** Since 2.22 the browser is the default. */
const deviceOption = ({ version }: RealClient): readonly string[] =>
  isAtLeast(version, [2, 22]) ? ['--use-device-code'] : [];

describe.each(clis2)('$name', (client) => {
  it('logs in with a device code that a person approves, and out again', async () => {
    const { emulator, home, identity } = await prepared(client, { deviceIntervalMs: 1000 });
    const login = spawn(client.command, ['sso', 'login', '--profile', 'dev', '--no-browser', ...deviceOption(client)], {
      env: home.env,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => login.once('exit', resolve));
    const [first] = await emulator.journal.finished('CreateToken');
    expect(first?.answer?.body).toContain('authorization_pending');
    for (const code of emulator.people.waitingCodes()) emulator.people.approve(code);
    expect(await ended).toBe(0);
    expect(await identity('dev')).toMatchObject({ Account: '111122223333' });
    await run(client.command, ['sso', 'logout'], home);
    expect(emulator.journal.calls('Logout')[0]?.answer?.status).toBe(200);
    assertMatchesModels(emulator.journal);
  });

  it('lists accounts and roles page by page', async () => {
    const { emulator, home } = await prepared(client, { pageSize: 2 });
    const { accessToken } = await signedIn(emulator, home, 59 * minute);
    const list = async (...args: string[]) =>
      JSON.parse(
        await run(client.command, ['sso', ...args, '--access-token', accessToken, '--region', 'us-east-1'], home),
      );
    const { accountList } = await list('list-accounts');
    expect(accountList.map(({ accountId }: { accountId: string }) => accountId)).toEqual([
      '111122223333',
      '444455556666',
      '123456789012',
    ]);
    expect(emulator.journal.calls('ListAccounts')).toHaveLength(2);
    const { roleList } = await list('list-account-roles', '--account-id', '123456789012');
    expect(roleList).toEqual([{ roleName: 'ReadOnlyAccess', accountId: '123456789012' }]);
    assertMatchesModels(emulator.journal);
  });
});

const presign = `
import sys, botocore.session
sts = botocore.session.Session(profile='dev').create_client('sts', endpoint_url=sys.argv[1])
print(sts.generate_presigned_url('get_caller_identity', ExpiresIn=60, HttpMethod='GET'))
`;

describe.each(botocores)('$name', (client) => {
  it('presigns a URL that STS verifies and that no one can change', async () => {
    const { emulator, home } = await prepared(client);
    await signedIn(emulator, home, 59 * minute);
    const url = (await run(client.command, ['-c', presign, emulator.environment.AWS_ENDPOINT_URL_STS], home)).trim();
    const good = await fetch(url);
    expect(await good.text()).toContain('<Account>111122223333</Account>');
    const changed = await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'));
    expect({ status: changed.status, body: await changed.text() }).toEqual({
      status: 403,
      body: expect.stringContaining('<Code>SignatureDoesNotMatch</Code>'),
    });
  });
});

/** A missing client is a skip that says so; in CI, where all of them are installed, it is a failure. */
describe.each([
  ['botocore', botocores, 'no python3 with botocore found'],
  ['the AWS CLI', clis, 'no aws command found'],
  ['the AWS CLI 2', clis2, 'no aws command of version 2 found'],
])('%s', (_name, clients, reason) => {
  const missing = clients.length === 0;
  it.skipIf(missing && process.env['CI'] !== 'true')(missing ? `is here (skipped: ${reason})` : 'is here', () => {
    expect(clients, reason).not.toHaveLength(0);
  });
});
