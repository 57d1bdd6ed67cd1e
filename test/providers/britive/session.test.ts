import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '../../../src/providers/britive/types.ts';
import { hours, minutes } from '../../support/fake-clock.ts';
import { loginRequest, never } from '../../support/sso-world.ts';
import { BritiveWorld, record, session } from './world.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object): string => [part({ alg: 'HS256' }), part(claims), 'c2ln'].join('.');

describe('the probe', () => {
  const probe = (world: BritiveWorld, of: Partial<SessionRecord> | null) =>
    world.drive(world.britive.openSession(session()).probe(of && record(world.clock, of), never));

  it.each<readonly [number, object, SessionRecord['tokenType'], string]>([
    [200, {}, 'Bearer', 'ok'],
    [401, { message: 'Unauthorized' }, 'Bearer', 'unauthorized'],
    [401, { errorCode: 'AU-0016' }, 'TOKEN', 'unauthorized'],
    [400, { errorCode: 'E1000' }, 'TOKEN', 'ok'],
    [400, { errorCode: 'E1000' }, 'Bearer', 'denied'],
    [403, { message: 'no' }, 'Bearer', 'denied'],
    [503, {}, 'Bearer', 'transient'],
  ])('judges %i %j for %s as %s', async (status, body, tokenType, type) => {
    const world = new BritiveWorld().on('POST', '/api/auth/validate', { status, body });
    expect((await probe(world, { tokenType })).type).toBe(type);
    expect(world.sent[0]?.body).toBeNull();
  });

  it('without a session only asks whether anybody is there, and shows no token', async () => {
    const world = new BritiveWorld().on('GET', '/api/health', { body: 'OK' });
    expect((await probe(world, null)).type).toBe('unauthorized');
    expect(world.sent[0]?.headers).not.toHaveProperty('authorization');
    world.on('GET', '/api/health', { status: 500 });
    expect((await probe(world, null)).type).toBe('transient');
  });
});

describe('the logout', () => {
  const logout = (world: BritiveWorld, of: Partial<SessionRecord>) =>
    world.drive(world.britive.openSession(session()).logout(record(world.clock, of), never));

  it.each([
    [{ username: 'SAML_rhea.okafor@example.test' }, '/api/auth?type=sso'],
    [{ username: 'rhea.okafor@example.test' }, '/api/auth'],
    [{}, '/api/auth'],
  ])('of %j is DELETE %s', async (claims, path) => {
    const world = new BritiveWorld().on('DELETE', path, { status: 204, body: null });
    expect(await logout(world, { accessToken: jwt(claims) })).toMatchObject({ type: 'ok' });
  });

  it.each([
    [401, 'ok'],
    [500, 'transient'],
    [403, 'denied'],
  ])('of a session that answers %i is %s', async (status, type) => {
    const world = new BritiveWorld().on('DELETE', '/api/auth', { status });
    expect((await logout(world, {})).type).toBe(type);
  });

  it.each(['TOKEN', 'WorkloadToken'] as const)('of a %s asks nobody', async (tokenType) => {
    const world = new BritiveWorld();
    expect((await logout(world, { tokenType })).type).toBe('ok');
    expect(world.sent).toEqual([]);
  });
});

describe('a session of a person', () => {
  it('is never refreshed', async () => {
    const world = new BritiveWorld();
    const opened = world.britive.openSession(session());
    expect(opened.refreshLeadMs(hours(8))).toBe(0);
    expect(await opened.refresh(record(world.clock), never)).toMatchObject({ type: 'rejected', why: 'session_ended' });
    expect(world.sent).toEqual([]);
  });
});

describe('a session of a workload', () => {
  const token = (world: BritiveWorld) => jwt({ exp: (world.clock.now() + minutes(5)) / 1000 });
  const refresh = (world: BritiveWorld, federation: string) =>
    world.drive(world.britive.openSession(session({ federation })).refresh(record(world.clock), never));

  it.each([
    ['gitlab', 'BRITIVE_OIDC_TOKEN'],
    ['gitlab-MY_TOKEN', 'MY_TOKEN'],
    ['bitbucket', 'BITBUCKET_STEP_OIDC_TOKEN'],
    ['spacelift', 'SPACELIFT_OIDC_TOKEN'],
    ['oidc-ANY-TOKEN', 'ANY-TOKEN'],
  ])('from %s has the token of %s, and its end', async (federation, variable) => {
    const world = new BritiveWorld();
    expect(await refresh(world, federation)).toMatchObject({ type: 'denied', detail: `${variable} is not set` });
    world.variables.set(variable, ` ${token(world)}\n`);
    expect(await refresh(world, federation)).toMatchObject({
      type: 'ok',
      value: { lifetimeMs: minutes(5), record: { accessToken: `OIDC::${token(world)}`, tokenType: 'WorkloadToken' } },
    });
  });

  it('from a file reads it each time', async () => {
    const world = new BritiveWorld();
    const federation = 'file-/var/run/secrets/token';
    expect(await refresh(world, federation)).toMatchObject({ type: 'denied' });
    world.files.set('/var/run/secrets/token', `${token(world)}\n`);
    expect(await refresh(world, federation)).toMatchObject({
      value: { record: { accessToken: `OIDC::${token(world)}` } },
    });
  });

  it('from a token that has expired does not begin', async () => {
    const world = new BritiveWorld();
    world.variables.set('BRITIVE_OIDC_TOKEN', jwt({ exp: world.clock.now() / 1000 }));
    expect(await refresh(world, 'gitlab')).toMatchObject({ type: 'denied' });
  });

  it('from a token that says nothing of its end lives for a quarter of an hour', async () => {
    const world = new BritiveWorld();
    world.variables.set('BRITIVE_OIDC_TOKEN', 'opaque');
    expect(await refresh(world, 'gitlab')).toMatchObject({ type: 'ok', value: { lifetimeMs: minutes(15) } });
  });

  it('from GitHub asks the workflow, for the audience that is configured', async () => {
    const world = new BritiveWorld();
    expect(await refresh(world, 'github-acme')).toMatchObject({ type: 'denied' });
    world.variables.set('ACTIONS_ID_TOKEN_REQUEST_URL', 'https://vstoken.example/oidc?api-version=2');
    world.variables.set('ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'request token');
    const path = '/oidc?api-version=2&audience=acme';
    const github = world.agent.get('https://vstoken.example');
    github.intercept({ path }).reply(200, { value: token(world) });
    expect(await refresh(world, 'github-acme')).toMatchObject({
      value: { record: { accessToken: `OIDC::${token(world)}` } },
    });
    expect(world.sent[0]?.headers).toMatchObject({ authorization: 'Bearer request token' });
    github.intercept({ path }).reply(403, { message: 'no' });
    expect(await refresh(world, 'github-acme')).toMatchObject({ type: 'denied' });
    github.intercept({ path }).reply(500, {});
    expect(await refresh(world, 'github-acme')).toMatchObject({ type: 'transient' });
  });

  it('begins without a browser', async () => {
    const world = new BritiveWorld();
    world.browse = () => expect.unreachable();
    world.variables.set('BRITIVE_OIDC_TOKEN', token(world));
    const opened = world.britive.openSession(session({ federation: 'gitlab' }));
    const outcome = await opened.login({ ...loginRequest('browser'), token: null });
    expect(outcome).toMatchObject({ type: 'ok', lifetimeMs: minutes(5), record: { tokenType: 'WorkloadToken' } });
    expect(opened.refreshLeadMs(minutes(15))).toBe(minutes(5));
  });

  it('from a source that nobody knows says which there are', async () => {
    const world = new BritiveWorld();
    expect(await refresh(world, 'jenkins')).toMatchObject({
      type: 'denied',
      detail: expect.stringContaining('github'),
    });
  });

  it('of AWS signs what proves who it is, for this tenant and a quarter of an hour', async () => {
    const world = new BritiveWorld();
    expect(await refresh(world, 'aws')).toMatchObject({ type: 'denied' });
    world.variables.set('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
    world.variables.set('AWS_SECRET_ACCESS_KEY', 'secret');
    world.variables.set('AWS_SESSION_TOKEN', 'session');
    world.variables.set('AWS_REGION', 'eu-west-1');
    const verdict = await refresh(world, 'aws');
    const accessToken = verdict.type === 'ok' ? verdict.value.record.accessToken : expect.unreachable();
    expect(accessToken).toMatch(/^AWS::/);
    expect(accessToken).not.toContain('secret');
    const identity = JSON.parse(Buffer.from(accessToken.slice(5), 'base64url').toString());
    expect(identity).toEqual({
      iam_request_url: 'https://sts.eu-west-1.amazonaws.com/',
      iam_request_body: 'Action=GetCallerIdentity&Version=2011-06-15',
      iam_request_headers: {
        'x-amz-date': '20261121T090000Z',
        'x-amz-security-token': 'session',
        'x-britive-expires': '20261121T091500Z',
        'x-britive-workload-aws-tenant': 'acme.britive-app.com',
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/20261121\/eu-west-1\/sts\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token;x-britive-expires;x-britive-workload-aws-tenant, Signature=[0-9a-f]{64}$/,
        ),
      },
    });
  });
});
