import { describe, expect, it } from 'vitest';
import { epoch } from '../../../src/core/types.ts';
import { hours, seconds } from '../../support/fake-clock.ts';
import { loginRequest } from '../../support/sso-world.ts';
import { openWorld, recordOf, signedInWorld } from './world.ts';

const noUserInfo = { metadata: { userinfo_endpoint: undefined } };

describe('is an access token still good? Userinfo', () => {
  it('says yes', async () => {
    const { world, probe } = await signedInWorld();
    expect(await probe()).toEqual({ type: 'ok', value: undefined });
    expect(world.paths()).toEqual(['/.well-known/openid-configuration', '/userinfo']);
  });

  it.each(['revokeAccessTokens', 'endSessions'] as const)('says no (%s)', async (action) => {
    const { world, probe } = await signedInWorld();
    world.issuer.people[action]();
    expect(await probe()).toMatchObject({ type: 'unauthorized' });
  });

  it.each([
    ['403 for want of a scope', 403, 'Bearer error="insufficient_scope"', { type: 'denied' }],
    ['403 without a reason', 403, '', { type: 'denied' }],
    ['403 for the token', 403, 'Bearer error="invalid_token"', { type: 'unauthorized' }],
    ['400 for the token', 400, 'Bearer error=invalid_token', { type: 'unauthorized' }],
    ['404', 404, '', { type: 'transient' }],
    ['500', 500, '', { type: 'transient', why: '5xx' }],
    ['429', 429, '', { type: 'transient', why: '429' }],
  ])('is believed with %s', async (_what, status, challenge, verdict) => {
    const { world, probe } = await signedInWorld();
    const headers = { 'www-authenticate': challenge };
    world.emulator.faults.add('IssuerUserInfo', { kind: 'status', status, headers });
    expect(await probe()).toMatchObject(verdict);
  });

  it.each(['captivePortal', 'malformedJson', 'resetBefore'] as const)('proves nothing with %s', async (kind) => {
    const { world, probe } = await signedInWorld();
    world.emulator.faults.add('IssuerUserInfo', { kind });
    expect(await probe()).toMatchObject({ type: 'transient' });
  });

  it('is not asked about a token for another API, nor about one that somebody pasted', async () => {
    const other = await signedInWorld({}, { audience: 'https://api.example' });
    await other.probe();
    expect(other.world.paths()).not.toContain('/userinfo');
    const world = await openWorld();
    const session = world.session();
    const pasted = recordOf(await world.drive(session.login({ ...loginRequest('browser'), token: 'opaque' })));
    expect(await world.drive(session.probe(pasted, new AbortController().signal))).toMatchObject({ type: 'ok' });
    expect(world.paths()).not.toContain('/userinfo');
  });
});

describe('without userinfo, introspection', () => {
  const confidential = { clientId: 'confidential', clientSecret: 'emulated+secret/of:a&client' };

  it('says yes or no to a client with a secret', async () => {
    const { world, probe } = await signedInWorld(noUserInfo, confidential);
    expect(await probe()).toMatchObject({ type: 'ok' });
    world.issuer.people.revokeAccessTokens();
    expect(await probe()).toMatchObject({ type: 'unauthorized' });
    expect(world.paths().filter((path) => path === '/introspect')).toHaveLength(2);
  });

  it('proves nothing while it is away, nor by refusing the question', async () => {
    const { world, probe } = await signedInWorld(noUserInfo, confidential);
    const fault = world.emulator.faults.add('IssuerIntrospect', { kind: 'badGateway' });
    expect(await probe()).toMatchObject({ type: 'transient', why: '5xx' });
    fault.remove();
    world.emulator.faults.add('IssuerIntrospect', { kind: 'status', status: 401, body: { error: 'invalid_client' } });
    expect(await probe()).toMatchObject({ type: 'ok' });
  });
});

describe('without either', () => {
  it('a token that a refresh would not better is taken for good; an older one is left to a refresh', async () => {
    const { world, probe, refreshed } = await signedInWorld(noUserInfo);
    expect(await probe()).toMatchObject({ type: 'ok' });
    world.clock.advance(seconds(60));
    expect(await probe()).toEqual({ type: 'unauthorized', detail: 'only a refresh can tell' });
    expect(await probe(await refreshed())).toMatchObject({ type: 'ok' });
  });

  it('a token that nothing can refresh is good until its time', async () => {
    const { world, record, probe } = await signedInWorld(noUserInfo, { scopes: ['openid'] });
    world.clock.advance(hours(1) - 1);
    expect(await probe()).toMatchObject({ type: 'ok' });
    expect(await probe({ ...record, refreshToken: 'auto-login' })).toMatchObject({ type: 'ok' });
    world.clock.advance(1);
    expect(await probe()).toMatchObject({ type: 'unauthorized', detail: 'the access token has expired' });
  });

  it('a token of before a restart is left to a refresh', async () => {
    const { record } = await signedInWorld(noUserInfo);
    const later = await openWorld(noUserInfo);
    const verdict = await later.drive(later.session().probe(record, new AbortController().signal));
    expect(verdict).toMatchObject({ type: 'unauthorized' });
  });
});

describe('can the issuer be reached?', () => {
  it('a discovery document proves it, and is asked for each time', async () => {
    const { world, probe } = await signedInWorld();
    expect(await probe(null)).toMatchObject({ type: 'unauthorized' });
    expect(await probe(null)).toMatchObject({ type: 'unauthorized' });
    expect(world.paths()).toEqual(['/.well-known/openid-configuration', '/.well-known/openid-configuration']);
  });

  it.each([
    ['no answer', { kind: 'resetBefore' }],
    ['502', { kind: 'badGateway' }],
    ['a page', { kind: 'captivePortal' }],
    ['a page that says there is nothing', { kind: 'status', status: 404, body: 'Not Found' }],
    ['a document of another issuer', { kind: 'status', status: 200, body: { issuer: 'https://other.example' } }],
  ] as const)('%s proves nothing, whatever the token', async (_what, fault) => {
    const { world, record, probe } = await signedInWorld();
    world.emulator.faults.add('IssuerDiscovery', fault);
    expect(await probe(null)).toMatchObject({ type: 'transient' });
    expect(await probe({ ...record, expiresAt: epoch(0) })).toMatchObject({ type: 'transient' });
  });
});
