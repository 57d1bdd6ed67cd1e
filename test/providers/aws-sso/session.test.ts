import { describe, expect, it } from 'vitest';
import type { AcquireRequest, SessionRecord } from '../../../src/core/types.ts';
import { epoch } from '../../../src/core/types.ts';
import { hours, minutes } from '../../support/fake-clock.ts';
import {
  issued,
  never,
  oidcOrigin,
  portalOrigin,
  SsoWorld,
  sessionRecord,
  sessionSettings,
} from '../../support/sso-world.ts';

const asking = (record: SessionRecord | null): AcquireRequest => ({
  record,
  source: null,
  checkout: null,
  wish: null,
  signal: never,
});

describe('the refresh of a session', () => {
  it('sends what the AWS CLI sends and brings the new tokens with their life', async () => {
    const world = new SsoWorld();
    world.oidc('/token', 200, issued(1, { expiresIn: 900 }));
    const verdict = await world.session().refresh(sessionRecord(world.clock), never);
    expect(verdict).toMatchObject({
      type: 'ok',
      value: { lifetimeMs: minutes(15), record: { accessToken: 'at-1', refreshToken: 'rt-1', region: 'us-east-1' } },
    });
    expect(verdict.type === 'ok' && verdict.value.record.expiresAt).toBe(world.clock.now() + minutes(15));
    expect(world.sent.map(({ body }) => body)).toEqual([
      { grantType: 'refresh_token', clientId: 'client', clientSecret: 'secret', refreshToken: 'rt-0' },
    ]);
  });

  it.each([undefined, '', null])('case 24: keeps the refresh token when the answer has %j for one', async (none) => {
    const world = new SsoWorld();
    world.oidc('/token', 200, issued(1, { refreshToken: none }));
    const verdict = await world.session().refresh(sessionRecord(world.clock), never);
    expect(verdict).toMatchObject({ value: { record: { accessToken: 'at-1', refreshToken: 'rt-0' } } });
  });

  it('defect 5: a token of short life comes with its refresh token, too', async () => {
    const world = new SsoWorld();
    world.oidc('/token', 200, issued(1, { expiresIn: 120 }));
    const verdict = await world.session().refresh(sessionRecord(world.clock), never);
    expect(verdict).toMatchObject({ type: 'ok', value: { lifetimeMs: 120_000, record: { refreshToken: 'rt-1' } } });
  });

  it('case 31, defect 9: does not ask at all with an expired registration', async () => {
    const world = new SsoWorld();
    const client = { clientId: 'c', clientSecret: 's', expiresAt: world.clock.now() };
    const verdict = await world.session().refresh(sessionRecord(world.clock, { client }), never);
    expect(verdict).toMatchObject({ type: 'rejected', why: 'client_expired' });
    expect(world.sent).toEqual([]);
  });

  it('does not ask at all without a refresh token or a registration', async () => {
    const world = new SsoWorld();
    const noToken = sessionRecord(world.clock, { refreshToken: null });
    expect(await world.session().refresh(noToken, never)).toMatchObject({ type: 'rejected', why: 'invalid_grant' });
    const noClient = sessionRecord(world.clock, { client: null });
    expect(await world.session().refresh(noClient, never)).toMatchObject({ type: 'rejected', why: 'invalid_client' });
    expect(world.sent).toEqual([]);
  });

  it('case 34: asks where the tokens were issued, not where the settings say', async () => {
    const world = new SsoWorld();
    world.oidc('/token', 200, issued(1), 'https://oidc.eu-west-1.amazonaws.com');
    const verdict = await world.session().refresh(sessionRecord(world.clock, { region: 'eu-west-1' }), never);
    expect(verdict).toMatchObject({ type: 'ok', value: { record: { region: 'eu-west-1' } } });
  });

  it('asks the region of the settings before it believes that the tokens are dead', async () => {
    const world = new SsoWorld();
    world.oidc('/token', 400, { error: 'invalid_grant' }, 'https://oidc.eu-west-1.amazonaws.com');
    world.oidc('/token', 200, issued(1));
    const verdict = await world.session().refresh(sessionRecord(world.clock, { region: 'eu-west-1' }), never);
    expect(verdict).toMatchObject({ type: 'ok', value: { record: { region: 'us-east-1' } } });
  });

  it('believes two regions that both refuse, and not one that cannot be reached', async () => {
    const world = new SsoWorld();
    const record = sessionRecord(world.clock, { region: 'eu-west-1' });
    world.oidc('/token', 400, { error: 'invalid_grant' }, 'https://oidc.eu-west-1.amazonaws.com');
    world.oidc('/token', 401, { error: 'invalid_client' });
    expect(await world.session().refresh(record, never)).toMatchObject({ type: 'rejected', why: 'invalid_grant' });
    world.oidc('/token', 400, { error: 'invalid_grant' }, 'https://oidc.eu-west-1.amazonaws.com');
    world.oidc('/token', 503, {});
    expect(await world.session().refresh(record, never)).toMatchObject({ type: 'transient', why: '5xx' });
  });

  it('asks an overridden endpoint once, whatever the region', async () => {
    const world = new SsoWorld();
    const oidcEndpoint = 'http://127.0.0.1:4566/deep/oidc/';
    world.oidc('/deep/oidc/token', 400, { error: 'invalid_grant' }, 'http://127.0.0.1:4566');
    const session = world.session({ oidcEndpoint });
    const verdict = await session.refresh(sessionRecord(world.clock, { region: 'eu-west-1' }), never);
    expect(verdict).toMatchObject({ type: 'rejected' });
    expect(world.sent).toHaveLength(1);
  });

  it('builds no host name from a region that is none', async () => {
    const world = new SsoWorld();
    world.oidc('/token', 200, issued(1));
    const record = sessionRecord(world.clock, { region: 'evil.example/#' });
    await world.session().refresh(record, never);
    expect(world.sent.map(({ url }) => url.origin)).toEqual([oidcOrigin]);
  });

  it.each([
    ['a reset after sending', { code: 'ECONNRESET', syscall: 'read' }, 'ambiguous'],
    ['a refused connection', { code: 'ECONNREFUSED', syscall: 'connect' }, 'transient'],
  ])('defect 6: %s is %s and no reason to sign in', async (_what, error, type) => {
    const world = new SsoWorld();
    const failure = Object.assign(new Error('failed'), error);
    world.agent.get(oidcOrigin).intercept({ method: 'POST', path: '/token' }).replyWithError(failure);
    expect((await world.session().refresh(sessionRecord(world.clock), never)).type).toBe(type);
  });

  it('defect 6: an error of the server is no reason to sign in', async () => {
    const world = new SsoWorld();
    world.oidc('/token', 500, { error: 'server_error' });
    const verdict = await world.session().refresh(sessionRecord(world.clock), never);
    expect(verdict).toMatchObject({ type: 'transient', why: '5xx' });
  });

  it.each([
    [hours(8), minutes(30)],
    [hours(1), minutes(30)],
    [minutes(59), minutes(29.5)],
    [minutes(15), minutes(7.5)],
  ])('defect 12: begins early, and never in the first half: a life of %i ms, %i ms before', (life, lead) => {
    expect(new SsoWorld().session().refreshLeadMs(life)).toBe(lead);
  });
});

describe('the probe of a session', () => {
  const path = '/assignment/accounts?max_result=1';

  it('asks for one account', async () => {
    const world = new SsoWorld();
    world.portal(path, 200, { accountList: [] });
    expect(await world.session().probe(sessionRecord(world.clock), never)).toMatchObject({ type: 'ok' });
    expect(world.sent[0]?.headers).toMatchObject({ 'x-amz-sso_bearer_token': 'at-0' });
  });

  it('case 46: reports a refused token as that, with one call', async () => {
    const world = new SsoWorld();
    world.portal(path, 401, { message: 'Session token not found or invalid' });
    expect(await world.session().probe(sessionRecord(world.clock), never)).toMatchObject({ type: 'unauthorized' });
    expect(world.sent).toHaveLength(1);
  });

  it.each([401, 400, 403])('without a token a refusal (%i) says that the portal was reached', async (status) => {
    const world = new SsoWorld();
    world.portal(path, status, { message: 'no' });
    expect(await world.session().probe(null, never)).toMatchObject({ type: 'unauthorized' });
  });

  it('without a token a page in between says nothing', async () => {
    const world = new SsoWorld();
    world.agent.get(portalOrigin).intercept({ path }).reply(401, '<html>Hotel Wi-Fi</html>');
    expect(await world.session().probe(null, never)).toMatchObject({ type: 'transient', why: 'captive-portal' });
  });
});

describe('the logout of a session', () => {
  it('case 52: ends it at the portal', async () => {
    const world = new SsoWorld();
    world.agent.get(portalOrigin).intercept({ method: 'POST', path: '/logout' }).reply(200, '');
    expect(await world.session().logout(sessionRecord(world.clock), never)).toMatchObject({ type: 'ok' });
    expect(world.sent[0]?.headers).toMatchObject({ 'x-amz-sso_bearer_token': 'at-0' });
  });
});

describe('the credentials of a profile', () => {
  const path = '/federation/credentials?role_name=Developer+Access&account_id=123456789012';
  const profile = (world: SsoWorld) =>
    world.provider.openProfile(
      {
        kind: 'sso',
        name: 'dev',
        session: 'work',
        accountId: '123456789012',
        roleName: 'Developer Access',
        region: null,
        description: null,
        origin: { file: 'config', line: 1 },
      },
      sessionSettings(),
    );

  it('case 45: expire when the milliseconds say', async () => {
    const world = new SsoWorld();
    const expiration = Date.parse('2026-11-21T10:00:00Z');
    const keys = { accessKeyId: 'AKIA', secretAccessKey: 'SK', sessionToken: 'ST' };
    world.portal(path, 200, { roleCredentials: { ...keys, expiration } });
    expect(await profile(world).acquire(asking(sessionRecord(world.clock)))).toMatchObject({
      type: 'ok',
      value: { ...keys, expiresAt: epoch(expiration), accountId: '123456789012', roleArn: null, transaction: null },
    });
  });

  it('case 47: that are forbidden cause no refresh', async () => {
    const world = new SsoWorld();
    world.portal(path, 403, { message: 'No access', __type: 'com.amazonaws.switchboard.portal#ForbiddenException' });
    const verdict = await profile(world).acquire(asking(sessionRecord(world.clock)));
    expect(verdict).toMatchObject({ type: 'denied', why: 'forbidden' });
    expect(world.sentTo('/token')).toEqual([]);
  });

  it('are asked where the tokens were issued', async () => {
    const world = new SsoWorld();
    const answer = { message: 'busy' };
    world.agent.get('https://portal.sso.cn-north-1.amazonaws.com.cn').intercept({ path }).reply(429, answer);
    const verdict = await profile(world).acquire(asking(sessionRecord(world.clock, { region: 'cn-north-1' })));
    expect(verdict).toMatchObject({ type: 'transient', why: '429' });
  });

  it('need somebody signed in', async () => {
    const world = new SsoWorld();
    expect(await profile(world).acquire(asking(null))).toMatchObject({ type: 'unauthorized' });
    expect(world.sent).toEqual([]);
  });

  it('may be fetched anew while the old ones live', () => {
    expect(profile(new SsoWorld()).renewal).toBe('overlap');
  });
});
