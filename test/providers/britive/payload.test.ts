import { describe, expect, it } from 'vitest';
import { parseTokens } from '../../../src/providers/britive/payload.ts';
import { parseTime } from '../../../src/providers/britive/timestamps.ts';
import type { AcquireRequest } from '../../../src/providers/britive/types.ts';
import { never } from '../../support/sso-world.ts';
import { BritiveWorld, keys, named, okOf, profile, record, session, wish } from './world.ts';

const azureTexts = { tenantId: 't', appId: 'a', cliLogin: 'az login …', powershellScript: 'Connect-AzAccount …' };
const azure = (secretText: string) => ({ key: JSON.stringify({ ...azureTexts, secretText }) });
const keyFile = { type: 'service_account', client_email: 'sa@project.example', private_key: 'invented' };

describe('the tokens of', () => {
  it.each(['accessKeyID', 'accessKeyId', 'AccessKeyId'])('AWS are read however it spells %s', (spelling) => {
    const { accessKeyID, ...others } = keys();
    expect(parseTokens('aws', { ...others, [spelling]: accessKeyID, region: 'eu-west-1' })).toEqual({
      value: {
        kind: 'aws',
        accessKeyId: 'ASIAEXAMPLEONLY00001',
        secretAccessKey: 'invented',
        sessionToken: 'invented too',
        region: 'eu-west-1',
      },
      expiresAt: Date.parse('2026-11-21T13:00:00Z'),
    });
  });

  it.each(['accessKeyID', 'secretAccessKey', 'sessionToken'])('AWS are incomplete without %s', (name) => {
    expect(parseTokens('aws', { ...keys(), [name]: '' })).toBe('incomplete');
    expect(parseTokens('aws', { ...keys(), [name]: undefined })).toBe('incomplete');
  });

  it('Azure come as a text within an object', () => {
    expect(parseTokens('azure', azure('s'))).toEqual({
      value: { kind: 'azure', ...azureTexts, secretText: 's' },
      expiresAt: null,
    });
    expect(parseTokens('azure', azure(''))).toBe('incomplete');
    expect(parseTokens('azure', { key: '{"half' })).toBe('incomplete');
  });

  it('GCP come as a text within an object, and are a key file', () => {
    const tokens = parseTokens('gcp', { 'sa@project.example': JSON.stringify(keyFile) });
    expect(tokens).toMatchObject({ value: { kind: 'gcp', clientEmail: 'sa@project.example' } });
    const { value } = tokens as { value: { keyFile: string } };
    expect(JSON.parse(value.keyFile)).toEqual(keyFile);
    expect(parseTokens('gcp', { x: '{}' })).toBe('incomplete');
  });

  it('Kubernetes are a token with an end', () => {
    expect(parseTokens('kubernetes', { jwt: 'j', expirationTime: '2026-11-21T09:15:00Z' })).toEqual({
      value: { kind: 'kubernetes', token: 'j' },
      expiresAt: Date.parse('2026-11-21T09:15:00Z'),
    });
    expect(parseTokens('kubernetes', {})).toBe('incomplete');
  });

  it('anything else are texts under their names', () => {
    expect(parseTokens('other', { user: 'u', port: 5432, nested: { a: 1 }, none: null })).toEqual({
      value: { kind: 'other', fields: { user: 'u', port: '5432', nested: '{"a":1}' } },
      expiresAt: null,
    });
    expect(parseTokens('other', {})).toBe('incomplete');
  });

  it.each(['aws', 'azure', 'gcp', 'kubernetes', 'other'] as const)('%s are never a list or a word', (kind) => {
    expect(parseTokens(kind, [])).toBeUndefined();
    expect(parseTokens(kind, 'text')).toBeUndefined();
    expect(parseTokens(kind, null)).toBeUndefined();
  });
});

describe('a profile that is not of AWS', () => {
  const azureProfile = profile({ name: 'az', application: 'Azure', environment: 'Sub', access: 'Reader' });
  const row = (world: BritiveWorld, transactionId: string) =>
    world.row({ papId: 'pap-az', environmentId: 'env-az', transactionId });
  const path = '/api/access/pap-az/environments/env-az';
  const issue = (world: BritiveWorld, asked = wish()) =>
    world.drive(world.britive.openProfile(azureProfile, session()).issue(world.request({ wish: asked })));

  it('yields what its application yields', async () => {
    const world = new BritiveWorld().lists([]);
    world.posts({ body: row(world, 'txn-1') }, path).tokens({ body: azure('s') });
    expect(okOf(await issue(world))).toMatchObject({ transaction: 'txn-1', value: { kind: 'azure', secretText: 's' } });
  });

  /** The running checkout is given back for one that shows this. */
  function secretOnce(secret: string): BritiveWorld {
    const world = new BritiveWorld();
    world
      .lists([row(world, 'txn-1')])
      .on('PUT', '/api/access/txn-1?type=API')
      .lists([]);
    world.posts({ body: row(world, 'txn-2') }, path).tokens({ body: azure(secret) }, 'txn-2');
    return world;
  }

  it('case 30: whose secret is shown no more is checked in and out once, by who says so', async () => {
    const world = secretOnce('s');
    const asked = wish({ force: true });
    expect(okOf(await issue(world, asked)).transaction).toBe('txn-2');
    expect(named(asked)).toEqual(['checkin.wait', 'checkin.done', 'checkout.post', 'checkout.ready']);
  });

  it('case 30: whose secret is never shown is given up', async () => {
    const world = secretOnce('');
    expect(await issue(world, wish({ force: true }))).toMatchObject({ type: 'denied' });
    expect(world.count('PUT')).toBe(1);
  });

  it('case 30: ends nobody else’s secret unasked', async () => {
    const world = new BritiveWorld();
    world.lists([row(world, 'txn-1')]).tokens({ body: azure('') });
    expect(await issue(world)).toEqual({
      type: 'denied',
      why: 'checkout-failed',
      detail: 'shows its secret once; --force makes a new one and ends the old secret',
    });
    expect(world.count('PUT')).toBe(0);
  });

  describe('whose secret was shown here', () => {
    const shown = async () => {
      const world = new BritiveWorld().lists([]);
      world.posts({ body: row(world, 'txn-1') }, path).tokens({ body: azure('s') });
      await issue(world);
      return world;
    };
    /** Asked for the second time, when the tenant shows it no more. */
    const again = (world: BritiveWorld, overrides: Partial<AcquireRequest> = {}) => {
      world.lists([row(world, 'txn-1')]).tokens({ body: azure('') });
      const request = world.request({ wish: wish(), ...overrides });
      return world.drive(world.britive.openProfile(azureProfile, session()).issue(request));
    };

    it('yields it again', async () => {
      const world = await shown();
      expect(okOf(await again(world))).toMatchObject({ transaction: 'txn-1', value: { secretText: 's' } });
      expect(world.count('PUT')).toBe(0);
    });

    it('yields another where somebody asks for it', async () => {
      const world = await shown();
      world
        .lists([row(world, 'txn-1')])
        .on('PUT', '/api/access/txn-1?type=API')
        .lists([]);
      world.posts({ body: row(world, 'txn-2') }, path).tokens({ body: azure('new') }, 'txn-2');
      expect(okOf(await issue(world, wish({ force: true })))).toMatchObject({ value: { secretText: 'new' } });
      expect(await again(world)).toMatchObject({ type: 'denied' });
    });

    it('yields it to nobody after a sign-out', async () => {
      const world = await shown();
      world.britive.openSession(session()).forget?.();
      expect(await again(world)).toMatchObject({ type: 'denied' });
    });

    it('yields it to nobody else', async () => {
      const world = await shown();
      const other = record(world.clock, { accessToken: 'jwt-2' });
      expect(await again(world, { record: other })).toMatchObject({ type: 'denied' });
    });

    it('yields it no more once it was given back', async () => {
      const world = (await shown()).on('PUT', '/api/access/txn-1?type=API');
      const request = { record: record(world.clock), signal: never, transaction: 'txn-1' };
      await world.drive(world.britive.giveBack(session(), request));
      expect(await again(world)).toMatchObject({ type: 'denied' });
    });
  });

  it('hands nothing to an SDK, says what it is for, and is not checked out for that', async () => {
    const world = new BritiveWorld();
    expect(await world.acquire({}, azureProfile)).toMatchObject({
      type: 'denied',
      why: 'bad-request',
      detail: expect.stringContaining('checkout -o json'),
    });
    expect(world.sent).toEqual([]);
  });
});

describe('an incomplete AWS answer', () => {
  it('checks nothing in behind the back of who holds the keys', async () => {
    const world = new BritiveWorld().lists([]);
    world.posts().tokens({ body: { ...keys(), secretAccessKey: '' } });
    expect(await world.acquire()).toMatchObject({ type: 'denied' });
    expect(world.count('PUT')).toBe(0);
  });
});

describe('the console', () => {
  const openConsole = (world: BritiveWorld) =>
    world.drive(world.britive.openProfile(profile(), session()).openConsole(world.request({ wish: wish() })));
  const post = '/api/access/pap-1/environments/210987654321?accessType=CONSOLE';
  const url = 'https://signin.example/federation?SigninToken=x';

  it.each([
    ['an object', { url, idpName: null }],
    ['a JSON string', JSON.stringify(url)],
    ['a bare string', url],
  ])('opens with an address in %s, beside a checkout of the API', async (_what, body) => {
    const world = new BritiveWorld();
    world.lists([world.row()]).on('POST', post, { body: world.row({ transactionId: 'txn-c', accessType: 'CONSOLE' }) });
    world.on('GET', '/api/access/txn-c/url', { body });
    expect(okOf(await openConsole(world))).toMatchObject({ transaction: 'txn-c', value: url });
  });

  it.each(['http://signin.example/', 'javascript:alert(1)', 'somewhere'])('does not open with %s', async (bad) => {
    const world = new BritiveWorld();
    world.lists([world.row({ transactionId: 'txn-c', accessType: 'CONSOLE' })]);
    for (let n = 0; n < 6; n++) world.on('GET', '/api/access/txn-c/url', { body: { url: bad } });
    expect(await openConsole(world)).toMatchObject({ type: 'transient', why: 'bad-body' });
  });

  it('is all that some profiles open, and their refusal says so', async () => {
    const world = new BritiveWorld().lists([]);
    world.refuses(400, 'E1001', 'Programmatic access is not enabled');
    expect(await world.acquire()).toMatchObject({ type: 'denied', detail: expect.stringContaining('console only') });
  });
});

describe('a time', () => {
  const at = Date.parse('2027-02-03T14:05:06Z');
  it.each([
    ['2027-02-03T14:05:06Z', at],
    ['2027-02-03t14:05:06z', at],
    ['2027-02-03T14:05:06.789Z', at + 789],
    ['2027-02-03T14:05:06.7891234Z', at + 789],
    ['2027-02-03T15:05:06+01:00', at],
    ['2027-02-03T15:05:06+0100', at],
    ['2027-02-03T12:05:06.5-02:00', at + 500],
    ['2027-02-03 14:05:06', at],
    ['2027-02-03T14:05:06', at],
    ['2027-02-30', null],
    ['2027-13-03T14:05:06Z', null],
    ['soon', null],
    ['', null],
    [1_800_000_000, null],
    [null, null],
  ])('%j is %j', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });
});
