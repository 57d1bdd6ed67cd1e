import { describe, expect, it } from 'vitest';
import { never } from '../../support/sso-world.ts';
import { formsOf, signedInWorld } from './world.ts';

describe('a sign-out', () => {
  it('revokes the refresh token first, then the access token', async () => {
    const { world, session, record, refresh } = await signedInWorld();
    expect(await world.drive(session.logout(record, never))).toEqual({ type: 'ok', value: undefined });
    expect(formsOf(world, 'IssuerRevoke')).toEqual([
      { client_id: 'cli', token: record.refreshToken, token_type_hint: 'refresh_token' },
      { client_id: 'cli', token: record.accessToken, token_type_hint: 'access_token' },
    ]);
    expect(await refresh()).toMatchObject({ type: 'rejected' });
  });

  it('without a refresh token revokes the access token alone', async () => {
    const { world, session, record } = await signedInWorld({ placeholder: 'auto-login' });
    expect(record.refreshToken).toBeNull();
    await world.drive(session.logout({ ...record, refreshToken: 'auto-login' }, never));
    expect(formsOf(world, 'IssuerRevoke').map((form) => form['token_type_hint'])).toEqual(['access_token']);
  });

  it('has done what it could where only the refresh token can be revoked', async () => {
    const { world, session, record } = await signedInWorld();
    world.emulator.faults.add(
      'IssuerRevoke',
      { kind: 'status', status: 400, body: { error: 'unsupported_token_type' } },
      { when: ({ body }) => body.includes('access_token') },
    );
    expect(await world.drive(session.logout(record, never))).toMatchObject({ type: 'ok' });
  });

  it.each([
    ['503', { kind: 'status', status: 503 }, { type: 'transient', why: '5xx' }],
    ['no answer', { kind: 'resetBefore' }, { type: 'transient' }],
    ['a refused client', { kind: 'status', status: 401, body: { error: 'invalid_client' } }, { type: 'rejected' }],
  ] as const)('says that the issuer could not be told: %s', async (_what, fault, verdict) => {
    const { world, session, record } = await signedInWorld();
    world.emulator.faults.add('IssuerRevoke', fault);
    expect(await world.drive(session.logout(record, never))).toMatchObject(verdict);
  });

  it('says so where the issuer has no way to revoke', async () => {
    const { world, session, record } = await signedInWorld({ metadata: { revocation_endpoint: undefined } });
    expect(await world.drive(session.logout(record, never))).toMatchObject({ type: 'denied', why: 'not-found' });
  });
});
