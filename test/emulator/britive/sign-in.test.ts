import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { claimsOf } from '../../../src/emulator/britive/jwt.ts';
import { inBrowser, launchBrowser, noBrowser } from '../../support/chromium.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { challengeOf, emulatedTenant, newChallenge, verdict } from '../../support/tenant-client.ts';

const opened = async () => {
  const parts = await emulatedTenant();
  const { verifier, challenge } = newChallenge();
  const url = `${parts.tenant.url}/login?token=${challenge}`;
  return { ...parts, verifier, challenge, url, poll: () => parts.stranger.retrieve(verifier) };
};

/** A verifier whose own text is harmless and whose challenge is not. */
function hyphenated(): string {
  for (;;) {
    const { verifier } = newChallenge();
    for (let suffix = 0; suffix < 10_000; suffix++) {
      if (challengeOf(verifier + suffix).includes('--')) return verifier + suffix;
    }
  }
}

describe('a command line sign-in', () => {
  it('hands out a JWT once, after the page was answered', async () => {
    const { url, poll, tenant, challenge, clock } = await opened();
    expect(verdict(await poll())).toBe('401 AU-0020');
    expect((await fetch(url)).status).toBe(200);
    expect(tenant.people.waitingLogins()).toEqual([challenge]);
    expect(verdict(await poll())).toBe('401 AU-0020');
    tenant.people.allowLogin(challenge);
    const { status, body } = await poll();
    expect(status).toBe(200);
    expect(body.authenticationResult).toMatchObject({
      username: 'dev@example.com',
      type: 'CLI',
      success: true,
      authTime: clock.now(),
      maxSessionTimeout: hours(8),
      refreshToken: expect.any(String),
    });
    const { accessToken, userId } = body.authenticationResult;
    expect(accessToken.length).toBeGreaterThanOrEqual(50);
    expect(claimsOf(accessToken)).toEqual({
      iat: clock.now() / 1000,
      exp: (clock.now() + hours(8)) / 1000,
      jti: expect.any(String),
      username: 'dev@example.com',
      sub: userId,
    });
    expect(verdict(await poll())).toBe('401 AU-0019');
  });

  it('gives nothing to who shows the challenge instead of the secret', async () => {
    const { url, tenant, challenge, stranger } = await opened();
    await fetch(url);
    tenant.people.allowLogin(challenge);
    expect(verdict(await stranger.retrieve(challenge))).toBe('401 AU-0020');
  });

  it.each([
    [400, '400 AU-0020'],
    [404, '404 AU-0020'],
    [200, '200'],
  ] as const)('can say with %i that nobody has signed in yet', async (pendingStatus, said) => {
    const { stranger } = await emulatedTenant({ pendingStatus });
    const reply = await stranger.retrieve(newChallenge().verifier);
    expect(verdict(reply)).toBe(said);
    expect(reply.text).not.toContain('accessToken');
  });

  it('is blocked where one of the two texts has two hyphens in a row', async () => {
    const { tenant, stranger } = await emulatedTenant();
    const page = await fetch(`${tenant.url}/login?token=${challengeOf(hyphenated())}`);
    expect([page.status, await page.text()]).toEqual([400, expect.stringContaining('Request blocked')]);
    const polled = await stranger.retrieve(`a--${'b'.repeat(40)}`);
    expect([polled.status, polled.headers.get('content-type')]).toEqual([403, 'text/html']);
  });

  it.each(['', 'short', `${'a'.repeat(85)}!`])('takes no other token than a SHA-512 (%j)', async (token) => {
    const { tenant } = await emulatedTenant();
    expect((await fetch(`${tenant.url}/login?token=${token}`)).status).toBe(400);
    expect(tenant.people.waitingLogins()).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['no JSON', 'x'],
    ['no object', []],
    ['no secret', { authParameters: {} }],
  ])('refuses a poll with %s', async (_what, body) => {
    const { stranger } = await emulatedTenant();
    expect(verdict(await stranger.ask('POST', '/api/auth/cli/retrieve-tokens', body))).toBe('400 E1000');
  });

  it('can be denied, and can wait too long', async () => {
    const { url, poll, tenant, challenge } = await opened();
    await fetch(url);
    tenant.people.denyLogin(challenge);
    expect(verdict(await poll())).toBe('401 AU-0019');
    expect((await fetch(url)).status).toBe(404);

    const late = await opened();
    await fetch(late.url);
    late.tenant.people.allowLogin(late.challenge);
    late.clock.advance(minutes(10));
    expect(verdict(await late.poll())).toBe('401 AU-0019');
  });

  it('goes through an identity provider by its exact name', async () => {
    const { tenant, stranger } = await emulatedTenant();
    const refused = await fetch(`${tenant.url}/sso?idp=Corporate-saml&token=${newChallenge().challenge}`);
    expect(refused.status).toBe(400);
    const client = await stranger.logIn('/sso?idp=Corporate-SAML&token=');
    const { body } = await client.ask('POST', '/api/auth/validate');
    expect(body.authenticationResult.username).toBe('SAML_dev@example.com');
  });

  it('needs nobody where the emulator approves by itself', async () => {
    const { url, poll, emulator } = await opened();
    emulator.knobs.autoApprove = true;
    expect(await (await fetch(url)).text()).toContain('CLI is ready');
    expect((await poll()).status).toBe(200);
  });
});

describe('a session', () => {
  it('ends on time', async () => {
    const { client, clock } = await emulatedTenant();
    clock.advance(hours(8) - 1);
    expect((await client.get('/api/banner')).status).toBe(200);
    clock.advance(1);
    expect(await client.get('/api/banner')).toMatchObject({ status: 401, body: { message: 'Unauthorized' } });
  });

  it('may not say in its JWT when it ends', async () => {
    const { stranger } = await emulatedTenant({ isExpiryClaimed: false });
    const { headers } = await stranger.logIn();
    expect(claimsOf(headers['authorization']?.slice('Bearer '.length) ?? '')).not.toHaveProperty('exp');
  });

  it.each([
    ['plain', '401', 'application/json'],
    ['E0000', '401 E0000', 'application/json'],
    ['AU-0007', '401 AU-0007', 'application/json'],
    ['html', '401', 'text/html'],
  ] as const)('is refused when somebody ended it (%s)', async (kind, said, contentType) => {
    const { client, tenant } = await emulatedTenant({ unauthorized: kind });
    tenant.people.endSessions();
    const reply = await client.get('/api/banner');
    expect([verdict(reply), reply.headers.get('content-type')]).toEqual([said, contentType]);
  });

  it('can be refused for a moment after it began', async () => {
    const { stranger, clock } = await emulatedTenant({ loginLagMs: 1000 });
    const client = await stranger.logIn();
    expect((await client.get('/api/banner')).status).toBe(401);
    clock.advance(seconds(1));
    expect((await client.get('/api/banner')).status).toBe(200);
  });

  it('ends with a logout, which must say whether it came through SAML', async () => {
    const { client, stranger } = await emulatedTenant();
    expect(verdict(await client.ask('DELETE', '/api/auth?type=sso'))).toBe('400 E1000');
    expect((await client.ask('DELETE', '/api/auth')).status).toBe(204);
    expect((await client.ask('DELETE', '/api/auth')).status).toBe(401);
    const saml = await stranger.logIn('/sso?idp=Corporate-SAML&token=');
    expect(verdict(await saml.ask('DELETE', '/api/auth'))).toBe('400 E1000');
    expect((await saml.ask('DELETE', '/api/auth?type=sso')).status).toBe(204);
  });
});

describe.skipIf(noBrowser)(inBrowser, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(() => browser.close());

  const visit = async (url: string) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(url);
    return page;
  };

  it('lets a person allow the sign-in by keyboard', async () => {
    const { url, poll } = await opened();
    const page = await visit(url);
    expect(await page.getByText('You are signed in as dev@example.com').count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'CLI is ready' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/cli');
    expect((await poll()).status).toBe(200);
  });

  it('lets a person deny it', async () => {
    const { url, poll } = await opened();
    const page = await visit(url);
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Request denied').waitFor();
    expect(verdict(await poll())).toBe('401 AU-0019');
  });
});
