import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Fault } from '../../../src/emulator/index.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { selfSigned } from '../../support/self-signed.ts';
import { never } from '../../support/sso-world.ts';
import { formsOf, openWorld, signedInWorld } from './world.ts';

const answers = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Fault => ({
  kind: 'status',
  status,
  body,
  headers,
});

const refusal = (error: string, status = 400): Fault => answers(status, { error, error_description: 'secret words' });

const html = '<!doctype html><title>Sign in to the network</title>';

describe('a refresh', () => {
  it('brings a new access token, and the refresh token that replaces the old one', async () => {
    const { world, record, refresh } = await signedInWorld();
    world.clock.advance(minutes(50));
    const verdict = await refresh();
    expect(verdict).toMatchObject({ type: 'ok', value: { lifetimeMs: hours(1), record: { tokenType: null } } });
    if (verdict.type !== 'ok') return;
    const next = verdict.value.record;
    expect(next.expiresAt).toBe(world.clock.now() + hours(1));
    expect(next.accessToken).not.toBe(record.accessToken);
    expect(next.refreshToken).not.toBe(record.refreshToken);
    expect(formsOf(world, 'IssuerToken')).toEqual([
      { client_id: 'cli', grant_type: 'refresh_token', refresh_token: record.refreshToken },
    ]);
    expect(world.paths()).toEqual(['/token']);
  });

  it.each([
    ['none', 'omit' as const],
    ['the same', 'never' as const],
  ])('that answers with %s keeps the old refresh token', async (_what, rotation) => {
    const { record, refreshed } = await signedInWorld({ rotation });
    expect((await refreshed()).refreshToken).toBe(record.refreshToken);
  });

  it.each([
    ['null', null],
    ['an empty one', ''],
    ['a placeholder', 'auto-login'],
  ])('that answers with %s keeps the old refresh token', async (_what, refresh_token) => {
    const { world, record, refreshed } = await signedInWorld();
    const body = {
      access_token: 'a',
      token_type: 'Bearer',
      expires_in: 60,
      refresh_token,
      id_token: null,
      scope: null,
    };
    world.emulator.faults.add('IssuerToken', answers(200, body));
    expect(await refreshed()).toMatchObject({ accessToken: 'a', refreshToken: record.refreshToken });
  });

  it('takes the life of an opaque token from expires_in, and an hour where nothing says it', async () => {
    const { world, refresh } = await signedInWorld({ accessTokens: 'opaque', accessTokenLifeMs: minutes(20) });
    expect(await refresh()).toMatchObject({ type: 'ok', value: { lifetimeMs: minutes(20) } });
    world.issuer.knobs.isExpiryStated = false;
    world.issuer.knobs.oldToken = 'valid';
    expect(await refresh()).toMatchObject({ type: 'ok', value: { lifetimeMs: hours(1) } });
  });

  it('works after a restart, with the endpoints that are published then', async () => {
    const { record } = await signedInWorld();
    const later = await openWorld();
    expect(await later.drive(later.session().refresh(record, never))).toMatchObject({ type: 'rejected' });
    expect(later.paths()).toEqual(['/.well-known/openid-configuration', '/token']);
  });

  it('needs no discovery document as long as one was read before', async () => {
    const { world, refresh } = await signedInWorld();
    world.clock.advance(hours(2));
    world.emulator.faults.add('IssuerDiscovery', { kind: 'badGateway' });
    expect(await refresh()).toMatchObject({ type: 'ok' });
    expect(world.paths()).toEqual(['/.well-known/openid-configuration', '/token']);
  });

  it('spends nothing while the discovery document cannot be read', async () => {
    const { record } = await signedInWorld();
    const later = await openWorld();
    later.emulator.faults.add('IssuerDiscovery', { kind: 'resetAfter' });
    const verdict = await later.drive(later.session().refresh(record, never));
    expect(verdict).toMatchObject({ type: 'transient' });
    expect(later.paths()).toEqual(['/.well-known/openid-configuration']);
  });
});

describe('the issuer ends the session with', () => {
  it.each([
    ['invalid_grant', 400, 'invalid_grant'],
    ['invalid_grant', 403, 'invalid_grant'],
    ['expired_token', 400, 'invalid_grant'],
    ['interaction_required', 400, 'session_ended'],
    ['login_required', 400, 'session_ended'],
    ['consent_required', 400, 'session_ended'],
    ['invalid_client', 401, 'invalid_client'],
    ['invalid_client', 400, 'invalid_client'],
    ['unauthorized_client', 400, 'unauthorized_client'],
    ['unsupported_grant_type', 400, 'unauthorized_client'],
  ])('%s (%i)', async (error, status, why) => {
    const { world, refresh } = await signedInWorld();
    world.emulator.faults.add('IssuerToken', refusal(error, status));
    expect(await refresh()).toEqual({ type: 'rejected', why, detail: `the issuer answered ${error} (${status})` });
  });

  it('a refusal of its own making: sessions that ended, tokens that were used, clients that are gone', async () => {
    const ended = await signedInWorld();
    ended.world.issuer.people.endSessions();
    expect(await ended.refresh()).toMatchObject({ type: 'rejected', why: 'invalid_grant' });
    const used = await signedInWorld();
    await used.refreshed();
    expect(await used.refresh()).toMatchObject({ type: 'rejected', why: 'invalid_grant' });
    const gone = await signedInWorld();
    gone.world.issuer.knobs.clients = [];
    expect(await gone.refresh()).toMatchObject({ type: 'rejected', why: 'invalid_client' });
  });
});

describe('the issuer ends nothing with', () => {
  it.each<readonly [string, Fault, object]>([
    ['500', answers(500, { error: 'invalid_grant' }), { type: 'transient', why: '5xx' }],
    ['502 and a page', { kind: 'badGateway' }, { type: 'transient', why: '5xx' }],
    [
      '503 and a time',
      answers(503, {}, { 'retry-after': '7' }),
      { type: 'transient', why: '5xx', retryAfterMs: seconds(7) },
    ],
    ['429', answers(429, { error: 'invalid_grant' }), { type: 'transient', why: '429', retryAfterMs: null }],
    [
      '429 and a time',
      answers(429, {}, { 'retry-after': '120' }),
      { type: 'transient', why: '429', retryAfterMs: minutes(2) },
    ],
    ['a page', { kind: 'captivePortal' }, { type: 'transient', why: 'captive-portal' }],
    [
      'a page and 400',
      answers(400, html, { 'content-type': 'text/html' }),
      { type: 'transient', why: 'captive-portal' },
    ],
    ['a page and 401', answers(401, html), { type: 'transient', why: 'captive-portal' }],
    [
      'a redirect',
      answers(302, '', { location: 'http://portal.example/' }),
      { type: 'transient', why: 'captive-portal' },
    ],
    ['511', answers(511, {}), { type: 'transient', why: 'captive-portal' }],
    ['404', answers(404, { error: 'invalid_grant' }), { type: 'transient' }],
    ['400 without a reason', answers(400, {}), { type: 'transient', why: 'bad-body' }],
    [
      '400 and an error that is no text',
      answers(400, { error: { code: 'invalid_grant' } }),
      { type: 'transient', why: 'bad-body' },
    ],
    ['400 and half a document', answers(400, '{"error":"invalid_gr'), { type: 'transient', why: 'bad-body' }],
    [
      '401 without a reason',
      answers(401, {}, { 'www-authenticate': 'Bearer' }),
      { type: 'transient', why: 'bad-body' },
    ],
    ['an error nobody knows', refusal('mystery'), { type: 'transient', why: 'bad-body' }],
    ['server_error', refusal('server_error'), { type: 'transient', why: '5xx' }],
    ['temporarily_unavailable', refusal('temporarily_unavailable'), { type: 'transient', why: '5xx' }],
    ['slow_down', refusal('slow_down'), { type: 'transient', why: '429', retryAfterMs: seconds(5) }],
    ['access_denied', refusal('access_denied', 403), { type: 'denied', why: 'forbidden' }],
    ['invalid_scope', refusal('invalid_scope'), { type: 'denied', why: 'bad-request' }],
    ['invalid_request', refusal('invalid_request'), { type: 'denied', why: 'bad-request' }],
    ['invalid_target', refusal('invalid_target'), { type: 'denied', why: 'bad-request' }],
    ['a connection that breaks', { kind: 'resetBefore' }, { type: 'ambiguous' }],
    ['an answer that is lost', { kind: 'resetAfter' }, { type: 'ambiguous' }],
    ['an answer that is cut', { kind: 'truncated' }, { type: 'ambiguous' }],
    ['half a document', { kind: 'malformedJson' }, { type: 'ambiguous' }],
    ['nothing', answers(200, ''), { type: 'ambiguous' }],
    ['no access token', answers(200, { token_type: 'Bearer' }), { type: 'ambiguous' }],
    ['no token type', answers(200, { access_token: 'a' }), { type: 'ambiguous' }],
    ['a token type nobody can use', answers(200, { access_token: 'a', token_type: 'mac' }), { type: 'ambiguous' }],
    [
      'an expiry that is no number',
      answers(200, { access_token: 'a', token_type: 'Bearer', expires_in: 'soon' }),
      { type: 'ambiguous' },
    ],
    ['204', answers(204, ''), { type: 'ambiguous' }],
  ])('%s', async (_what, fault, verdict) => {
    const { world, refresh } = await signedInWorld();
    world.emulator.faults.add('IssuerToken', fault);
    const told = await refresh();
    expect(told).toMatchObject(verdict);
    expect(JSON.stringify(told)).not.toMatch(/secret words|mystery|portal\.example/);
  });

  const failing = (code: string, syscall?: string) => {
    const cause = Object.assign(new Error('words'), { code, ...(syscall !== undefined && { syscall }) });
    return async () => {
      throw new TypeError('fetch failed', { cause });
    };
  };

  // Weak spot (a) of the checklist: an outage is told by its type, through every wrapping.
  it.each([
    ['a name that does not resolve', failing('ENOTFOUND', 'getaddrinfo'), { type: 'transient', why: 'dns' }],
    ['a name server that is away', failing('EAI_AGAIN', 'getaddrinfo'), { type: 'transient', why: 'dns' }],
    ['a connection refused', failing('ECONNREFUSED', 'connect'), { type: 'transient', why: 'connect' }],
    ['no route', failing('ENETUNREACH', 'connect'), { type: 'transient', why: 'connect' }],
    ['a certificate nobody trusts', failing('SELF_SIGNED_CERT_IN_CHAIN'), { type: 'transient', why: 'tls' }],
    ['a certificate of another host', failing('ERR_TLS_CERT_ALTNAME_INVALID'), { type: 'transient', why: 'tls' }],
    ['no answer in time', failing('UND_ERR_HEADERS_TIMEOUT'), { type: 'ambiguous' }],
    ['a connection lost', failing('ECONNRESET', 'read'), { type: 'ambiguous' }],
  ])('%s', async (_what, network, verdict) => {
    const { world, refresh } = await signedInWorld();
    world.network = network;
    expect(await refresh()).toMatchObject(verdict);
  });

  it('a deadline of ours', async () => {
    const { world, session, record } = await signedInWorld();
    world.emulator.faults.add('IssuerToken', { kind: 'hold' });
    const controller = new AbortController();
    const refresh = session.refresh(record, controller.signal);
    await world.emulator.journal.waitFor(({ operation }) => operation === 'IssuerToken');
    controller.abort();
    expect(await world.drive(refresh)).toMatchObject({ type: 'ambiguous' });
    world.emulator.faults.clear();
  });

  it('a refusal from whoever cannot show the certificate', async () => {
    const server = createServer(selfSigned('localhost'), (_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { record } = await signedInWorld();
    const world = await openWorld({ metadata: { token_endpoint: `https://localhost:${port}/token` } });
    const verdict = await world.drive(world.session().refresh(record, never));
    expect(verdict).toMatchObject({ type: 'transient', why: 'tls' });
  });
});

describe('a session without a refresh token', () => {
  it.each([
    ['none', null],
    ['the placeholder of an older tool', 'auto-login'],
    ['an empty one', ''],
  ])('(%s) ends without asking anybody', async (_what, refreshToken) => {
    const { world, record, refresh } = await signedInWorld();
    expect(await refresh({ ...record, refreshToken })).toMatchObject({ type: 'rejected', why: 'invalid_grant' });
    expect(world.paths()).toEqual([]);
  });
});
