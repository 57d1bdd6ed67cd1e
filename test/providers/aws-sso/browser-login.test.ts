import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { minutes } from '../../support/fake-clock.ts';
import { issued, loginRequest, oidcOrigin, registered, SsoWorld } from '../../support/sso-world.ts';

const callback = 'http://127.0.0.1:49152/oauth/callback';

/** The browser of somebody who is still signed in: it comes back before the prompt is even shown. */
const comesBackAtOnce =
  (world: SsoWorld, answer: (query: URLSearchParams) => string) =>
  (url: string): boolean => {
    world.visit?.(answer(new URL(url).searchParams));
    return true;
  };

const withCode = (query: URLSearchParams) => `${callback}?code=code-1&state=${query.get('state')}`;

const registeredWorld = (): SsoWorld => {
  const world = new SsoWorld();
  world.oidc('/client/register', 200, registered(world.clock));
  return world;
};

describe('the browser login', () => {
  it('case 39: registers, sends the person to AWS, and exchanges the code', async () => {
    const world = registeredWorld();
    world.oidc('/token', 200, issued(1));
    world.browse = comesBackAtOnce(world, withCode);
    const request = loginRequest('browser');
    const outcome = await world.drive(world.session().login(request));
    expect(outcome).toMatchObject({
      type: 'ok',
      lifetimeMs: minutes(60),
      record: { accessToken: 'at-1', refreshToken: 'rt-1', client: { clientId: 'client-1' }, region: 'us-east-1' },
    });
    expect(world.sentTo('/client/register')[0]?.body).toEqual({
      clientName: 'credbroker',
      clientType: 'public',
      scopes: ['sso:account:access'],
      grantTypes: ['authorization_code', 'refresh_token'],
      redirectUris: ['http://127.0.0.1/oauth/callback'],
      issuerUrl: 'https://example.awsapps.com/start',
    });
  });

  it('case 39: proves with PKCE that the one who asked is the one who exchanges', async () => {
    const world = registeredWorld();
    world.oidc('/token', 200, issued(1));
    world.browse = comesBackAtOnce(world, withCode);
    const request = loginRequest('browser');
    await world.drive(world.session().login(request));
    const prompt = request.prompts[0];
    if (prompt?.kind !== 'browser') return expect.unreachable();
    const { origin, pathname, searchParams: asked } = new URL(prompt.url);
    expect(origin + pathname).toBe(`${oidcOrigin}/authorize`);
    const exchange = world.sentTo('/token')[0]?.body;
    const verifier = String(exchange?.['codeVerifier']);
    expect(verifier).toMatch(/^[\w-]{43,128}$/);
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: callback,
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      scopes: 'sso:account:access',
    });
    expect(exchange).toMatchObject({ grantType: 'authorization_code', code: 'code-1', redirectUri: callback });
  });

  it('makes up another state and verifier each time', async () => {
    const world = registeredWorld();
    const states = new Set<string | null>();
    for (const n of [1, 2]) {
      world.oidc('/token', 200, issued(n));
      world.browse = comesBackAtOnce(world, (query) => {
        states.add(query.get('state'));
        return withCode(query);
      });
      await world.drive(world.session().login(loginRequest('browser')));
    }
    expect(states.size).toBe(2);
    expect(new Set(world.sentTo('/token').map(({ body }) => body?.['codeVerifier'])).size).toBe(2);
    for (const state of states) expect(state).toMatch(/^[\w-]{43}$/);
  });

  it('case 39: is not disturbed by other local pages', async () => {
    const world = registeredWorld();
    world.oidc('/token', 200, issued(1));
    const statuses: (number | undefined)[] = [];
    world.browse = (url) => {
      const state = new URL(url).searchParams.get('state');
      const visits = [
        `${callback}?code=stolen&state=wrong`,
        `${callback}?code=stolen`,
        `${callback}?error=access_denied&state=wrong`,
        `http://127.0.0.1:49152/favicon.ico?state=${state}&code=x`,
        `${callback}?state=${state}`,
        `${callback}?code=code-1&state=${state}`,
      ];
      for (const visit of visits) statuses.push(world.visit?.(visit).status);
      return true;
    };
    expect(await world.drive(world.session().login(loginRequest('browser')))).toMatchObject({ type: 'ok' });
    expect(statuses).toEqual([400, 400, 400, 400, 400, 200]);
    expect(world.sentTo('/token').map(({ body }) => body?.['code'])).toEqual(['code-1']);
  });

  it.each([
    ['access_denied', { type: 'declined' }],
    ['temporarily_unavailable', { type: 'failed', verdict: { type: 'transient' } }],
    ['unauthorized_client', { type: 'failed', verdict: { type: 'rejected' } }],
    ['invalid_scope', { type: 'failed', verdict: { type: 'denied' } }],
  ])('case 39: takes %s from the page for what it is', async (error, outcome) => {
    const world = registeredWorld();
    world.browse = comesBackAtOnce(world, (query) => `${callback}?error=${error}&state=${query.get('state')}`);
    expect(await world.drive(world.session().login(loginRequest('browser')))).toMatchObject(outcome);
    expect(world.visit).toBeNull();
  });

  it('says so when no browser could be opened, and goes on waiting', async () => {
    const world = registeredWorld();
    world.oidc('/token', 200, issued(1));
    const request = loginRequest('browser', (prompt) => {
      if (prompt.kind === 'browser') world.visit?.(withCode(new URL(prompt.url).searchParams));
    });
    expect(await world.drive(world.session().login(request))).toMatchObject({ type: 'ok' });
    expect(request.prompts).toMatchObject([{ kind: 'browser', opened: false }]);
  });

  it('ends unanswered after ten minutes, listens no more and trusts its registration no more', async () => {
    const world = registeredWorld();
    const before = world.clock.now();
    const outcome = await world.drive(world.session().login(loginRequest('browser')));
    expect(outcome).toMatchObject({ type: 'unanswered' });
    expect(world.clock.now() - before).toBe(minutes(10));
    expect(world.visit).toBeNull();
    expect(world.registrations.size).toBe(0);
  });

  it('stops when told to, and listens no more', async () => {
    const world = registeredWorld();
    const request = loginRequest('browser', () => request.abort());
    const outcome = await world.drive(world.session().login(request));
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'transient', why: 'aborted' } });
    expect(world.visit).toBeNull();
  });

  it('leads nobody twice to a page that they gave up', async () => {
    const world = registeredWorld();
    const given = loginRequest('browser', () => given.abort());
    await world.drive(world.session().login(given));
    world.oidc('/client/register', 200, registered(world.clock, 'client-2'));
    const again = loginRequest('browser', () => again.abort());
    await world.drive(world.session().login(again));
    const clients = [...given.prompts, ...again.prompts].map(
      (prompt) => prompt.kind === 'browser' && new URL(prompt.url).searchParams.get('client_id'),
    );
    expect(clients).toEqual(['client-1', 'client-2']);
  });

  it('keeps its registration when somebody says no, or gives up once the page has done its part', async () => {
    const declined = registeredWorld();
    declined.browse = comesBackAtOnce(
      declined,
      (query) => `${callback}?error=access_denied&state=${query.get('state')}`,
    );
    await declined.drive(declined.session().login(loginRequest('browser')));
    expect(declined.registrations.size).toBe(1);
    const finished = registeredWorld();
    finished.browse = comesBackAtOnce(finished, withCode);
    const request = loginRequest('browser', () => request.abort());
    await finished.drive(finished.session().login(request));
    expect(finished.registrations.size).toBe(1);
  });

  it('forgets a registration that the exchange refuses', async () => {
    const world = registeredWorld();
    world.oidcError('/token', 'InvalidClientException');
    world.browse = comesBackAtOnce(world, withCode);
    const outcome = await world.drive(world.session().login(loginRequest('browser')));
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'rejected', why: 'invalid_client' } });
    expect(world.registrations.size).toBe(0);
  });

  it('fails without a call when it cannot listen', async () => {
    const world = new SsoWorld();
    const openLoopback = async () => {
      throw new Error('EADDRNOTAVAIL');
    };
    Object.assign(world.dependencies, { openLoopback });
    const outcome = await world.drive(world.session().login(loginRequest('browser')));
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'transient', why: 'connect' } });
    expect(world.sent).toEqual([]);
  });
});
