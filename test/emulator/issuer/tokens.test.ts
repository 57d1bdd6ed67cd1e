import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { emulatedIssuer, refusalOf } from '../../support/issuer-client.ts';

const issued = async (...[knobs]: Parameters<typeof emulatedIssuer>) => {
  const parts = await emulatedIssuer(knobs);
  return { ...parts, tokens: await parts.client.signIn() };
};

describe('a refresh token', () => {
  it('rotates, and the one it replaced ends the sign-in', async () => {
    const { client, tokens } = await issued();
    const first = await client.refresh(tokens.refresh_token);
    expect(first.status).toBe(200);
    expect(first.body['refresh_token']).not.toBe(tokens.refresh_token);
    expect(refusalOf(await client.refresh(tokens.refresh_token))).toBe('400 invalid_grant');
    expect(refusalOf(await client.refresh(String(first.body['refresh_token'])))).toBe('400 invalid_grant');
    expect((await client.get('/api', String(first.body['access_token']))).status).toBe(401);
  });

  it('may only be refused itself, or be good for a while', async () => {
    const { client, tokens, issuer, clock } = await issued({ oldToken: { graceMs: seconds(10) } });
    const { body } = await client.refresh(tokens.refresh_token);
    clock.advance(seconds(10) - 1);
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    clock.advance(1);
    expect(refusalOf(await client.refresh(tokens.refresh_token))).toBe('400 invalid_grant');
    issuer.knobs.oldToken = 'reject';
    expect(refusalOf(await client.refresh(tokens.refresh_token))).toBe('400 invalid_grant');
    issuer.knobs.oldToken = 'valid';
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    expect((await client.refresh(String(body['refresh_token']))).status).toBe(200);
  });

  it('may stay the same, or be left out of the answer', async () => {
    const { client, tokens, issuer } = await issued({ rotation: 'never' });
    expect((await client.refresh(tokens.refresh_token)).body['refresh_token']).toBe(tokens.refresh_token);
    issuer.knobs.rotation = 'omit';
    const { body } = await client.refresh(tokens.refresh_token);
    expect(body).not.toHaveProperty('refresh_token');
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it.each([
    ['offline_access', 'openid', false],
    ['offline_access', 'openid offline_access', true],
    ['always', 'openid', true],
    ['never', 'openid offline_access', false],
  ] as const)('with the rule "%s" for "%s": %s', async (refreshTokens, scope, expected) => {
    const { client } = await emulatedIssuer({ refreshTokens });
    expect('refresh_token' in (await client.signIn({ scope }))).toBe(expected);
  });

  it('can be a placeholder that is good for nothing', async () => {
    const { client, tokens } = await issued({ placeholder: 'auto-login' });
    expect(tokens.refresh_token).toBe('auto-login');
    expect(refusalOf(await client.refresh('auto-login'))).toBe('400 invalid_grant');
  });

  it('ends with the session', async () => {
    const { client, tokens, clock } = await issued({ sessionLifeMs: hours(2) });
    clock.advance(hours(2) - 1);
    const { body } = await client.refresh(tokens.refresh_token);
    clock.advance(1);
    expect(refusalOf(await client.refresh(String(body['refresh_token'])))).toBe('400 invalid_grant');
  });

  it('is refused to another client', async () => {
    const { client, tokens, issuer } = await issued();
    const as = { client_id: 'confidential', client_secret: issuer.knobs.clients[1]?.clientSecret ?? '' };
    expect(refusalOf(await client.refresh(tokens.refresh_token, as))).toBe('400 invalid_grant');
  });
});

describe('an access token', () => {
  it('is a JWT of RFC 9068 that the published keys verify', async () => {
    const { tokens, issuer, clock } = await issued();
    const { payload } = await jwtVerify(tokens.access_token, createRemoteJWKSet(new URL(`${issuer.url}/jwks`)), {
      issuer: issuer.url,
      audience: `${issuer.url}/api`,
      typ: 'at+jwt',
      currentDate: new Date(clock.now()),
      requiredClaims: ['sub', 'client_id', 'iat', 'jti'],
    });
    expect(payload.exp).toBe((clock.now() + hours(1)) / 1000);
  });

  it('can be opaque, and need not say how long it lives', async () => {
    const { client } = await emulatedIssuer({ accessTokens: 'opaque', isExpiryStated: false });
    const { status, body } = await client.redeem(await client.code());
    expect(status).toBe(200);
    expect(String(body['access_token'])).toMatch(/^[\w-]+$/);
    expect(body).not.toHaveProperty('expires_in');
  });

  it.each(['jwt', 'opaque'] as const)('opens the API for an hour (%s)', async (accessTokens) => {
    const { client, tokens, clock } = await issued({ accessTokens });
    clock.advance(hours(1) - 1);
    expect((await client.get('/api/things', tokens.access_token)).status).toBe(200);
    clock.advance(1);
    expect(refusalOf(await client.get('/api/things', tokens.access_token))).toBe('401 invalid_token');
  });

  it('is refused with 401 or 403, as the API likes it; and so may the person be', async () => {
    const { client, tokens, issuer } = await issued({ apiRefusal: 403 });
    expect((await client.get('/api')).status).toBe(401);
    expect(refusalOf(await client.get('/api', 'made-up'))).toBe('403 invalid_token');
    issuer.knobs.isApiForbidden = true;
    const forbidden = await client.get('/api', tokens.access_token);
    expect(refusalOf(forbidden)).toBe('403 insufficient_scope');
    expect(forbidden.headers.get('www-authenticate')).toBe('Bearer realm="issuer", error="insufficient_scope"');
  });

  it('opens userinfo only with "openid"', async () => {
    const { client, tokens } = await issued();
    const subject = decodeJwt(tokens.id_token).sub;
    expect((await client.get('/userinfo', tokens.access_token)).body).toMatchObject({ sub: subject });
    const other = await client.signIn({ scope: 'api' });
    expect(refusalOf(await client.get('/userinfo', other.access_token))).toBe('403 insufficient_scope');
  });

  it('is explained to clients that prove who they are', async () => {
    const { client, tokens, issuer } = await issued();
    const as = { client_id: 'confidential', client_secret: issuer.knobs.clients[1]?.clientSecret ?? '' };
    const ask = async (form = {}) =>
      (await client.post('/introspect', { ...as, token: tokens.access_token, ...form })).body;
    expect(await ask()).toMatchObject({ active: true, client_id: 'cli' });
    expect(await ask({ client_id: 'cli', client_secret: undefined })).toMatchObject({ error: 'invalid_client' });
    issuer.people.revokeAccessTokens();
    expect(await ask()).toEqual({ active: false });
  });

  it('can be revoked alone, or with its refresh token', async () => {
    const { client, tokens } = await issued();
    const revoke = (token: string) => client.post('/revoke', { client_id: 'cli', token });
    expect((await revoke('made-up')).status).toBe(200);
    await revoke(tokens.access_token);
    expect((await client.get('/api', tokens.access_token)).status).toBe(401);
    const { body } = await client.refresh(tokens.refresh_token);
    await revoke(String(body['refresh_token']));
    expect((await client.get('/api', String(body['access_token']))).status).toBe(401);
    expect(refusalOf(await client.refresh(String(body['refresh_token'])))).toBe('400 invalid_grant');
  });
});

describe('an ID token', () => {
  it.each(['ES256', 'RS256'] as const)(
    'is signed with %s, and says to whom and for what it was issued',
    async (signingAlg) => {
      const { tokens, issuer, clock } = await issued({ signingAlg });
      const { payload, protectedHeader } = await jwtVerify(
        tokens.id_token,
        createRemoteJWKSet(new URL(`${issuer.url}/jwks`)),
        { issuer: issuer.url, audience: 'cli', currentDate: new Date(clock.now()) },
      );
      expect(protectedHeader.alg).toBe(signingAlg);
      expect(payload).toMatchObject({ nonce: 'n-1', auth_time: clock.now() / 1000, email: 'dev@example.com' });
    },
  );

  it('comes with a refresh too, unless it is left out', async () => {
    const { client, tokens, issuer } = await issued({ rotation: 'never' });
    expect((await client.refresh(tokens.refresh_token)).body).toHaveProperty('id_token');
    issuer.knobs.idTokens = 'login';
    expect((await client.refresh(tokens.refresh_token)).body).not.toHaveProperty('id_token');
    expect(await client.signIn()).toHaveProperty('id_token');
    expect(await client.signIn({ scope: 'api' })).not.toHaveProperty('id_token');
    issuer.knobs.idTokens = 'never';
    expect(await client.signIn()).not.toHaveProperty('id_token');
  });

  it('can be wrong in every claim, and be written by another clock', async () => {
    const { client, issuer, clock } = await emulatedIssuer({ idTokenClaims: { aud: 'other', nonce: undefined } });
    issuer.knobs.clockOffsetMs = minutes(7);
    const claims = decodeJwt((await client.signIn()).id_token);
    expect(claims).toMatchObject({ aud: 'other', iat: (clock.now() + minutes(7)) / 1000 });
    expect(claims).not.toHaveProperty('nonce');
  });

  it.each(['none', 'HS256', 'otherKey'] as const)(
    'can be signed in a way nobody must accept: %s',
    async (idTokenSignature) => {
      const { tokens, issuer, clock } = await issued({ idTokenSignature });
      const keys = createRemoteJWKSet(new URL(`${issuer.url}/jwks`));
      await expect(jwtVerify(tokens.id_token, keys, { currentDate: new Date(clock.now()) })).rejects.toThrow();
      expect(decodeProtectedHeader(tokens.id_token).alg).toBe(
        idTokenSignature === 'otherKey' ? 'ES256' : idTokenSignature,
      );
    },
  );
});

it('publishes the keys of before until they are withdrawn', async () => {
  const { client, issuer, tokens, clock } = await issued();
  const verify = async (token: string) => {
    const { body } = await client.get('/jwks');
    return jwtVerify(token, createLocalJWKSet(body as never), { currentDate: new Date(clock.now()) });
  };
  issuer.people.rotateKeys();
  const newer = await client.signIn();
  expect(decodeProtectedHeader(newer.id_token).kid).not.toBe(decodeProtectedHeader(tokens.id_token).kid);
  await verify(newer.id_token);
  await verify(tokens.id_token);
  issuer.people.withdrawOldKeys();
  await verify(newer.id_token);
  await expect(verify(tokens.id_token)).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey);
});

describe('discovery', () => {
  it('publishes the same for OpenID Connect and for OAuth', async () => {
    const { issuer, client, emulator } = await emulatedIssuer();
    const { body } = await client.get('/.well-known/openid-configuration');
    expect(body).toMatchObject({ issuer: issuer.url, token_endpoint: `${issuer.url}/token` });
    const other = await fetch(`${emulator.url}/.well-known/oauth-authorization-server/issuer`);
    expect(await other.json()).toEqual(body);
  });

  it('can publish less, or something else', async () => {
    const { client, issuer } = await emulatedIssuer({
      metadata: { userinfo_endpoint: undefined, issuer: 'https://x' },
    });
    const { body } = await client.get('/.well-known/openid-configuration');
    expect(body['issuer']).toBe('https://x');
    expect(body).not.toHaveProperty('userinfo_endpoint');
    issuer.knobs.discovery = 'oauth';
    expect((await client.get('/.well-known/openid-configuration')).status).toBe(404);
  });
});
