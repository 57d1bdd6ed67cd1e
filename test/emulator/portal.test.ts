import { paginateListAccounts, SSOClient } from '@aws-sdk/client-sso';
import { describe, expect, it } from 'vitest';
import type { Knobs } from '../../src/emulator/index.ts';
import { assertMatchesModels } from '../support/aws-models.ts';
import { emulated } from '../support/emulated.ts';
import { hours, minutes, seconds } from '../support/fake-clock.ts';
import { OidcClient } from '../support/oidc-client.ts';

const signedIn = async (knobs: Partial<Knobs> = {}) => {
  const parts = await emulated(knobs);
  const client = await parts.oidc.register();
  const tokens = await parts.oidc.logIn(client);
  return { ...parts, client, tokens, accessToken: tokens.accessToken };
};

const unauthorized = {
  message: 'Session token not found or invalid',
  __type: 'com.amazonaws.switchboard.portal#UnauthorizedException',
};

const accounts = (count: number): Knobs['accounts'] =>
  Array.from({ length: count }, (_, index) => ({
    accountId: String(100_000_000_000 + index),
    name: `Account ${index}`,
    email: `account-${index}@example.com`,
    permissionSets: [{ name: 'ReadOnlyAccess', lifeMs: hours(1) }],
  }));

describe('GetRoleCredentials', () => {
  it("answers with keys that look like AWS's and expire with their permission set", async () => {
    const { oidc, clock, accessToken, emulator } = await signedIn();
    const { status, body } = await oidc.roleCredentials(accessToken, '444455556666', 'ReadOnlyAccess');
    expect(status).toBe(200);
    expect(body).toEqual({
      roleCredentials: {
        accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
        secretAccessKey: expect.stringMatching(/^[\w+/]{40}$/),
        sessionToken: expect.stringMatching(/^IQoJb3JpZ2luX2Vj/),
        expiration: clock.now() + hours(12),
      },
    });
    assertMatchesModels(emulator.journal);
  });

  it.each([
    ['a role that is not assigned', '111122223333', 'ReadOnlyAccess', 403, 'ForbiddenException'],
    ['a role that does not exist', '111122223333', 'Nothing', 403, 'ForbiddenException'],
    ['an account that does not exist', '999999999999', 'DeveloperAccess', 404, 'ResourceNotFoundException'],
    ['an account that is no number', 'dev', 'DeveloperAccess', 400, 'InvalidRequestException'],
    ['no role', '111122223333', '', 400, 'InvalidRequestException'],
  ])('refuses %s', async (_what, account, role, expected, type) => {
    const { oidc, accessToken } = await signedIn();
    const { status, body, headers } = await oidc.roleCredentials(accessToken, account, role);
    expect(status).toBe(expected);
    expect(body['__type']).toBe(`com.amazonaws.switchboard.portal#${type}`);
    expect(headers.get('x-amzn-errortype')).toBe(
      `${type}:http://internal.amazon.com/coral/com.amazonaws.switchboard.portal/`,
    );
  });

  it('says "No access" while an assignment is missing, and answers once it is there', async () => {
    const { oidc, accessToken, emulator } = await signedIn({ accounts: accounts(1) });
    const ask = () => oidc.roleCredentials(accessToken, '100000000000', 'AdministratorAccess');
    expect((await ask()).body['message']).toBe('No access');
    const [first] = emulator.knobs.accounts;
    if (first === undefined) throw new Error('no account');
    const permissionSets = [{ name: 'AdministratorAccess', lifeMs: minutes(30) }];
    emulator.knobs.accounts = [{ ...first, permissionSets }];
    expect((await ask()).status).toBe(200);
  });
});

describe('the bearer', () => {
  it('is refused with no token, a wrong one, and in another region', async () => {
    const { oidc, emulator, accessToken } = await signedIn();
    const elsewhere = new OidcClient(emulator, emulator.endpointsOf('eu-west-1'));
    for (const reply of [
      await oidc.roleCredentials(''),
      await oidc.roleCredentials('aoaWrong'),
      await elsewhere.roleCredentials(accessToken),
    ]) {
      expect(reply).toMatchObject({ status: 401, body: unauthorized });
    }
  });

  it('is accepted until the access token expires', async () => {
    const { oidc, clock, accessToken } = await signedIn();
    clock.advance(hours(1) - 1);
    expect((await oidc.roleCredentials(accessToken)).status).toBe(200);
    clock.advance(1);
    expect((await oidc.roleCredentials(accessToken)).status).toBe(401);
  });

  it('gets a good token by a refresh after its tokens were revoked', async () => {
    const { oidc, emulator, client, tokens } = await signedIn();
    emulator.people.revokeTokens();
    expect((await oidc.roleCredentials(tokens.accessToken)).status).toBe(401);
    const { body } = await oidc.refresh(client, tokens.refreshToken);
    expect((await oidc.roleCredentials(String(body['accessToken']))).status).toBe(200);
  });

  it('is still accepted for the lag after a revocation, while refreshing is refused at once', async () => {
    const { oidc, emulator, clock, client, tokens } = await signedIn({ revokeLagMs: minutes(1) });
    emulator.people.logOutEverywhere();
    expect((await oidc.refresh(client, tokens.refreshToken)).body['error']).toBe('invalid_grant');
    clock.advance(minutes(1) - 1);
    expect((await oidc.roleCredentials(tokens.accessToken)).status).toBe(200);
    clock.advance(1);
    expect((await oidc.roleCredentials(tokens.accessToken)).status).toBe(401);
  });

  it('logs out of the session, refresh token included', async () => {
    const { oidc, client, tokens } = await signedIn();
    expect((await oidc.portal('/logout', tokens.accessToken, 'POST')).status).toBe(200);
    expect((await oidc.roleCredentials(tokens.accessToken)).body).toEqual(unauthorized);
    expect((await oidc.refresh(client, tokens.refreshToken)).body['error']).toBe('invalid_grant');
    expect((await oidc.portal('/logout', tokens.accessToken, 'POST')).status).toBe(401);
  });
});

describe('a listing', () => {
  it('comes in pages no larger than either side wants', async () => {
    const { oidc, accessToken } = await signedIn({ accounts: accounts(5), pageSize: 3 });
    const sizes = async (query: string) => {
      const { body } = await oidc.portal(`/assignment/accounts${query}`, accessToken);
      const token = body['nextToken'];
      const rest: readonly number[] = token === null ? [] : await sizes(`?max_result=2&next_token=${token}`);
      return [(body['accountList'] as unknown[]).length, ...rest];
    };
    expect(await sizes('')).toEqual([3, 2]);
    expect(await sizes('?max_result=2')).toEqual([2, 2, 1]);
  });

  it('shows accounts with an assignment only', async () => {
    const [first, second] = accounts(2);
    if (first === undefined || second === undefined) throw new Error('no accounts');
    const { oidc, accessToken } = await signedIn({ accounts: [first, { ...second, permissionSets: [] }] });
    const { body } = await oidc.portal('/assignment/accounts', accessToken);
    expect(body).toEqual({
      nextToken: null,
      accountList: [{ accountId: first.accountId, accountName: first.name, emailAddress: first.email }],
    });
    expect((await oidc.portal(`/assignment/roles?account_id=${second.accountId}`, accessToken)).status).toBe(403);
  });

  it('is read to its end by the paginator of the JavaScript SDK', async () => {
    const { emulator, accessToken } = await signedIn({ accounts: accounts(5) });
    const client = new SSOClient({ endpoint: emulator.environment.AWS_ENDPOINT_URL_SSO, region: 'us-east-1' });
    const found: (string | undefined)[] = [];
    for await (const page of paginateListAccounts({ client, pageSize: 2 }, { accessToken })) {
      found.push(...(page.accountList ?? []).map(({ accountId }) => accountId));
    }
    expect(found).toEqual(accounts(5).map(({ accountId }) => accountId));
    expect(emulator.journal.calls('ListAccounts')).toHaveLength(3);
  });

  it.each(['?max_result=0', '?max_result=101', '?max_result=x', '?next_token=nonsense'])(
    'refuses %s',
    async (query) => {
      const { oidc, accessToken } = await signedIn();
      expect((await oidc.portal(`/assignment/accounts${query}`, accessToken)).status).toBe(400);
    },
  );

  it('names the roles of an account', async () => {
    const { oidc, accessToken, emulator } = await signedIn();
    const { body } = await oidc.portal('/assignment/roles?account_id=111122223333', accessToken);
    expect(body['roleList']).toEqual([
      { roleName: 'DeveloperAccess', accountId: '111122223333' },
      { roleName: 'AdministratorAccess', accountId: '111122223333' },
    ]);
    assertMatchesModels(emulator.journal);
  });
});

describe('the rate limit', () => {
  it('refuses the twenty-first call of a second and takes them up again with time', async () => {
    const { oidc, accessToken, clock } = await signedIn();
    const call = async () => (await oidc.roleCredentials(accessToken)).status;
    for (let count = 0; count < 20; count++) expect(await call()).toBe(200);
    expect(await call()).toBe(429);
    clock.advance(seconds(0.05));
    expect(await call()).toBe(200);
    expect(await call()).toBe(429);
  });

  it('is met before the bearer is looked at', async () => {
    const { oidc, emulator } = await signedIn({ portalCallsPerSecond: 1 });
    expect((await oidc.roleCredentials('')).status).toBe(401);
    const { status, body } = await oidc.roleCredentials('');
    expect(status).toBe(429);
    expect(body).toEqual({
      message: 'HTTP 429 Unknown Code',
      __type: 'com.amazonaws.switchboard.portal#TooManyRequestsException',
    });
    expect(emulator.journal.calls('GetRoleCredentials')).toHaveLength(2);
  });
});
