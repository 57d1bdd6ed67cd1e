import { describe, expect, it } from 'vitest';
import type { ClientRegistration } from '../../../src/core/types.ts';
import { epoch } from '../../../src/core/types.ts';
import { minutes } from '../../support/fake-clock.ts';
import { issued, loginRequest, oidcOrigin, registered, SsoWorld } from '../../support/sso-world.ts';

const device = (extra: object = {}) => ({
  deviceCode: 'device-code',
  userCode: 'ABCD-EFGH',
  verificationUri: 'https://device.sso.us-east-1.amazonaws.com/',
  verificationUriComplete: 'https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH',
  expiresIn: 600,
  interval: 5,
  ...extra,
});

const started = (extra: object = {}): SsoWorld => {
  const world = new SsoWorld();
  world.oidc('/client/register', 200, registered(world.clock));
  world.oidc('/device_authorization', 200, device(extra));
  return world;
};

const pollTimes = (world: SsoWorld): readonly number[] => {
  const polls = world.sentTo('/token').map(({ at }) => at);
  return polls.map((at) => (at - (polls[0] ?? 0)) / 1000);
};

describe('the device login', () => {
  it('case 40: polls at the interval, slower after slow_down and for good', async () => {
    const world = started();
    for (const name of ['AuthorizationPendingException', 'SlowDownException', 'AuthorizationPendingException']) {
      world.oidcError('/token', name);
    }
    world.oidc('/token', 200, issued(1));
    const request = loginRequest('device');
    const outcome = await world.drive(world.session().login(request));
    expect(outcome).toMatchObject({
      type: 'ok',
      lifetimeMs: minutes(60),
      record: { accessToken: 'at-1', refreshToken: 'rt-1' },
    });
    expect(pollTimes(world)).toEqual([0, 5, 15, 25]);
    expect(world.sentTo('/token')[0]?.body).toEqual({
      clientId: 'client-1',
      clientSecret: 'client-1-secret',
      grantType: 'urn:ietf:params:oauth:grant-type:device_code',
      deviceCode: 'device-code',
    });
  });

  it('shows the code, and opens the page that has it filled in', async () => {
    const world = started();
    const opened: string[] = [];
    world.browse = (url) => opened.push(url) > 0;
    world.oidcError('/token', 'AuthorizationPendingException');
    world.oidc('/token', 200, issued(1));
    const request = loginRequest('device');
    const expiresAt = world.clock.now() + minutes(10);
    await world.drive(world.session().login(request));
    expect(opened).toEqual(['https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH']);
    expect(request.prompts).toEqual([
      {
        kind: 'device',
        verificationUri: 'https://device.sso.us-east-1.amazonaws.com/',
        verificationUriComplete: 'https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH',
        userCode: 'ABCD-EFGH',
        opened: true,
        expiresAt,
      },
    ]);
  });

  it('opens nothing when told so', async () => {
    const world = started();
    world.browse = () => expect.unreachable();
    world.oidcError('/token', 'AuthorizationPendingException');
    world.oidc('/token', 200, issued(1));
    const request = { ...loginRequest('device'), openBrowser: false };
    expect(await world.drive(world.session().login(request))).toMatchObject({ type: 'ok' });
  });

  it('bothers nobody about a device that is authorised already', async () => {
    const world = started();
    world.oidc('/token', 200, issued(1));
    const request = loginRequest('device');
    expect(await world.drive(world.session().login(request))).toMatchObject({ type: 'ok' });
    expect(request.prompts).toEqual([]);
  });

  it.each([
    ['AccessDeniedException', 'declined'],
    ['ExpiredTokenException', 'unanswered'],
    ['InvalidGrantException', 'failed'],
  ])('case 40: %s ends it as %s', async (name, type) => {
    const world = started();
    world.oidcError('/token', name);
    expect(await world.drive(world.session().login(loginRequest('device')))).toMatchObject({ type });
  });

  it('gives up by its own clock when the server never ends it', async () => {
    const world = started({ expiresIn: 60, interval: 25 });
    for (let poll = 0; poll < 4; poll++) world.oidcError('/token', 'AuthorizationPendingException');
    const outcome = await world.drive(world.session().login(loginRequest('device')));
    expect(outcome).toMatchObject({ type: 'unanswered' });
    expect(pollTimes(world)).toEqual([0, 25, 50, 60]);
  });

  it('asks every 5 seconds where the server names no interval', async () => {
    const world = started({ interval: undefined });
    world.oidcError('/token', 'AuthorizationPendingException');
    world.oidc('/token', 200, issued(1));
    await world.drive(world.session().login(loginRequest('device')));
    expect(pollTimes(world)).toEqual([0, 5]);
  });

  it('goes on after a network that was away', async () => {
    const world = started();
    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    world.agent.get(oidcOrigin).intercept({ method: 'POST', path: '/token' }).replyWithError(reset);
    world.oidc('/token', 503, {});
    world.oidc('/token', 200, issued(1));
    expect(await world.drive(world.session().login(loginRequest('device')))).toMatchObject({ type: 'ok' });
  });

  it('stops when told to', async () => {
    const world = started();
    world.oidcError('/token', 'AuthorizationPendingException');
    const request = loginRequest('device', () => request.abort());
    const outcome = await world.drive(world.session().login(request));
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'transient', why: 'aborted' } });
    expect(world.sentTo('/token')).toHaveLength(1);
  });

  it('case 41: registers once more when the server has forgotten us', async () => {
    const world = new SsoWorld();
    world.oidc('/client/register', 200, registered(world.clock, 'forgotten'));
    world.oidcError('/device_authorization', 'InvalidClientException');
    world.oidc('/client/register', 200, registered(world.clock, 'fresh'));
    world.oidc('/device_authorization', 200, device());
    world.oidc('/token', 200, issued(1));
    const outcome = await world.drive(world.session().login(loginRequest('device')));
    expect(outcome).toMatchObject({ type: 'ok', record: { client: { clientId: 'fresh' } } });
    expect([...world.registrations.values()].map(({ clientId }) => clientId)).toEqual(['fresh']);
  });

  it('leaves no registration of the browser standing behind it: its page may have been dead', async () => {
    const world = started();
    world.oidc('/client/register', 200, registered(world.clock, 'client-2'));
    world.browse = (url) => {
      const state = new URL(url).searchParams.get('state');
      world.visit?.(`http://127.0.0.1:49152/oauth/callback?error=access_denied&state=${state}`);
      return true;
    };
    await world.drive(world.session().login(loginRequest('browser')));
    world.oidc('/token', 200, issued(1));
    await world.drive(world.session().login(loginRequest('device')));
    expect([...world.registrations.keys()].map((key) => JSON.parse(key).at(-1))).toEqual(['device']);
  });

  it('case 41: registers once more only once', async () => {
    const world = new SsoWorld();
    for (const id of ['one', 'two']) {
      world.oidc('/client/register', 200, registered(world.clock, id));
      world.oidcError('/device_authorization', 'InvalidClientException');
    }
    const outcome = await world.drive(world.session().login(loginRequest('device')));
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'rejected', why: 'invalid_client' } });
  });

  it('is how a legacy profile signs in: no scopes, no grants, no refresh token', async () => {
    const world = started();
    world.oidc('/token', 200, issued(1, { refreshToken: undefined, expiresIn: 28_800 }));
    const outcome = await world.drive(world.session({ scopes: null }).login(loginRequest('browser')));
    expect(outcome).toMatchObject({ type: 'ok', record: { refreshToken: null } });
    expect(world.sentTo('/client/register')[0]?.body).toEqual({ clientName: 'credbroker', clientType: 'public' });
  });
});

describe('a client registration', () => {
  const kept = async (leftMs: number): Promise<readonly unknown[]> => {
    const world = started();
    world.oidc('/token', 200, issued(1));
    await world.drive(world.session().login(loginRequest('device')));
    for (const [key, registration] of world.registrations) {
      const aged: ClientRegistration = { ...registration, expiresAt: epoch(world.clock.now() + leftMs) };
      world.registrations.set(key, aged);
    }
    if (leftMs < minutes(15)) world.oidc('/client/register', 200, registered(world.clock, 'second'));
    world.oidc('/device_authorization', 200, device());
    world.oidc('/token', 200, issued(2));
    await world.drive(world.session().login(loginRequest('device')));
    return world.sentTo('/token').map(({ body }) => body?.['clientId']);
  };

  it('is used again while it has 15 minutes left', async () => {
    expect(await kept(minutes(15))).toEqual(['client-1', 'client-1']);
  });

  it('is made anew when it has less', async () => {
    expect(await kept(minutes(15) - 1)).toEqual(['client-1', 'second']);
  });

  it.each([
    { region: 'eu-west-1' },
    { scopes: ['sso:account:access', 'codewhisperer:completions'] },
    { startUrl: 'https://other.awsapps.com/start' },
    { oidcEndpoint: 'http://127.0.0.1:4566/oidc' },
  ])('is not shared with %j', async (different) => {
    const world = new SsoWorld();
    const origins = [oidcOrigin, different.region ? `https://oidc.${different.region}.amazonaws.com` : oidcOrigin];
    if (different.oidcEndpoint) origins[1] = 'http://127.0.0.1:4566';
    const prefix = different.oidcEndpoint ? '/oidc' : '';
    for (const [index, overrides] of [{}, different].entries()) {
      const path = (name: string) => (index === 1 ? prefix : '') + name;
      world.oidc(path('/client/register'), 200, registered(world.clock, `client-${index}`), origins[index]);
      world.oidc(path('/device_authorization'), 200, device(), origins[index]);
      world.oidc(path('/token'), 200, issued(index), origins[index]);
      await world.drive(world.session(overrides).login(loginRequest('device')));
    }
    expect(world.registrations.size).toBe(2);
  });
});
