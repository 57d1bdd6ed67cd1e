import { describe, expect, it } from 'vitest';
import type { ProfileView, SessionStateName, SessionView } from '../../src/core/views.ts';
import { openDataPlane } from '../support/planes.ts';

const session = (name: string, state: SessionStateName): SessionView => ({
  ...{ name, state, provider: 'aws-sso', startUrl: 'https://example.awsapps.com/start', expiresAt: null },
  ...{ countsCheckouts: false, refreshable: true, nextRefreshAt: null, next: '', lastError: null },
  upstream: { state: 'closed' as const, failures: 0, retryInMs: 0 },
  window: { heldBack: null, until: null, lookedAt: null },
});

const profile = (name: string, session: string): ProfileView => ({
  ...{
    name,
    session,
    accountId: '123456789012',
    roleName: 'Admin',
    region: null,
    path: null,
    kind: 'aws' as const,
    state: 'fresh' as const,
  },
  ...{ asked: true, implied: false, expiresAt: null, renewsAt: null, transaction: null },
  ...{ lastError: null, lastErrorCode: null },
});

describe('/healthz', () => {
  it('says that the daemon lives, to anybody on this machine', async () => {
    const plane = await openDataPlane();
    const answer = await plane.send('GET /healthz HTTP/1.1', [plane.host]);
    expect(answer).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  });

  it('passes the same gate as everything else', async () => {
    const plane = await openDataPlane();
    expect((await plane.send('GET /healthz HTTP/1.1', [['Host', 'evil.example']])).status).toBe(403);
    expect((await plane.send('GET /healthz HTTP/1.1', [plane.host, ['Origin', 'http://localhost']])).status).toBe(403);
  });
});

describe('/readyz', () => {
  it.each<[string, readonly SessionStateName[], number]>([
    ['nothing needs a sign-in', [], 200],
    ['one of two sessions is signed in', ['active', 'login-required'], 200],
    ['the upstream cannot be reached', ['offline'], 200],
    ['every session waits for a person', ['login-required', 'signed-out', 'login-pending'], 503],
  ])('judges a broker where %s', async (_when, states, status) => {
    const plane = await openDataPlane();
    plane.broker.sessionViews = states.map((state, index) => session(`s${index}`, state));
    expect((await plane.send('GET /readyz HTTP/1.1', [plane.host])).status).toBe(status);
  });

  it('names nothing without a grant', async () => {
    const plane = await openDataPlane();
    plane.broker.sessionViews = [session('work', 'active')];
    plane.broker.profileViews = [profile('dev', 'work')];
    expect((await plane.send('GET /readyz HTTP/1.1', [plane.host])).body).toBe('{"status":"ready"}');
    plane.broker.sessionViews = [session('work', 'signed-out')];
    const message = 'No session is signed in. Run: credbroker login';
    expect((await plane.send('GET /readyz HTTP/1.1', [plane.host])).body).toBe(
      JSON.stringify({ status: 'not-ready', code: 'LoginRequired', message, Code: 'LoginRequired', Message: message }),
    );
  });

  it('tells a grant the states within its scope', async () => {
    const plane = await openDataPlane();
    plane.broker.sessionViews = [session('work', 'active'), session('home', 'login-required')];
    plane.broker.profileViews = [profile('dev', 'work'), profile('private', 'home')];
    const { token } = plane.grants.issue({ label: 'one', kind: 'session', profiles: ['dev'], lifetimeMs: null });
    const answer = await plane.send('GET /readyz HTTP/1.1', [plane.host, ['Authorization', token]]);
    expect(JSON.parse(answer.body)).toEqual({
      status: 'ready',
      sessions: [{ name: 'work', state: 'active' }],
      profiles: [{ name: 'dev', state: 'fresh' }],
    });
  });

  it('refuses a wrong grant rather than ignoring it', async () => {
    const plane = await openDataPlane();
    const answer = await plane.send('GET /readyz HTTP/1.1', [plane.host, ['Authorization', 'cb_wrong']]);
    expect(answer.status).toBe(403);
  });
});
