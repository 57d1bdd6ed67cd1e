import { describe, expect, it } from 'vitest';
import { assertMatchesModels } from '../support/aws-models.ts';
import { emulated } from '../support/emulated.ts';
import { settled } from '../support/fake-clock.ts';

/** A signed-in client and what it sees, in a word, when it refreshes. */
const refreshing = async () => {
  const parts = await emulated();
  const client = await parts.oidc.register();
  const { refreshToken } = await parts.oidc.logIn(client);
  parts.emulator.journal.clear();
  const refresh = async () => {
    try {
      const { status, body } = await parts.oidc.refresh(client, refreshToken);
      return `${status} ${body['error'] ?? (body['accessToken'] === undefined ? 'other' : 'tokens')}`;
    } catch (thrown) {
      return thrown instanceof SyntaxError ? 'broken JSON' : 'no answer';
    }
  };
  const raw = () => fetch(`${parts.emulator.environment.AWS_ENDPOINT_URL_SSO_OIDC}/token`, { method: 'POST' });
  return { ...parts, refresh, raw };
};

describe('a fault', () => {
  it('answers with a status and a body of its own, so many times, and then all is well', async () => {
    const { emulator, refresh } = await refreshing();
    emulator.faults.add('CreateToken', { kind: 'status', status: 500, body: { error: 'server_error' } }, { times: 2 });
    expect([await refresh(), await refresh(), await refresh()]).toEqual([
      '500 server_error',
      '500 server_error',
      '200 tokens',
    ]);
    expect(emulator.journal.calls('CreateToken').map(({ fault }) => fault)).toEqual(['status', 'status', null]);
    assertMatchesModels(emulator.journal);
  });

  it('carries headers and text where it has them', async () => {
    const { emulator, raw } = await refreshing();
    emulator.faults.add('CreateToken', { kind: 'status', status: 503, body: 'busy', headers: { 'retry-after': '7' } });
    const response = await raw();
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([503, '7', 'busy']);
  });

  it.each([
    ['badGateway', 502, '<html><head><title>502 Bad Gateway'],
    ['captivePortal', 200, '<!doctype html><title>Welcome'],
  ] as const)('can be HTML: %s', async (kind, status, start) => {
    const { emulator, raw } = await refreshing();
    emulator.faults.add('CreateToken', { kind });
    const response = await raw();
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect((await response.text()).startsWith(start)).toBe(true);
  });

  it('can be JSON that stops in the middle, without touching the tokens', async () => {
    const { emulator, refresh } = await refreshing();
    emulator.faults.add('CreateToken', { kind: 'malformedJson' }, { times: 1 });
    expect([await refresh(), await refresh()]).toEqual(['broken JSON', '200 tokens']);
  });

  it('can reset before the operation runs: the refresh token is still good', async () => {
    const { emulator, refresh } = await refreshing();
    emulator.faults.add('CreateToken', { kind: 'resetBefore' }, { times: 1 });
    expect([await refresh(), await refresh()]).toEqual(['no answer', '200 tokens']);
    const [lost] = await emulator.journal.finished('CreateToken');
    expect(lost).toMatchObject({ fault: 'resetBefore', answer: null, done: true });
  });

  it.each(['resetAfter', 'truncated'] as const)('can lose the answer of a call that took effect: %s', async (kind) => {
    const { emulator, refresh } = await refreshing();
    emulator.faults.add('CreateToken', { kind }, { times: 1 });
    expect([await refresh(), await refresh()]).toEqual(['no answer', '400 invalid_grant']);
    const [lost] = emulator.journal.calls('CreateToken');
    expect(lost?.answer?.body).toContain('accessToken');
    assertMatchesModels(emulator.journal);
  });

  it('can hold a call until it is released, before it takes effect', async () => {
    const { emulator, refresh } = await refreshing();
    const held = emulator.faults.add('CreateToken', { kind: 'hold' });
    const first = refresh();
    const entry = await emulator.journal.waitFor(({ operation }) => operation === 'CreateToken');
    expect(entry).toMatchObject({ answer: null, done: false });
    held.release();
    expect(await first).toBe('200 tokens');
    expect(await refresh()).toBe('400 invalid_grant');
  });

  it('can hold the answer of a call that took effect', async () => {
    const { emulator, refresh } = await refreshing();
    const held = emulator.faults.add('CreateToken', { kind: 'holdAnswer' }, { times: 1 });
    const first = refresh();
    await emulator.journal.waitFor(({ answer }) => answer !== null);
    expect(await refresh()).toBe('400 invalid_grant');
    held.release();
    expect(await first).toBe('200 tokens');
  });

  it('delays by a real time', async () => {
    const { emulator, refresh } = await refreshing();
    emulator.faults.add('CreateToken', { kind: 'delay', ms: 1 });
    expect(await refresh()).toBe('200 tokens');
  });

  it('meets only the calls it was meant for', async () => {
    const { emulator, refresh, oidc } = await refreshing();
    const isRefresh = ({ body }: { readonly body: string }) => body.includes('refresh_token');
    emulator.faults.add('CreateToken', { kind: 'badGateway' }, { when: isRefresh });
    const client = await oidc.register();
    expect((await oidc.logIn(client)).accessToken).toMatch(/^aoa/);
    expect(await refresh()).toBe('502 other');
  });

  it('meets every operation under "*", and the earlier of two wins', async () => {
    const { emulator, refresh, oidc } = await refreshing();
    emulator.faults.add('CreateToken', { kind: 'status', status: 500 }, { times: 1 });
    const all = emulator.faults.add('*', { kind: 'badGateway' });
    expect([await refresh(), await refresh()]).toEqual(['500 other', '502 other']);
    expect((await oidc.roleCredentials('')).status).toBe(502);
    all.remove();
    expect(await refresh()).toBe('200 tokens');
  });

  it('is over for everyone when faults are cleared', async () => {
    const { emulator, refresh } = await refreshing();
    emulator.faults.add('CreateToken', { kind: 'hold' });
    const held = refresh();
    await emulator.journal.waitFor(({ operation }) => operation === 'CreateToken');
    emulator.faults.clear();
    expect(await held).toBe('200 tokens');
  });
});

describe('closing', () => {
  it('does not wait for a call that is held', async () => {
    const { emulator, refresh } = await refreshing();
    emulator.faults.add('CreateToken', { kind: 'hold' });
    const held = refresh();
    await emulator.journal.waitFor(({ operation }) => operation === 'CreateToken');
    await emulator.close();
    expect(await held).toBe('no answer');
  });
});

describe('the journal', () => {
  it('keeps calls with secrets, bodies, region and time in the order of arrival', async () => {
    const { emulator, refresh, clock } = await refreshing();
    await refresh();
    const [entry] = emulator.journal.entries;
    expect(entry).toMatchObject({ operation: 'CreateToken', at: clock.now(), fault: null, done: true });
    expect(entry?.request).toMatchObject({ method: 'POST', path: '/oidc/token', region: 'us-east-1' });
    expect(JSON.parse(entry?.answer?.body ?? '')).toHaveProperty('refreshToken');
  });

  it('tells those who wait as soon as enough calls are done, and not before', async () => {
    const { emulator, refresh } = await refreshing();
    let told = false;
    const twice = emulator.journal.finished('CreateToken', 2).then((calls) => {
      told = true;
      return calls;
    });
    await refresh();
    await settled();
    expect(told).toBe(false);
    await refresh();
    expect(await twice).toHaveLength(2);
  });
});
