import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import type { IssuerKnobs } from '../../../src/emulator/issuer/knobs.ts';
import { minutes, seconds } from '../../support/fake-clock.ts';
import { loginRequest, never } from '../../support/sso-world.ts';
import { openWorld, signedInWorld } from './world.ts';

const wrong: readonly (readonly [string, Partial<IssuerKnobs>, RegExp])[] = [
  ['of another issuer', { idTokenClaims: { iss: 'https://other.example' } }, /its "iss" is another issuer/],
  ['without an issuer', { idTokenClaims: { iss: undefined } }, /its "iss" is another issuer/],
  ['for another client', { idTokenClaims: { aud: 'other' } }, /its "aud" is another client/],
  ['for nobody', { idTokenClaims: { aud: undefined } }, /its "aud" is another client/],
  ['for two, handed to the other', { idTokenClaims: { aud: ['cli', 'other'], azp: 'other' } }, /its "azp"/],
  ['for two, without saying for whom', { idTokenClaims: { aud: ['cli', 'other'] } }, /its "azp"/],
  ['of another sign-in', { idTokenClaims: { nonce: 'other' } }, /its "nonce" is not the one we sent/],
  ['of no sign-in', { idTokenClaims: { nonce: undefined } }, /its "nonce"/],
  ['of nobody', { idTokenClaims: { sub: undefined } }, /its "sub" is missing/],
  ['without a time', { idTokenClaims: { iat: undefined } }, /its "iat" is missing/],
  ['without an end', { idTokenClaims: { exp: undefined } }, /its "exp" is missing/],
  ['that has ended', { clockOffsetMs: -minutes(61) - seconds(1) }, /it has expired/],
  ['that begins later', { idTokenClaims: { nbf: 4_000_000_000 } }, /it is not good yet/],
  ['without a signature', { idTokenSignature: 'none' }, /signed in a way the issuer does not announce|no signed token/],
  ['signed with a secret', { idTokenSignature: 'HS256' }, /signed in a way the issuer does not announce/],
  ['signed by somebody else', { idTokenSignature: 'otherKey' }, /its signature is wrong/],
  [
    'signed as the issuer never does',
    { metadata: { id_token_signing_alg_values_supported: ['RS256'] } },
    /signed in a way the issuer does not announce/,
  ],
  [
    'signed as issuers that say nothing never do',
    { metadata: { id_token_signing_alg_values_supported: undefined } },
    /signed in a way the issuer does not announce/,
  ],
  ['of an issuer without keys', { metadata: { jwks_uri: undefined } }, /the issuer publishes no keys/],
];

describe('an ID token ends the sign-in', () => {
  it.each(wrong)('%s', async (_what, knobs, what) => {
    const world = await openWorld(knobs);
    const outcome = await world.drive(world.session().login(loginRequest('browser')));
    expect(outcome).toMatchObject({
      type: 'failed',
      verdict: { type: 'denied', detail: expect.stringMatching(what) },
    });
    if (outcome.type !== 'failed' || outcome.verdict.type !== 'denied') return;
    expect(outcome.verdict.detail).toMatch(/^the ID token does not verify: /);
  });

  it('also with a device code', async () => {
    const world = await openWorld({ idTokenClaims: { aud: 'other' } });
    const outcome = await world.drive(world.session().login(loginRequest('device')));
    expect(outcome).toMatchObject({ verdict: { detail: 'the ID token does not verify: its "aud" is another client' } });
  });

  it('when it is missing although it was asked for', async () => {
    const world = await openWorld({ idTokens: 'never' });
    const outcome = await world.drive(world.session().login(loginRequest('browser')));
    expect(outcome).toMatchObject({
      verdict: { type: 'denied', detail: 'no ID token came, although the scopes name "openid"' },
    });
  });

  it('not for good when the keys cannot be read', async () => {
    const world = await openWorld();
    world.emulator.faults.add('IssuerKeys', { kind: 'badGateway' });
    const outcome = await world.drive(world.session().login(loginRequest('browser')));
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'transient', why: '5xx' } });
  });

  it('not for good when something else stands where the keys should be', async () => {
    const world = await openWorld();
    world.emulator.faults.add('IssuerKeys', { kind: 'status', status: 200, body: { keys: 'none' } });
    const outcome = await world.drive(world.session().login(loginRequest('browser')));
    expect(outcome).toMatchObject({ type: 'failed', verdict: { type: 'transient', why: 'bad-body' } });
  });
});

describe('an ID token', () => {
  it.each([
    ['behind', -minutes(61) + seconds(1)],
    ['ahead', minutes(30)],
  ])('may come from a clock that is a little %s', async (_what, clockOffsetMs) => {
    const world = await openWorld({ clockOffsetMs });
    expect(await world.drive(world.session().login(loginRequest('browser')))).toMatchObject({ type: 'ok' });
  });

  it('for several clients is good where it says that we are meant', async () => {
    const world = await openWorld({ idTokenClaims: { aud: ['cli', 'other'], azp: 'cli' } });
    expect(await world.drive(world.session().login(loginRequest('browser')))).toMatchObject({ type: 'ok' });
  });

  it.each(['ES256', 'RS256'] as const)('is kept for web identity (%s)', async (signingAlg) => {
    const { world, session, record } = await signedInWorld({ signingAlg });
    const idToken = await world.drive(session.idToken(record, never));
    expect(idToken).toMatchObject({ type: 'ok', value: expect.any(String) });
    expect(idToken.type === 'ok' && decodeJwt(idToken.value ?? '')).toMatchObject({
      iss: world.issuer.url,
      aud: 'cli',
    });
    expect(world.paths()).toEqual([]);
  });

  it('that comes with a refresh is verified when it is wanted, with keys that are read once', async () => {
    const { world, session, record, refreshed } = await signedInWorld();
    const before = await session.idToken(record, never);
    world.clock.advance(minutes(1));
    const next = await refreshed();
    expect(world.paths()).toEqual(['/token']);
    const after = await world.drive(session.idToken(next, never));
    expect(after).toMatchObject({ type: 'ok', value: expect.any(String) });
    expect(after).not.toEqual(before);
    expect(await session.idToken(record, never)).toEqual(before);
    expect(world.paths()).toEqual([]);
  });

  it('of before stays with the session where a refresh brings none', async () => {
    const { world, session, record, refreshed } = await signedInWorld({ idTokens: 'login' });
    const before = await session.idToken(record, never);
    expect(await world.drive(session.idToken(await refreshed(), never))).toEqual(before);
  });

  it('signed with a new key of the issuer leads to the new keys', async () => {
    const { world, session, refreshed } = await signedInWorld();
    world.issuer.people.rotateKeys();
    world.issuer.people.withdrawOldKeys();
    const next = await refreshed();
    expect(await world.drive(session.idToken(next, never))).toMatchObject({ type: 'ok', value: expect.any(String) });
    expect(world.paths()).toEqual(['/token', '/jwks']);
  });

  it.each([
    ['of somebody else', { sub: 'mallory' }, 'its "sub" is somebody else'],
    ['for another client', { aud: 'other' }, 'its "aud" is another client'],
  ])('with a fault (%s) costs a refresh nothing but itself', async (_what, idTokenClaims, what) => {
    const { world, session, refreshed } = await signedInWorld();
    world.issuer.knobs.idTokenClaims = idTokenClaims;
    const next = await refreshed();
    expect(await world.drive(session.idToken(next, never))).toEqual({
      type: 'denied',
      why: 'bad-request',
      detail: `the ID token does not verify: ${what}`,
    });
  });

  it('is found with its tokens by a provider that has just started, which verifies it anew', async () => {
    const { world, session, record } = await signedInWorld();
    const before = await session.idToken(record, never);
    expect(await world.drive(world.session().idToken(record, never))).toEqual(before);
    expect(world.paths()).toContain('/jwks');
    const tampered = { ...record, idToken: `${record.idToken?.slice(0, -8)}AAAAAAAA` };
    expect(await world.drive(world.session().idToken(tampered, never))).toMatchObject({ type: 'denied' });
    expect(await world.session().idToken({ ...record, idToken: null }, never)).toEqual({ type: 'ok', value: null });
  });

  it('of somebody else is refused to a provider that has just started, too', async () => {
    const { world, record } = await signedInWorld();
    const later = world.session();
    world.issuer.knobs.idTokenClaims = { sub: 'mallory' };
    const verdict = await world.drive(later.refresh(record, never));
    const next = verdict.type === 'ok' ? verdict.value.record : expect.unreachable();
    expect(await world.drive(later.idToken(next, never))).toMatchObject({ type: 'denied' });
  });
});
