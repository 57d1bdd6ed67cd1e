import { describe, expect, it } from 'vitest';
import { assertMatchesModels, modelsAbsent } from '../support/aws-models.ts';
import { emulated } from '../support/emulated.ts';
import { hours, seconds } from '../support/fake-clock.ts';
import { OidcClient, registration, startUrl } from '../support/oidc-client.ts';

const invalidGrant = { error: 'invalid_grant', error_description: 'Invalid refresh token provided' };

describe('RegisterClient', () => {
  it('answers with a secret of more than a kilobyte that lives 90 days', async () => {
    const { oidc, clock, emulator } = await emulated();
    const { status, body, headers } = await oidc.post('/client/register', registration);
    expect(status).toBe(200);
    expect(String(body['clientSecret']).length).toBeGreaterThan(1024);
    expect(body['clientIdIssuedAt']).toBe(clock.now() / 1000);
    expect(Number(body['clientSecretExpiresAt']) - Number(body['clientIdIssuedAt'])).toBe(7_776_000);
    expect(headers.get('date')).toBe(new Date(clock.now()).toUTCString());
    assertMatchesModels(emulator.journal);
  });

  it.each([
    ['a name is missing', { clientName: undefined }, 'InvalidRequestException', 'invalid_request'],
    [
      'a client is confidential',
      { clientType: 'confidential' },
      'InvalidClientMetadataException',
      'invalid_client_metadata',
    ],
    ['a scope is no scope', { scopes: ['everything'] }, 'InvalidScopeException', 'invalid_scope'],
    ['a grant is unknown', { grantTypes: ['password'] }, 'UnsupportedGrantTypeException', 'unsupported_grant_type'],
    [
      'a redirect has a name for a host',
      { redirectUris: ['http://localhost/cb'] },
      'InvalidRedirectUriException',
      'invalid_redirect_uri',
    ],
    [
      'a redirect is another spelling of loopback',
      { redirectUris: ['http://127.1/cb'] },
      'InvalidRedirectUriException',
      'invalid_redirect_uri',
    ],
    ['the code grant has no redirect', { redirectUris: [] }, 'InvalidRedirectUriException', 'invalid_redirect_uri'],
    ['the code grant has no issuer', { issuerUrl: undefined }, 'InvalidRequestException', 'invalid_request'],
  ])('refuses when %s', async (_what, changes, type, error) => {
    const { oidc } = await emulated();
    const { status, body, headers } = await oidc.post('/client/register', { ...registration, ...changes });
    expect(status).toBe(400);
    expect(body).toEqual({ error, error_description: expect.any(String) });
    expect(headers.get('x-amzn-errortype')).toBe(`${type}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/`);
  });

  it('tolerates members and headers it does not know', async () => {
    const { emulator } = await emulated();
    const response = await fetch(`${emulator.environment.AWS_ENDPOINT_URL_SSO_OIDC}/client/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'amz-sdk-request': 'attempt=1; max=3' },
      body: JSON.stringify({ ...registration, unheardOf: true }),
    });
    expect(response.status).toBe(200);
  });

  it.each([
    ['another content type', { headers: { 'content-type': 'text/plain' }, body: '{}' }],
    ['broken JSON', { headers: { 'content-type': 'application/json' }, body: '{"clientName":' }],
    [
      'a member of the wrong type',
      { headers: { 'content-type': 'application/json' }, body: '{"clientType":"public","clientName":7}' },
    ],
  ])('refuses %s before it looks further', async (_what, init) => {
    const { emulator } = await emulated();
    const url = `${emulator.environment.AWS_ENDPOINT_URL_SSO_OIDC}/client/register`;
    const response = await fetch(url, { method: 'POST', ...init });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toMatch(/^SerializationException:/);
  });

  it.each([
    ['GET', '/client/register'],
    ['POST', '/client/register/'],
    ['PUT', '/token'],
    ['POST', '/authorize'],
  ])('knows no %s %s', async (method, path) => {
    const { emulator } = await emulated();
    const response = await fetch(emulator.environment.AWS_ENDPOINT_URL_SSO_OIDC + path, { method });
    expect(response.status).toBe(404);
    expect(emulator.journal.calls('Unknown')).toHaveLength(1);
  });
});

describe('a client', () => {
  it('is refused with another secret', async () => {
    const { oidc } = await emulated();
    const client = await oidc.register();
    const { status, body, headers } = await oidc.startDevice({ ...client, clientSecret: 'guessed' });
    expect(status).toBe(401);
    expect(body['error']).toBe('invalid_client');
    expect(headers.get('x-amzn-errortype')).toMatch(/^InvalidClientException:/);
  });

  it('is refused once its registration expired, and accepted just before', async () => {
    const { oidc, clock } = await emulated();
    const client = await oidc.register();
    clock.advance(hours(90 * 24) - 1);
    expect((await oidc.startDevice(client)).status).toBe(200);
    clock.advance(1);
    expect((await oidc.startDevice(client)).status).toBe(401);
    expect((await oidc.refresh(client, 'any')).status).toBe(401);
  });

  it('is refused once the service forgot it', async () => {
    const { oidc, emulator } = await emulated();
    const client = await oidc.register();
    emulator.people.forgetClients();
    expect((await oidc.startDevice(client)).status).toBe(401);
  });

  it('gets no grant it did not register for', async () => {
    const { oidc } = await emulated();
    const client = await oidc.register({ grantTypes: ['authorization_code'] });
    expect((await oidc.startDevice(client)).body['error']).toBe('unauthorized_client');
    expect((await oidc.refresh(client, 'any')).body['error']).toBe('unauthorized_client');
  });

  it('gets no grant that does not exist', async () => {
    const { oidc } = await emulated();
    const { status, body } = await oidc.token(await oidc.register(), { grantType: 'password' });
    expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'unsupported_grant_type' });
  });
});

describe('tokens', () => {
  it('live an hour and can be refreshed with the account scope', async () => {
    const { oidc } = await emulated();
    const tokens = await oidc.logIn(await oidc.register());
    expect(tokens).toMatchObject({ expiresIn: 3600, tokenType: 'Bearer', refreshToken: expect.stringMatching(/^aor/) });
  });

  it.each([
    ['no scope', {}],
    ['another scope', { scopes: ['sso-portal:*'] }],
  ])('live eight hours and cannot be refreshed with %s', async (_what, scopes) => {
    const { oidc } = await emulated();
    const client = await oidc.register({ scopes: [], ...scopes });
    const tokens = await oidc.logIn(client);
    expect(tokens.expiresIn).toBe(28_800);
    expect(tokens).not.toHaveProperty('refreshToken');
  });

  it('never outlive the portal session', async () => {
    const { oidc, clock } = await emulated();
    const client = await oidc.register();
    const { refreshToken } = await oidc.logIn(client);
    clock.advance(hours(7.5));
    const late = await oidc.refresh(client, refreshToken);
    expect(late.body['expiresIn']).toBe(1800);
    clock.advance(hours(0.5));
    expect((await oidc.refresh(client, late.body['refreshToken'])).body).toEqual(invalidGrant);
  });

  it('of two sign-ins at one start URL share its session, of another start URL do not', async () => {
    const { oidc, emulator } = await emulated();
    const client = await oidc.register();
    const [first, second] = [await oidc.logIn(client), await oidc.logIn(client)];
    const other = await oidc.logIn(client, 'https://other.awsapps.com/start');
    emulator.people.endSession(startUrl);
    expect((await oidc.refresh(client, first.refreshToken)).status).toBe(400);
    expect((await oidc.refresh(client, second.refreshToken)).status).toBe(400);
    expect((await oidc.refresh(client, other.refreshToken)).status).toBe(200);
  });
});

describe('a refresh', () => {
  it('brings a new pair and kills the old refresh token', async () => {
    const { oidc } = await emulated();
    const client = await oidc.register();
    const first = await oidc.logIn(client);
    const { body: second } = await oidc.refresh(client, first.refreshToken);
    expect(second['refreshToken']).not.toBe(first.refreshToken);
    expect((await oidc.refresh(client, first.refreshToken)).body).toEqual(invalidGrant);
    expect((await oidc.refresh(client, second['refreshToken'])).status).toBe(200);
    expect((await oidc.roleCredentials(first.accessToken)).status).toBe(200);
  });

  it('returns the same refresh token when rotation is never', async () => {
    const { oidc } = await emulated({ rotation: 'never' });
    const client = await oidc.register();
    const { refreshToken } = await oidc.logIn(client);
    expect((await oidc.refresh(client, refreshToken)).body['refreshToken']).toBe(refreshToken);
    expect((await oidc.refresh(client, refreshToken)).status).toBe(200);
  });

  it('returns no refresh token when rotation is omitted, and the old one stays good', async () => {
    const { oidc } = await emulated({ rotation: 'omit' });
    const client = await oidc.register();
    const { refreshToken } = await oidc.logIn(client);
    expect((await oidc.refresh(client, refreshToken)).body).not.toHaveProperty('refreshToken');
    expect((await oidc.refresh(client, refreshToken)).status).toBe(200);
  });

  it('accepts a replaced token for ever when old tokens are valid', async () => {
    const { oidc, clock } = await emulated({ oldToken: 'valid' });
    const client = await oidc.register();
    const { refreshToken } = await oidc.logIn(client);
    await oidc.refresh(client, refreshToken);
    clock.advance(hours(1));
    expect((await oidc.refresh(client, refreshToken)).status).toBe(200);
  });

  it('accepts a replaced token within the grace only, counted from its first use', async () => {
    const { oidc, clock } = await emulated({ oldToken: { graceMs: seconds(30) } });
    const client = await oidc.register();
    const { refreshToken } = await oidc.logIn(client);
    await oidc.refresh(client, refreshToken);
    clock.advance(seconds(30) - 1);
    expect((await oidc.refresh(client, refreshToken)).status).toBe(200);
    clock.advance(1);
    expect((await oidc.refresh(client, refreshToken)).status).toBe(400);
  });

  it('ends the whole family when a replaced token is replayed and the knob says so', async () => {
    const { oidc } = await emulated({ oldToken: 'revokeFamily' });
    const client = await oidc.register();
    const first = await oidc.logIn(client);
    const bystander = await oidc.logIn(client);
    const { body: second } = await oidc.refresh(client, first.refreshToken);
    expect((await oidc.refresh(client, first.refreshToken)).status).toBe(400);
    expect((await oidc.refresh(client, second['refreshToken'])).status).toBe(400);
    expect((await oidc.roleCredentials(String(second['accessToken']))).status).toBe(401);
    expect((await oidc.refresh(client, bystander.refreshToken)).status).toBe(200);
  });

  it("is refused with another client's token", async () => {
    const { oidc } = await emulated();
    const { refreshToken } = await oidc.logIn(await oidc.register());
    expect((await oidc.refresh(await oidc.register(), refreshToken)).body).toEqual(invalidGrant);
  });

  it.each([
    ['InvalidGrantException', 'invalid_grant'],
    ['InvalidRequestException', 'invalid_request'],
  ] as const)('is refused in another region with %s', async (wrongRegion, error) => {
    const { oidc, emulator } = await emulated({ wrongRegion });
    const client = await oidc.register();
    const { refreshToken } = await oidc.logIn(client);
    const elsewhere = new OidcClient(emulator, emulator.endpointsOf('eu-west-1'));
    const { status, body } = await elsewhere.refresh(client, refreshToken);
    expect({ status, ...body }).toEqual({ status: 400, error, error_description: 'Invalid token provided' });
    expect((await oidc.refresh(client, refreshToken)).status).toBe(200);
  });
});

it.skipIf(modelsAbsent)(
  `answers and refuses as the service model says${modelsAbsent ? ` (skipped: ${modelsAbsent})` : ''}`,
  async () => {
    const { oidc, emulator } = await emulated();
    const client = await oidc.register();
    const { refreshToken } = await oidc.logIn(client);
    await oidc.refresh(client, refreshToken);
    await oidc.refresh(client, refreshToken);
    await oidc.startDevice({ ...client, clientSecret: 'guessed' });
    assertMatchesModels(emulator.journal);
  },
);
