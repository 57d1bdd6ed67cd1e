import { describe, expect, it } from 'vitest';
import { parseObject } from '../../src/adapters/json.ts';
import { fileOf, recordOf, ssoCacheFileName } from '../../src/adapters/sso-cache-format.ts';
import { epoch } from '../../src/core/types.ts';

const identity = { startUrl: 'https://example.awsapps.com/start', region: 'us-east-1' };
const at = (time: string) => epoch(Date.parse(time));

const record = {
  accessToken: 'at',
  expiresAt: at('2030-01-01T00:00:00.999Z'),
  refreshToken: 'rt',
  client: { clientId: 'id', clientSecret: 'secret', expiresAt: at('2030-03-01T00:00:00Z') },
  region: 'eu-west-1',
  tokenType: null,
  idToken: null,
};

describe('the name of a token file', () => {
  // Case 20. Defect 2: it is the session's name that counts, so that two sessions of one start URL have two files.
  it.each([
    ['my-sso', '0ad374308c5a4e22f723adf10145eafad7c4031c.json'],
    ['admin', 'd033e22ae348aeb5660fc2140aec35850c4da997.json'],
  ])('is the hash of %s', (key, name) => {
    expect(ssoCacheFileName(key)).toBe(name);
  });

  it('follows every character of a legacy start URL', () => {
    const names = ['/start', '/start/', '/start/#'].map((path) => ssoCacheFileName(`https://x.awsapps.com${path}`));
    expect(new Set(names).size).toBe(3);
  });
});

describe('reading a token file', () => {
  // Case 14, defect 10
  it.each([
    ['2030-01-01T00:00:00Z', '2030-01-01T00:00:00.000Z'],
    ['2030-01-01T00:00:00.123Z', '2030-01-01T00:00:00.123Z'],
    ['2030-01-01T00:00:00.123456Z', '2030-01-01T00:00:00.123Z'],
    ['2030-01-01T01:00:00+01:00', '2030-01-01T00:00:00.000Z'],
    ['2029-12-31T19:00:00-0500', '2030-01-01T00:00:00.000Z'],
    ['2030-01-01T00:00:00UTC', '2030-01-01T00:00:00.000Z'],
    ['2030-01-01 00:00:00 UTC', '2030-01-01T00:00:00.000Z'],
    ['2030-01-01T00:00:00', '2030-01-01T00:00:00.000Z'],
  ])('case 14: understands the time %s', (expiresAt, iso) => {
    expect(recordOf({ accessToken: 'a', expiresAt })?.expiresAt).toBe(Date.parse(iso));
  });

  it.each(['', 'soon', '2030-01-01', '2030-13-01T00:00:00Z', 1893456000, null, undefined])(
    'finds no session in a file that expires at %j',
    (expiresAt) => {
      expect(recordOf({ accessToken: 'a', expiresAt })).toBeNull();
    },
  );

  it.each([undefined, '', 7])('finds no session in a file with the access token %j', (accessToken) => {
    expect(recordOf({ accessToken, expiresAt: '2030-01-01T00:00:00Z' })).toBeNull();
  });

  it.each([undefined, '', 'auto-login'])('finds no refresh token in %j', (refreshToken) => {
    const file = { accessToken: 'a', expiresAt: '2030-01-01T00:00:00Z', refreshToken };
    expect(recordOf(file)?.refreshToken).toBeNull();
  });

  it.each(['clientId', 'clientSecret', 'registrationExpiresAt'])('finds no registration without %s', (missing) => {
    const file = parseObject(fileOf(record, identity, {})) ?? {};
    expect(recordOf(file)?.client).toEqual(record.client);
    expect(recordOf({ ...file, [missing]: undefined })?.client).toBeNull();
  });
});

describe('writing a token file', () => {
  it('writes the eight fields and the one kind of time that every tool reads', () => {
    expect(JSON.parse(fileOf(record, identity, {}))).toEqual({
      startUrl: 'https://example.awsapps.com/start',
      region: 'eu-west-1',
      accessToken: 'at',
      expiresAt: '2030-01-01T00:00:00Z',
      clientId: 'id',
      clientSecret: 'secret',
      registrationExpiresAt: '2030-03-01T00:00:00Z',
      refreshToken: 'rt',
    });
  });

  it('case 18: keeps what it does not know, and nothing old of what it does', () => {
    const existing = { accessToken: 'old', refreshToken: 'old', clientId: 'old', profile: 'x', nested: { a: [1] } };
    const bare = { ...record, refreshToken: null, client: null, region: null };
    expect(JSON.parse(fileOf(bare, identity, existing))).toEqual({
      profile: 'x',
      nested: { a: [1] },
      startUrl: 'https://example.awsapps.com/start',
      region: 'us-east-1',
      accessToken: 'at',
      expiresAt: '2030-01-01T00:00:00Z',
    });
  });
});
