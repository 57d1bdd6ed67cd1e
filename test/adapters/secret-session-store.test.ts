import { describe, expect, it } from 'vitest';
import { secretRegistrationStore, secretSessionStore } from '../../src/adapters/secret-session-store.ts';
import { memoryStore } from '../../src/adapters/secret-store/memory-store.ts';
import type { SecretStore } from '../../src/adapters/secret-store/secret-store.ts';
import type { SessionRecord } from '../../src/core/types.ts';
import { epoch } from '../../src/core/types.ts';

const client = { clientId: 'id', clientSecret: 'secret', expiresAt: epoch(1_800_000_000_000) };
const record: SessionRecord = {
  accessToken: 'access',
  expiresAt: epoch(1_795_000_000_000),
  refreshToken: 'refresh',
  client,
  region: 'eu-west-1',
  tokenType: null,
  idToken: null,
};

const locked: SecretStore = {
  get: async () => ({ type: 'unavailable', detail: 'The keychain is locked' }),
  set: async () => ({ type: 'unavailable', detail: 'The keychain is locked' }),
  delete: async () => ({ type: 'unavailable', detail: 'The keychain is locked' }),
  describe: () => 'locked',
};

describe('a private session', () => {
  it.each<SessionRecord>([
    record,
    { ...record, refreshToken: null, client: null, region: null },
    { ...record, tokenType: 'TOKEN' },
    { ...record, idToken: 'header.payload.signature' },
  ])('is found as it was saved: %j', async (saved) => {
    const store = secretSessionStore(memoryStore(), 'work');
    expect(await store.load()).toEqual({ type: 'gone' });
    expect(await store.save(saved, null)).toEqual({ type: 'saved' });
    expect(await store.load()).toEqual({ type: 'found', record: saved });
  });

  it('does not mix with another, or with a client registration', async () => {
    const secrets = memoryStore();
    await secretSessionStore(secrets, 'work').save(record, null);
    expect(await secretSessionStore(secrets, 'home').load()).toEqual({ type: 'gone' });
    expect(await secretRegistrationStore(secrets).load('work')).toBeNull();
  });

  it('is saved over an older record that the caller never read back, because its save had failed', async () => {
    const store = secretSessionStore(memoryStore(), 'work');
    await store.save(record, null);
    const newest = { ...record, refreshToken: 'third' };
    expect(await store.save(newest, { ...record, refreshToken: 'second, never stored' })).toEqual({ type: 'saved' });
    expect(await store.load()).toEqual({ type: 'found', record: newest });
  });

  it('is gone after its removal', async () => {
    const store = secretSessionStore(memoryStore(), 'work');
    await store.save(record, null);
    await store.remove();
    await store.remove();
    expect(await store.load()).toEqual({ type: 'gone' });
  });

  it('is unreadable, not gone, while the keychain is locked', async () => {
    const store = secretSessionStore(locked, 'work');
    expect(await store.load()).toEqual({ type: 'unreadable', detail: 'The keychain is locked' });
    expect(await store.save(record, null)).toEqual({ type: 'failed', detail: 'The keychain is locked' });
    await expect(store.remove()).rejects.toMatchObject({
      code: 'KeychainUnavailable',
      message: 'The keychain is locked',
    });
  });

  it.each([
    '',
    'null',
    '{}',
    '{"accessToken":"a"}',
    '{"accessToken":1,"expiresAt":1}',
    '{"accessToken":"a","expiresAt":"1"}',
  ])('is gone when what is stored is %j', async (stored) => {
    const secrets = memoryStore();
    await secrets.set('session:work', stored);
    expect(await secretSessionStore(secrets, 'work').load()).toEqual({ type: 'gone' });
  });

  it.each(['', 'auto-login'])('never has the refresh token %j', async (refreshToken) => {
    const store = secretSessionStore(memoryStore(), 'work');
    await store.save({ ...record, refreshToken }, null);
    expect(await store.load()).toMatchObject({ record: { refreshToken: null } });
  });

  const jwt = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
  it.each([
    ['as its token says', { accessToken: jwt({ exp: 1_795_000_000 }) }, 1_795_000_000_000],
    ['now, where a refresh brings another', { accessToken: 'opaque', refreshToken: 'refresh' }, 0],
    ['now, where its token does not say, either', { accessToken: jwt({ sub: 'dev' }), refreshToken: 'refresh' }, 0],
  ])('of an older tool, which did not write down when it ends, ends %s', async (_when, stored, expiresAt) => {
    const secrets = memoryStore();
    await secrets.set('session:work', JSON.stringify(stored));
    const { accessToken, refreshToken = null } = { refreshToken: null, ...stored };
    const rest = { client: null, region: null, tokenType: null, idToken: null };
    const found = { accessToken, expiresAt, refreshToken, ...rest };
    expect(await secretSessionStore(secrets, 'work').load()).toEqual({ type: 'found', record: found });
  });
});

describe('a client registration', () => {
  it('is kept by its key until it is forgotten', async () => {
    const store = secretRegistrationStore(memoryStore());
    await store.save('issuer', client);
    expect(await store.load('issuer')).toEqual(client);
    expect(await store.load('other')).toBeNull();
    await store.save('issuer', null);
    expect(await store.load('issuer')).toBeNull();
  });

  it('is absent, without an error, while the keychain is locked', async () => {
    const store = secretRegistrationStore(locked);
    await expect(store.save('issuer', client)).resolves.toBeUndefined();
    expect(await store.load('issuer')).toBeNull();
  });
});
