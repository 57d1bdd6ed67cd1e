import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loginUrl, newChallenge } from '../../../src/providers/britive/challenge.ts';
import type { LoginOutcome, LoginRequest } from '../../../src/providers/britive/types.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { loginRequest } from '../../support/sso-world.ts';
import { BritiveWorld, origin, record, session } from './world.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object): string => [part({ alg: 'HS256', typ: 'JWT' }), part(claims), 'c2lnbmF0dXJl'].join('.');

const retrieve = '/api/auth/cli/retrieve-tokens';
const validate = '/api/auth/validate';

const issuedAt = Date.parse('2026-11-21T09:00:00Z') / 1000;
const token = jwt({ exp: issuedAt + 8 * 3600, jti: 'one', username: 'rhea.okafor@example.test' });
const granted = (accessToken = token, extra: object = {}) => ({
  authenticationResult: { accessToken, refreshToken: 'never kept', type: 'CLI', ...extra },
});

const pending = (world: BritiveWorld, times: number) => {
  const body = { message: 'no', errorCode: 'AU-0020' };
  for (let n = 0; n < times; n++) world.on('POST', retrieve, { status: 401, body });
  return world;
};

const request = (overrides: Partial<LoginRequest> = {}, onPrompt: () => void = () => {}) => ({
  ...loginRequest('browser', onPrompt),
  token: null,
  ...overrides,
});

const login = (world: BritiveWorld, asked: LoginRequest = request(), overrides = {}): Promise<LoginOutcome> =>
  world.drive(world.britive.openSession(session(overrides)).login(asked));

describe('the sign-in with a browser', () => {
  it('case 1: polls until somebody has signed in, and keeps the token with its end', async () => {
    const world = pending(new BritiveWorld(), 3).on('POST', retrieve, { body: granted() }).on('POST', validate);
    const asked = request();
    const pages: string[] = [];
    world.browse = (url) => pages.push(url) > 0;
    const outcome = await login(world, asked);
    expect(outcome).toEqual({
      type: 'ok',
      lifetimeMs: hours(8) - seconds(8),
      record: {
        accessToken: token,
        tokenType: 'Bearer',
        idToken: null,
        expiresAt: (issuedAt + 8 * 3600) * 1000,
        refreshToken: null,
        client: null,
        region: null,
      },
    });
    const polls = world.sentTo(retrieve);
    expect(polls.map(({ at }) => (at - issuedAt * 1000) / 1000)).toEqual([2, 4, 6, 8]);
    expect(polls[0]?.headers).not.toHaveProperty('authorization');
    const { authParameters } = polls[0]?.body ?? {};
    const verifier = String((authParameters as { cliToken?: unknown }).cliToken);
    const hash = createHash('sha512').update(verifier, 'ascii').digest('base64url');
    expect(pages).toEqual([`${origin}/login?token=${hash}`]);
    expect(asked.prompts).toEqual([{ kind: 'browser', url: pages[0], opened: true }]);
    expect(JSON.stringify([asked.prompts, outcome])).not.toContain(verifier);
    expect(new Set(polls.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  it.each([
    ['a 400', { status: 400, body: { message: 'no' } }],
    ['a 404', { status: 404, body: { message: 'no' } }],
    ['a success without a token', { body: { authenticationResult: { success: false } } }],
    ['no content', { status: 200, body: null }],
    ['a failure of the service', { status: 503 }],
    ['a page', { status: 200, body: '<html>' }],
  ])('goes on after %s', async (_what, answer) => {
    const world = new BritiveWorld().on('POST', retrieve, answer).on('POST', retrieve, { body: granted() });
    world.on('POST', validate);
    expect(await login(world)).toMatchObject({ type: 'ok' });
  });

  it.each(['AU-0004', 'AU-0014', 'AU-0021'])('ends at once with %s, which no wait changes', async (errorCode) => {
    const world = new BritiveWorld().on('POST', retrieve, { status: 401, body: { errorCode } });
    expect(await login(world)).toMatchObject({ type: 'failed', verdict: { type: 'denied', why: 'forbidden' } });
  });

  it('ends at once during maintenance', async () => {
    const body = { errorCode: 'MAINT0001', message: 'Back at 10' };
    const world = new BritiveWorld().on('POST', retrieve, { status: 503, body });
    expect(await login(world)).toMatchObject({
      type: 'failed',
      verdict: { type: 'transient', why: 'maintenance', detail: 'Back at 10' },
    });
  });

  it('case 3: gives up after five minutes', async () => {
    const world = new BritiveWorld();
    world.agent.get(origin).intercept({ method: 'POST', path: retrieve }).reply(401, {}).persist();
    const begun = world.clock.now();
    expect(await login(world)).toMatchObject({ type: 'unanswered' });
    expect(world.clock.now() - begun).toBe(minutes(5));
  });

  it('case 3: stops when told to', async () => {
    const world = pending(new BritiveWorld(), 1);
    const asked = loginRequest('browser');
    world.clock.after(seconds(3), () => asked.abort());
    const outcome = await login(world, { ...asked, token: null });
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'transient', why: 'aborted' } });
  });

  it.each([
    ['has no browser', true, () => false],
    ['has a browser that fails', true, () => expect.unreachable()],
    ['may open none', false, () => true],
  ])('case 3: shows the address where the machine %s', async (_what, openBrowser, browse) => {
    const world = new BritiveWorld().on('POST', retrieve, { body: granted() }).on('POST', validate);
    world.browse = browse;
    const asked = request({ openBrowser });
    expect(await login(world, asked)).toMatchObject({ type: 'ok' });
    expect(asked.prompts).toMatchObject([{ opened: false, url: expect.stringContaining('/login?token=') }]);
  });

  it('goes straight to the identity provider that is configured', async () => {
    const world = new BritiveWorld().on('POST', retrieve, { body: granted() }).on('POST', validate);
    const asked = request();
    await login(world, asked, { idp: 'Corp saml/1' });
    expect(asked.prompts).toMatchObject([
      { url: expect.stringMatching(/\/sso\?idp=Corp%20SAML%2F1&token=[\w-]{86}$/) },
    ]);
  });

  it('ends a session that does not say when after what the answer states, or an hour', async () => {
    const silent = jwt({ username: 'x', jti: 'something long enough to be one' });
    const stated = { authTime: issuedAt * 1000, maxSessionTimeout: minutes(30) };
    for (const [extra, expiresAt] of [
      [stated, issuedAt * 1000 + minutes(30)],
      [{}, issuedAt * 1000 + seconds(2) + hours(1)],
    ] as const) {
      const world = new BritiveWorld().on('POST', retrieve, { body: granted(silent, extra) }).on('POST', validate);
      expect(await login(world)).toMatchObject({ type: 'ok', record: { expiresAt } });
    }
  });

  it('case 8: is not undone by a refusal in the first second', async () => {
    const world = new BritiveWorld().on('POST', retrieve, { body: granted() });
    world.on('POST', validate, { status: 401 }).on('POST', validate);
    expect(await login(world)).toMatchObject({ type: 'ok' });
    const [first, second] = world.sentTo(validate).map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBe(seconds(1));
  });

  it('case 8: spares its calls for 15 s, and no longer', async () => {
    const world = new BritiveWorld().on('POST', retrieve, { body: granted() }).on('POST', validate);
    await login(world);
    world.clock.advance(seconds(14));
    const refused = { status: 401, body: { message: 'Unauthorized' } };
    world.on('GET', '/api/access/app-access-status', refused).lists([world.row()]).tokens();
    expect((await world.acquire()).type).toBe('ok');
    world.clock.advance(seconds(15));
    world.on('GET', '/api/access/app-access-status', refused);
    expect((await world.acquire()).type).toBe('unauthorized');
  });

  it('fails where the tenant refuses its own fresh session', async () => {
    const world = new BritiveWorld().on('POST', retrieve, { body: granted() });
    world.on('POST', validate, { status: 401 }).on('POST', validate, { status: 401 });
    expect(await login(world)).toMatchObject({ type: 'failed', verdict: { type: 'denied' } });
  });

  it('succeeds where it cannot be looked at', async () => {
    const world = new BritiveWorld().on('POST', retrieve, { body: granted() }).on('POST', validate, { status: 503 });
    expect(await login(world)).toMatchObject({ type: 'ok' });
  });
});

describe('case 2: the challenge', () => {
  /** Bytes whose base64url text begins as given. */
  const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.padEnd(43, 'A'), 'base64url'));

  it('never holds two dashes in what is polled with', async () => {
    const draws = [bytesOf('a--b'), bytesOf('fine')];
    const challenge = await newChallenge(() => draws.shift() ?? expect.unreachable());
    expect(challenge.verifier).toMatch(/^fine/);
  });

  it('never holds two dashes in what is opened', async () => {
    const hashOf = (verifier: string) => createHash('sha512').update(verifier).digest('base64url');
    let n = 0;
    const text = () => `v${n.toString(36)}`.padEnd(43, 'A');
    while (!hashOf(text()).includes('--')) n++;
    const draws = [bytesOf(text()), bytesOf('fine')];
    const challenge = await newChallenge(() => draws.shift() ?? expect.unreachable());
    expect(challenge.verifier).toMatch(/^fine/);
    expect(challenge.hash).toBe(hashOf(challenge.verifier));
  });

  it('is another one each time', async () => {
    const drawn = await Promise.all(Array.from({ length: 20 }, () => newChallenge()));
    expect(new Set(drawn.map(({ verifier }) => verifier)).size).toBe(20);
    for (const { verifier, hash } of drawn) expect([verifier.length, hash.length]).toEqual([43, 86]);
  });

  it('stands behind the base URL, wherever that is', () => {
    expect(loginUrl('https://britive.example/deep', null, { verifier: 'v', hash: 'h' })).toBe(
      'https://britive.example/deep/login?token=h',
    );
  });
});

describe('the sign-in with a token', () => {
  const apiToken = 'abcdefghijklmnopqrstuvwxyz0123456789ABCD';
  const withToken = (world: BritiveWorld, text: string) => {
    world.browse = () => expect.unreachable();
    return login(world, request({ token: text }));
  };

  it('looks whether it is good and keeps it without an end', async () => {
    const world = new BritiveWorld().on('POST', validate);
    const outcome = await withToken(world, ` ${apiToken}\n`);
    expect(outcome).toMatchObject({ type: 'ok', record: { accessToken: apiToken, tokenType: 'TOKEN' } });
    expect(outcome.type === 'ok' && outcome.lifetimeMs).toBeGreaterThan(hours(24 * 365 * 100));
    expect(world.sent[0]?.headers).toMatchObject({ authorization: `TOKEN ${apiToken}` });
  });

  it('takes one that is good for nobody: 400 E1000', async () => {
    const world = new BritiveWorld().on('POST', validate, { status: 400, body: { errorCode: 'E1000' } });
    expect(await withToken(world, apiToken)).toMatchObject({ type: 'ok' });
  });

  it.each([
    ['AU-0015', 'unknown'],
    ['AU-0016', 'revoked'],
    ['AU-0017', 'expired'],
    ['AU-0018', 'not valid'],
  ])('case 6: says what %s means, and opens no browser', async (errorCode, word) => {
    const world = new BritiveWorld().on('POST', validate, { status: 401, body: { errorCode } });
    const outcome = await withToken(world, apiToken);
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'denied' } });
    expect(JSON.stringify(outcome)).toContain(errorCode);
    expect(JSON.stringify(outcome)).toContain(word);
  });

  it.each(['', '  ', 'two words', 'line\nbreak', 'naïve'])('sends nothing for %j', async (text) => {
    const world = new BritiveWorld();
    expect(await withToken(world, text)).toMatchObject({ type: 'failed', verdict: { why: 'bad-request' } });
    expect(world.sent).toEqual([]);
  });

  it.each([
    [token, 'Bearer'],
    [`OIDC::${token}`, 'WorkloadToken'],
    ['AWS::e30', 'WorkloadToken'],
    [apiToken, 'TOKEN'],
    ['a.b.c', 'TOKEN'],
  ])('knows what was pasted by its shape: %s is a %s', async (text, tokenType) => {
    const world = new BritiveWorld().on('POST', validate);
    expect(await withToken(world, text)).toMatchObject({ type: 'ok', record: { tokenType } });
  });

  it('refuses a session that is over', async () => {
    const world = new BritiveWorld().on('POST', validate);
    const over = jwt({ exp: issuedAt, username: 'rhea.okafor@example.test' });
    expect(await withToken(world, over)).toMatchObject({ type: 'failed', verdict: { why: 'bad-request' } });
  });

  it('case 6: once revoked is refused by its code', async () => {
    const world = new BritiveWorld();
    world.on('GET', '/api/access/app-access-status', { status: 401, body: { errorCode: 'AU-0016' } });
    const verdict = await world.acquire({ record: record(world.clock, { tokenType: 'TOKEN' }) });
    expect(verdict).toMatchObject({ type: 'unauthorized', detail: 'the API token was revoked (AU-0016)' });
  });
});
