import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/core/errors.ts';
import { openControlPlane, openDataPlane } from '../support/planes.ts';

const document = '{"access_token":"canary-access-token","token_type":"Bearer","expires_at":"2026-11-21T10:00:00Z"}';

describe('GET /token/{session}', () => {
  it('answers the access token and when it ends', async () => {
    const plane = await openDataPlane();
    const answer = await plane.get('/token/ngc');
    expect([answer.status, answer.body]).toEqual([200, document]);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(plane.broker.tokensAsked).toEqual([
      { session: 'ngc', minLifeMs: 300_000, holdMs: 55_000, signal: expect.any(AbortSignal) },
    ]);
  });

  it('says null for one that lasts until upstream ends it', async () => {
    const plane = await openDataPlane();
    plane.broker.accessToken = () => ({ accessToken: 'a', expiresAt: null });
    expect(JSON.parse((await plane.get('/token/ngc')).body).expires_at).toBeNull();
  });

  it.each([
    ['0', 0],
    ['1800', 1_800_000],
  ])('takes how long it shall be good for at least from a header (%s s)', async (seconds, minLifeMs) => {
    const plane = await openDataPlane();
    expect((await plane.get('/token/ngc', ['X-Credbroker-Min-Life', seconds])).status).toBe(200);
    expect(plane.broker.tokensAsked[0]?.minLifeMs).toBe(minLifeMs);
  });

  it.each(['', '5m', '-1', '1.5', '1e3', '1234567', '5, 5'])('refuses %j there', async (seconds) => {
    const plane = await openDataPlane();
    const answer = await plane.get('/token/ngc', ['X-Credbroker-Min-Life', seconds]);
    expect([answer.status, JSON.parse(answer.body).message]).toEqual([
      400,
      '"x-credbroker-min-life" takes whole seconds, such as 300',
    ]);
    expect(plane.broker.tokensAsked).toEqual([]);
  });

  it.each([
    ['nobody', null, 'Unauthorized'],
    ['a grant for some profiles', ['dev'], 'Forbidden'],
    ['a grant for a profile of that name', ['ngc'], 'Forbidden'],
  ])('refuses %s, and does not say whether there is such a session', async (_who, profiles, code) => {
    const plane = await openDataPlane();
    const token =
      profiles === null ? '' : plane.grants.issue({ label: 'x', kind: 'session', profiles, lifetimeMs: null }).token;
    const answer = await plane.send('GET /token/ngc HTTP/1.1', [plane.host, ['Authorization', token]]);
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, code]);
    expect(plane.broker.tokensAsked).toEqual([]);
  });

  it('passes on what the person has to do, in one sentence', async () => {
    const plane = await openDataPlane();
    plane.broker.accessToken = () => {
      throw new BrokerError('LoginRequired', 'Session "ngc" has expired. Run: credbroker login ngc');
    };
    const answer = await plane.get('/token/ngc');
    expect([answer.status, JSON.parse(answer.body).message]).toEqual([
      403,
      'Session "ngc" has expired. Run: credbroker login ngc',
    ]);
  });

  it('leaves a line that names the session, and never the token', async () => {
    const plane = await openDataPlane();
    await plane.get('/token/ngc');
    const lines = JSON.stringify(plane.log.lines);
    expect(lines).toContain('token/ngc');
    expect(lines).not.toContain('canary-access-token');
  });
});

describe('POST /v1/sessions/{name}/token', () => {
  it('answers the same', async () => {
    const plane = await openControlPlane();
    const answer = await plane.send('POST', '/v1/sessions/ngc/token', { minLifeMs: 60_000 });
    expect([answer.status, answer.body]).toEqual([200, document]);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(plane.broker.tokensAsked[0]).toMatchObject({ session: 'ngc', minLifeMs: 60_000 });
  });

  it.each([{}, { minLifeMs: -1 }, { minLifeMs: '5' }, { minLifeMs: 1, more: 1 }])('refuses %j', async (body) => {
    const plane = await openControlPlane();
    expect((await plane.send('POST', '/v1/sessions/ngc/token', body)).status).toBe(400);
  });
});
