import { createHash } from 'node:crypto';
import { fetch } from 'undici';
import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { loginRequest } from '../../support/sso-world.ts';
import { formsOf, openWorld, recordOf } from './world.ts';

const visit = (url: string) => fetch(url).then((page) => page.text());

describe('the browser login', () => {
  it('sends the person to the issuer with PKCE, state and nonce, and exchanges the code', async () => {
    const world = await openWorld();
    const request = loginRequest('browser');
    const outcome = await world.drive(world.session({ audience: 'https://api.example' }).login(request));
    expect(outcome).toMatchObject({
      type: 'ok',
      lifetimeMs: hours(1),
      record: { refreshToken: expect.any(String), client: null, region: null, tokenType: null },
    });
    expect(recordOf(outcome).expiresAt).toBe(world.clock.now() + hours(1));
    const [prompt] = request.prompts;
    if (prompt?.kind !== 'browser') return expect.unreachable();
    expect(prompt.opened).toBe(true);
    const { origin, pathname, searchParams } = new URL(prompt.url);
    expect(origin + pathname).toBe(`${world.issuer.url}/authorize`);
    const asked = Object.fromEntries(searchParams);
    const [form] = formsOf(world, 'IssuerToken');
    await expect(fetch(asked['redirect_uri'] ?? '')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    expect(asked).toEqual({
      response_type: 'code',
      client_id: 'cli',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/),
      scope: 'openid offline_access',
      audience: 'https://api.example',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256')
        .update(form?.['code_verifier'] ?? '')
        .digest('base64url'),
    });
    expect(form).toMatchObject({ grant_type: 'authorization_code', redirect_uri: asked['redirect_uri'] });
  });

  it('makes up another state, verifier and nonce each time', async () => {
    const world = await openWorld();
    const session = world.session();
    const drawn = new Set<string | null>();
    for (const request of [loginRequest('browser'), loginRequest('browser')]) {
      await world.drive(session.login(request));
      const [prompt] = request.prompts;
      const query = new URL(prompt?.kind === 'browser' ? prompt.url : '').searchParams;
      for (const name of ['state', 'nonce', 'code_challenge']) drawn.add(query.get(name));
    }
    expect(drawn.size).toBe(6);
  });

  it('asks an issuer without OpenID for no ID token', async () => {
    const world = await openWorld({ discovery: 'oauth' });
    const request = loginRequest('browser');
    await world.signedIn(world.session({ scopes: ['api', 'offline_access'] }), request);
    const [prompt] = request.prompts;
    expect(prompt?.kind === 'browser' && new URL(prompt.url).searchParams.has('nonce')).toBe(false);
    expect(world.paths()).toEqual([
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server',
      '/token',
    ]);
  });

  it.each([
    ['the header', undefined, 'basic'],
    ['the header, where nothing is published', { token_endpoint_auth_methods_supported: undefined }, 'basic'],
    ['the body', { token_endpoint_auth_methods_supported: ['client_secret_post'] }, 'post'],
  ])('proves a confidential client in %s', async (_where, metadata, expected) => {
    const world = await openWorld({ metadata: metadata ?? {} });
    const clientSecret = world.issuer.knobs.clients[1]?.clientSecret ?? '';
    await world.signedIn(world.session({ clientId: 'confidential', clientSecret }));
    const { headers } = world.emulator.journal.calls('IssuerToken')[0]?.request ?? {};
    expect(headers?.['authorization']?.startsWith('Basic ') ?? false).toBe(expected === 'basic');
    expect(formsOf(world, 'IssuerToken')[0]?.['client_secret']).toBe(expected === 'post' ? clientSecret : undefined);
  });

  it('goes out under our own name, with the clock set by each answer', async () => {
    const world = await openWorld();
    await world.signedIn(world.session());
    const names = world.emulator.journal.calls('IssuerToken').map(({ request }) => request.headers['user-agent']);
    expect(names).toEqual(['credbroker/0.0.0']);
    expect(world.anchors.length).toBe(3);
  });

  it('is not disturbed by other local pages', async () => {
    const world = await openWorld();
    const statuses: number[] = [];
    world.browse = async (url) => {
      const { searchParams: query } = new URL(url);
      const own = query.get('redirect_uri') ?? '';
      const state = query.get('state');
      const strange = [
        `${own}?code=stolen&state=wrong`,
        `${own}?code=stolen`,
        `${own}?error=access_denied&state=wrong`,
        `${new URL(own).origin}/favicon.ico?state=${state}&code=x`,
        `${own}?state=${state}&iss=${encodeURIComponent(world.issuer.url)}`,
      ];
      for (const page of strange) statuses.push((await fetch(page)).status);
      return visit(url);
    };
    expect(await world.drive(world.session().login(loginRequest('browser')))).toMatchObject({ type: 'ok' });
    expect(statuses).toEqual([400, 400, 400, 400, 400]);
  });

  it.each([
    ['another issuer', { callbackIssuer: { other: 'https://evil.example' } } as const],
    [
      'nobody, where the issuer promised to name itself',
      { callbackIssuer: 'none', metadata: { authorization_response_iss_parameter_supported: true } } as const,
    ],
  ])('takes no code in the name of %s', async (_who, knobs) => {
    const world = await openWorld(knobs);
    const outcome = await world.drive(world.session().login(loginRequest('browser')));
    expect(outcome).toMatchObject({
      type: 'failed',
      verdict: { type: 'denied', detail: 'the answer came from another issuer' },
    });
    expect(formsOf(world, 'IssuerToken')).toEqual([]);
  });

  it.each([
    ['access_denied', { type: 'declined' }],
    ['temporarily_unavailable', { type: 'failed', verdict: { type: 'transient', why: '5xx' } }],
    ['server_error', { type: 'failed', verdict: { type: 'transient', why: '5xx' } }],
    ['unauthorized_client', { type: 'failed', verdict: { type: 'denied' } }],
    ['invalid_scope', { type: 'failed', verdict: { type: 'denied', detail: expect.stringContaining('"scopes"') } }],
    ['login_required', { type: 'failed', verdict: { type: 'denied' } }],
  ])('takes %s from the page for what it is', async (error, outcome) => {
    const world = await openWorld();
    world.browse = (url) => {
      const { searchParams: query } = new URL(url);
      const back = new URLSearchParams({ error, state: query.get('state') ?? '', iss: world.issuer.url });
      return visit(`${query.get('redirect_uri')}?${back}`);
    };
    expect(await world.drive(world.session().login(loginRequest('browser')))).toMatchObject(outcome);
  });

  it('says so when no browser could be opened, and goes on waiting', async () => {
    const world = await openWorld();
    world.browse = () => false;
    const request = loginRequest('browser', (prompt) => {
      if (prompt.kind === 'browser') void visit(prompt.url);
    });
    expect(await world.drive(world.session().login(request))).toMatchObject({ type: 'ok' });
    expect(request.prompts).toMatchObject([{ kind: 'browser', opened: false }]);
  });

  it('ends unanswered after ten minutes', async () => {
    const world = await openWorld();
    world.browse = () => true;
    const before = world.clock.now();
    expect(await world.drive(world.session().login(loginRequest('browser')))).toMatchObject({ type: 'unanswered' });
    expect(world.clock.now() - before).toBe(minutes(10));
  });

  it('stops when told to', async () => {
    const world = await openWorld();
    world.browse = () => true;
    const request = loginRequest('browser', () => request.abort());
    const outcome = await world.drive(world.session().login(request));
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'transient', why: 'aborted' } });
  });

  it('is refused by the issuer when the code has run out', async () => {
    const world = await openWorld();
    const session = world.session();
    world.emulator.faults.add('IssuerToken', { kind: 'hold' });
    const login = session.login(loginRequest('browser'));
    await world.emulator.journal.waitFor(({ operation }) => operation === 'IssuerToken');
    world.issuer.people.expireCodes();
    world.emulator.faults.clear();
    expect(await world.drive(login)).toMatchObject({
      type: 'failed',
      verdict: { type: 'rejected', why: 'invalid_grant' },
    });
  });
});

describe('what the issuer publishes', () => {
  it.each([
    ['nothing', { discovery: 'none' } as const, /publishes no discovery document; check "issuer"/],
    ['the name of another', { metadata: { issuer: 'https://other.example' } }, /belongs to another issuer/],
    ['an endpoint without https', { metadata: { token_endpoint: 'http://login.example/token' } }, /without https/],
    ['a sign-in page that is none', { metadata: { authorization_endpoint: 'javascript:alert(1)' } }, /without https/],
    ['no sign-in page', { metadata: { authorization_endpoint: undefined } }, /set "flow" to "device"/],
    ['no token endpoint', { metadata: { token_endpoint: undefined } }, /no endpoint for this/],
  ])('ends the sign-in with a sentence where it is %s', async (_what, knobs, detail) => {
    const world = await openWorld(knobs);
    const outcome = await world.drive(world.session().login(loginRequest('browser')));
    expect(outcome).toMatchObject({
      type: 'failed',
      verdict: { type: 'denied', detail: expect.stringMatching(detail) },
    });
  });

  it('must be reached over https, except on this machine', async () => {
    const world = await openWorld();
    const outcome = await world.drive(world.session({ issuer: 'http://login.example' }).login(loginRequest('browser')));
    expect(outcome).toMatchObject({
      type: 'failed',
      verdict: { type: 'denied', detail: expect.stringMatching(/https/) },
    });
    expect(world.paths()).toEqual([]);
  });

  it('is a matter of the network while that is away', async () => {
    const world = await openWorld();
    world.emulator.faults.add('IssuerDiscovery', { kind: 'badGateway' });
    const outcome = await world.drive(world.session().login(loginRequest('browser')));
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'transient', why: '5xx' } });
  });

  it('is read once an hour', async () => {
    const world = await openWorld();
    const session = world.session();
    const reads = () => world.paths().filter((path) => path.startsWith('/.well-known')).length;
    await world.signedIn(session);
    await world.signedIn(session);
    expect(reads()).toBe(1);
    world.clock.advance(hours(1));
    await world.signedIn(session);
    expect(reads()).toBe(1);
  });
});

describe('the device login', () => {
  /** The person answers once the code is shown. */
  const deviceRequest = (answer: (userCode: string) => void) =>
    loginRequest('device', (prompt) => {
      if (prompt.kind === 'device') answer(prompt.userCode);
    });

  const manual = async (...[knobs]: Parameters<typeof openWorld>) => {
    const world = await openWorld(knobs);
    world.browse = () => false;
    return world;
  };

  const pollTimes = (world: Awaited<ReturnType<typeof manual>>, from: number): readonly number[] =>
    world.emulator.journal.calls('IssuerToken').map(({ at }) => Math.round((at - from) / 1000));

  it('shows the code and the page, and gets the tokens once the person allows', async () => {
    const world = await manual();
    const request = deviceRequest((code) => world.issuer.people.approve(code));
    const outcome = await world.drive(world.session().login(request));
    expect(outcome).toMatchObject({ type: 'ok', lifetimeMs: hours(1) });
    expect(request.prompts).toMatchObject([
      {
        kind: 'device',
        verificationUri: `${world.issuer.url}/device`,
        verificationUriComplete: expect.stringContaining('?user_code='),
        opened: false,
      },
    ]);
    expect(formsOf(world, 'IssuerDeviceAuthorization')).toEqual([{ client_id: 'cli', scope: 'openid offline_access' }]);
  });

  it('is chosen by the settings, too, and opens the page with the code filled in', async () => {
    const world = await openWorld();
    const opened: string[] = [];
    const { browse } = world;
    world.browse = (url) => {
      opened.push(url);
      return browse(url);
    };
    expect(await world.drive(world.session({ flow: 'device' }).login(loginRequest('browser')))).toMatchObject({
      type: 'ok',
    });
    expect(opened).toEqual([expect.stringMatching(/\/device\?user_code=[A-Z]{4}-[A-Z]{4}$/)]);
  });

  it('asks at the interval, slower after slow_down and for good', async () => {
    const world = await manual();
    world.emulator.faults.add(
      'IssuerToken',
      { kind: 'status', status: 400, body: { error: 'authorization_pending' } },
      { times: 1 },
    );
    world.emulator.faults.add(
      'IssuerToken',
      { kind: 'status', status: 400, body: { error: 'slow_down' } },
      { times: 1 },
    );
    world.emulator.faults.add(
      'IssuerToken',
      { kind: 'status', status: 400, body: { error: 'authorization_pending' } },
      { times: 1 },
    );
    const from = world.clock.now();
    await world.signedIn(
      world.session(),
      deviceRequest((code) => world.issuer.people.approve(code)),
    );
    expect(pollTimes(world, from)).toEqual([5, 10, 20, 30]);
  });

  it('asks every five seconds where the issuer names no interval, and never faster than it does', async () => {
    for (const [knobs, first] of [
      [{ isIntervalStated: false }, 5],
      [{ deviceIntervalMs: seconds(7) }, 7],
    ] as const) {
      const world = await manual(knobs);
      const from = world.clock.now();
      await world.signedIn(
        world.session(),
        deviceRequest((code) => world.issuer.people.approve(code)),
      );
      expect(pollTimes(world, from)).toEqual([first]);
    }
  });

  it('goes on through a network that is away, less and less often', async () => {
    const world = await manual();
    for (const kind of ['badGateway', 'resetBefore', 'captivePortal'] as const) {
      world.emulator.faults.add('IssuerToken', { kind }, { times: 1 });
    }
    const from = world.clock.now();
    await world.signedIn(
      world.session(),
      deviceRequest((code) => world.issuer.people.approve(code)),
    );
    expect(pollTimes(world, from)).toEqual([5, 15, 35, 65]);
  });

  it.each([
    ['says no', 'deny', { type: 'declined' }],
    ['lets the code expire', 'expireDevice', { type: 'unanswered', detail: 'the code expired' }],
  ] as const)('ends when the person %s', async (_what, action, outcome) => {
    const world = await manual();
    const request = deviceRequest((code) => world.issuer.people[action](code));
    expect(await world.drive(world.session().login(request))).toMatchObject(outcome);
  });

  it('ends when nobody comes', async () => {
    const world = await manual();
    const from = world.clock.now();
    const outcome = await world.drive(world.session().login(loginRequest('device')));
    expect(outcome).toMatchObject({ type: 'unanswered' });
    expect(world.clock.now() - from).toBe(minutes(10));
  });

  it('ends when told to', async () => {
    const world = await manual();
    const request = loginRequest('device', () => request.abort());
    expect(await world.drive(world.session().login(request))).toMatchObject({ verdict: { why: 'aborted' } });
  });

  it('says so where the issuer has no device codes', async () => {
    const world = await manual({ metadata: { device_authorization_endpoint: undefined } });
    const outcome = await world.drive(world.session().login(loginRequest('device')));
    expect(outcome).toMatchObject({ verdict: { type: 'denied', detail: expect.stringMatching(/no device codes/) } });
  });

  it.each([
    ['sends nobody to a page without https', { verification_uri: 'http://login.example/' }],
    ['sends nobody to a page of another kind', { verification_uri_complete: 'file:///etc/passwd' }],
    ['shows no code that would write on the terminal by itself', { user_code: 'A\u001b[2J' }],
  ])('%s', async (_what, change) => {
    const world = await manual();
    const body = { device_code: 'd', user_code: 'u', verification_uri: 'https://login.example/', expires_in: 600 };
    const fault = { kind: 'status', status: 200, body: { ...body, ...change } } as const;
    world.emulator.faults.add('IssuerDeviceAuthorization', fault);
    const request = loginRequest('device');
    expect(await world.drive(world.session().login(request))).toMatchObject({ verdict: { type: 'denied' } });
    expect(request.prompts).toEqual([]);
  });
});

describe('the pasted token', () => {
  const paste = (token: string) => ({ ...loginRequest('browser'), token });

  it('lives as long as it says itself, is marked as pasted, and is sent nowhere', async () => {
    const world = await openWorld();
    const { accessToken } = await world.signedIn(world.session());
    world.clock.advance(minutes(10));
    world.paths();
    world.emulator.journal.clear();
    const anchors = world.anchors.length;
    const outcome = await world.drive(world.session({ flow: 'token' }).login(paste(`  ${accessToken}\n`)));
    expect(outcome).toMatchObject({ type: 'ok', lifetimeMs: minutes(50) });
    expect(recordOf(outcome)).toEqual({
      accessToken,
      expiresAt: world.clock.now() + minutes(50),
      refreshToken: null,
      client: null,
      region: null,
      tokenType: 'WorkloadToken',
      idToken: null,
    });
    expect(JSON.stringify(world.emulator.journal.entries)).not.toContain(accessToken);
    // The issuer has told the time, by which the end is judged.
    expect(world.anchors).toHaveLength(anchors + 1);
  });

  it('is good until it is refused where it does not say, and needs no issuer', async () => {
    const world = await openWorld();
    world.emulator.faults.add('*', { kind: 'resetBefore' });
    const outcome = await world.drive(world.session().login(paste('opaque-token')));
    expect(recordOf(outcome)).toMatchObject({ accessToken: 'opaque-token', refreshToken: null, tokenType: 'TOKEN' });
    expect(recordOf(outcome).expiresAt).toBe(Date.UTC(9999, 0, 1));
  });

  it.each([
    ['', /empty or holds spaces/],
    ['two words', /empty or holds spaces/],
    ['a.line\r\nX: injected', /empty or holds spaces/],
  ])('is refused when it is %j', async (token, detail) => {
    const world = await openWorld();
    const outcome = await world.drive(world.session().login(paste(token)));
    expect(outcome).toMatchObject({ verdict: { type: 'denied', detail: expect.stringMatching(detail) } });
  });

  it('is refused when its time has passed', async () => {
    const world = await openWorld();
    const { accessToken } = await world.signedIn(world.session());
    world.clock.advance(hours(1));
    const outcome = await world.drive(world.session().login(paste(accessToken)));
    expect(outcome).toMatchObject({ verdict: { type: 'denied', detail: 'the token has expired already' } });
  });

  it('is what a session of that kind asks for', async () => {
    const world = await openWorld();
    const outcome = await world.drive(world.session({ flow: 'token' }).login(loginRequest('browser')));
    expect(outcome).toMatchObject({
      verdict: { type: 'denied', detail: 'it takes a token that you bring. Run: credbroker login ngc --token' },
    });
    expect(world.paths()).toEqual([]);
  });
});
