import { describe, expect, it } from 'vitest';
import { splitPath } from '../../../src/core/britive-path.ts';
import { assignAliases } from '../../../src/providers/britive/aliases.ts';
import type { CatalogueEntry } from '../../../src/providers/britive/entry.ts';
import { idOf, pathOf } from '../../../src/providers/britive/entry.ts';
import { matchPath, named, offersOf } from '../../../src/providers/britive/match.ts';
import { parseListing } from '../../../src/providers/britive/shapes.ts';
import { hours } from '../../support/fake-clock.ts';
import { never } from '../../support/sso-world.ts';
import { BritiveWorld, listing, okOf, origin, profile, record, session } from './world.ts';

const shapeA = [
  {
    appContainerId: 'app-1',
    appName: 'Prod Cloud',
    catalogAppName: 'AWS',
    programmaticAccess: true,
    consoleAccess: true,
    requiresHierarchicalModel: false,
    profiles: [
      {
        profileId: 'pap-1',
        profileName: 'Read Only',
        environments: [
          { environmentId: '210987654321', environmentName: '210987654321 (Blue)', alternateEnvironmentName: 'Blue' },
          { environmentId: '310987654321', environmentName: '310987654321 (Green)', alternateEnvironmentName: 'Green' },
        ],
      },
    ],
  },
];

const shapeB = (count = 3) => ({
  count,
  accesses: [
    { appContainerId: 'app-1', environmentId: '210987654321', papId: 'pap-1' },
    { appContainerId: 'app-1', environmentId: '210987654321', papId: 'pap-1' },
    { appContainerId: 'app-1', environmentId: '310987654321', papId: 'pap-1' },
    { appContainerId: 'gone', environmentId: '310987654321', papId: 'pap-1' },
  ],
  apps: [
    {
      appContainerId: 'app-1',
      catalogAppDisplayName: 'Prod Cloud',
      catalogAppName: 'AWS',
      programmaticAccess: true,
      consoleAccess: true,
    },
  ],
  environments: listing.environments.slice(0, 2),
  profiles: [{ papId: 'pap-1', papName: 'Read Only' }],
});

const pageC = (environmentIds: readonly string[], paging: object = {}) => ({
  ...paging,
  data: environmentIds.map((environmentId) => ({
    papId: 'pap-1',
    environmentId,
    application: {
      appId: 'app-1',
      appName: 'Prod Cloud',
      applicationType: 'AWS',
      programmaticAccess: true,
      consoleAccess: true,
    },
    environment: listing.environments.find((one) => one.environmentId === environmentId),
    profile: { papId: 'pap-1', papName: 'Read Only', extendable: true },
  })),
});

const both = ['210987654321', '310987654321'];
const pagePath = '/api/access?page=0&size=100';

const entries = (body: unknown): readonly CatalogueEntry[] => parseListing(body)?.entries ?? expect.unreachable();
const anyName = ({ papId }: CatalogueEntry) => ({ alias: papId, qualified: `acme.${papId}` });
const plain = (all: readonly CatalogueEntry[]) => all.map((entry) => ({ ...entry, extendable: null }));

const read = (world: BritiveWorld, fresh = true) => {
  const request = { record: record(world.clock), signal: never, fresh };
  return world.drive(world.britive.profiles(session(), request));
};

describe('the listing', () => {
  it('case 38: is the same in its three shapes', () => {
    expect(plain(entries(shapeB()))).toEqual(plain(entries(shapeA)));
    expect(plain(entries(pageC(both)))).toEqual(plain(entries(shapeA)));
    expect(entries(shapeA)).toMatchObject([
      { papId: 'pap-1', environmentId: '210987654321', accountId: '210987654321', alternate: 'Blue', kind: 'aws' },
      { papId: 'pap-1', environmentId: '310987654321', accountId: '310987654321', alternate: 'Green', kind: 'aws' },
    ]);
  });

  it.each([null, 'text', { odd: true }])('is not %j', (body) => {
    expect(parseListing(body)).toBeUndefined();
  });

  it.each([
    ['AWS', 'aws'],
    ['AWS Standalone', 'aws'],
    ['AWS_STANDALONE', 'aws'],
    ['Azure', 'azure'],
    ['GCP Standalone', 'gcp'],
    ['Kubernetes', 'kubernetes'],
    ['Snowflake', 'other'],
    ['constructor', 'other'],
    [undefined, 'other'],
  ])('knows %s as %s', (catalogAppName, kind) => {
    const body = [{ ...shapeA[0], catalogAppName }];
    expect(entries(body)[0]?.kind).toBe(kind);
  });

  it('says where the cluster of a Kubernetes application is', () => {
    const properties = { apiServerUrl: 'https://k8s.example', certificateAuthorityData: 'Q0E=' };
    const body = shapeB();
    const [environment] = body.environments;
    const listed = { ...body, environments: [{ ...environment, profileEnvironmentProperties: properties }] };
    expect(entries(listed)[0]?.cluster).toEqual({ server: 'https://k8s.example', certificateAuthority: 'Q0E=' });
  });
});

describe('the catalogue', () => {
  it('case 38: asks for all of a listing that was cut short', async () => {
    const world = new BritiveWorld();
    world.on('GET', '/api/access?type=sdk', { body: { ...shapeB(9), accesses: shapeB().accesses.slice(0, 1) } });
    world.on('GET', '/api/access?type=sdk&size=18', { body: shapeB() }).on('GET', pagePath, { status: 404 });
    expect(okOf(await read(world))).toHaveLength(2);
  });

  it('adds what only the pages tell, whatever they are', async () => {
    const world = new BritiveWorld().on('GET', '/api/access?type=sdk', { body: shapeB() });
    const paging = { count: 101, size: 100 };
    world.on('GET', pagePath, { body: pageC(both.slice(0, 1), { ...paging, page: 0 }) });
    world.on('GET', '/api/access?page=1&size=100', { body: pageC(both.slice(1), { ...paging, page: 1 }) });
    expect(okOf(await read(world)).map(({ extendable }) => extendable)).toEqual([true, true]);
  });

  it('comes in pages where it is too long for one answer', async () => {
    const world = new BritiveWorld();
    for (let n = 0; n < 5; n++) world.on('GET', '/api/access?type=sdk', { body: ' '.repeat(1024 * 1024 + 1) });
    world.on('GET', pagePath, { body: pageC(both) });
    expect(okOf(await read(world))).toHaveLength(2);
  });

  it('case 37: follows a link to a next page within the tenant, and no other', async () => {
    const world = new BritiveWorld();
    const link = (to: string) => ({ 'next-page': to });
    for (const next of [
      'https://elsewhere.example/api/access?page=1',
      `${origin}.example/api/access`,
      '//x.example/a',
    ]) {
      world.on('GET', '/api/access?type=sdk', { body: shapeB() });
      world.on('GET', pagePath, { body: pageC(both), headers: link(next) });
      await read(world);
    }
    world.on('GET', '/api/access?type=sdk', { body: shapeB() });
    world.on('GET', pagePath, { body: pageC(both.slice(0, 1)), headers: link(`${origin}/api/access?cursor=2`) });
    world.on('GET', '/api/access?cursor=2', {
      body: { ...pageC(both.slice(1)), pagination: { next: '/api/access?cursor=3' } },
    });
    world.on('GET', '/api/access?cursor=3', { body: { ...pageC([]), pagination: { next: '' } } });
    await read(world);
    expect(new Set(world.sent.map(({ url }) => url.origin))).toEqual(new Set([origin]));
  });

  it('is read once for all who ask at the same time', async () => {
    const world = new BritiveWorld()
      .on('GET', '/api/access?type=sdk', { body: shapeB() })
      .on('GET', pagePath, { status: 404 });
    const request = { record: record(world.clock), signal: never, fresh: true };
    const asked = [1, 2, 3].map(() => world.britive.profiles(session(), request));
    expect((await world.drive(Promise.all(asked))).map(({ type }) => type)).toEqual(['ok', 'ok', 'ok']);
  });

  it('is kept for a day', async () => {
    const world = new BritiveWorld();
    world.stored = world.catalogue(undefined, hours(24) - 1);
    expect(okOf(await read(world, false))).toHaveLength(5);
    expect(world.sent).toEqual([]);
    world.clock.advance(1);
    world.on('GET', '/api/access?type=sdk', { body: shapeB() }).on('GET', pagePath, { status: 404 });
    expect(okOf(await read(world, false))).toHaveLength(2);
    expect(world.saved).toHaveLength(1);
  });

  it.each([null, 'text', { entries: [{}], aliases: {}, readAt: 1 }, { entries: [], aliases: {} }])(
    'does not believe a file that says %j',
    async (stored) => {
      const world = new BritiveWorld();
      world.stored = stored;
      world.on('GET', '/api/access?type=sdk', { body: shapeB() }).on('GET', pagePath, { status: 404 });
      expect(okOf(await read(world, false))).toHaveLength(2);
    },
  );

  it('case 35: of one tenant is not found under another', async () => {
    const keys: string[] = [];
    const world = new BritiveWorld();
    world.onLoad = (key) => keys.push(key);
    for (const tenant of ['acme', 'other']) {
      const settings = session({ tenant, baseUrl: `https://${tenant}.britive-app.com` });
      await world.britive.profiles(settings, { record: record(world.clock), signal: never, fresh: false });
    }
    expect(new Set(keys).size).toBe(2);
  });

  it('is asked again for a path that it does not have, and once for each', async () => {
    const world = new BritiveWorld()
      .on('GET', '/api/access?type=sdk', { body: shapeB() })
      .on('GET', pagePath, { status: 404 });
    const verdict = await world.acquire({}, profile({ access: 'Admin' }));
    expect(verdict).toMatchObject({
      type: 'denied',
      why: 'not-found',
      detail: expect.stringContaining('profiles sync'),
    });
  });

  it('guesses nothing where two profiles have one path', async () => {
    const world = new BritiveWorld();
    const twice = shapeB();
    world.stored = world.catalogue({
      ...twice,
      accesses: [...twice.accesses, { appContainerId: 'app-1', environmentId: '210987654321', papId: 'pap-2' }],
      profiles: [...twice.profiles, { papId: 'pap-2', papName: 'read only' }],
    });
    expect(await world.acquire()).toMatchObject({ type: 'denied', detail: expect.stringContaining('2 profiles') });
    expect(world.sent).toEqual([]);
    world.lists([world.row({ papId: 'pap-2' })]).tokens();
    expect((await world.acquire({}, profile({ access: 'pap-2' }))).type).toBe('ok');
  });
});

describe('a path', () => {
  const [entry = expect.unreachable()] = entries(shapeA);

  it.each([
    ['App/Env/Profile', ['App', 'Env', 'Profile']],
    ['App/Profile', ['App', 'App', 'Profile']],
    ['A\\/B/C\\\\/D', ['A/B', 'C\\', 'D']],
    ['App', null],
    ['App//Profile', null],
    ['a/b/c/d', null],
    ['/b/c', null],
    ['', null],
  ])('%s has the parts %j', (path, parts) => {
    expect(splitPath(path)).toEqual(parts);
  });

  it('leads back to where it came from', () => {
    const odd = { ...entry, application: 'A/B', environment: 'C\\', profile: 'D' };
    expect(splitPath(pathOf(odd))).toEqual(['A/B', 'C\\', 'D']);
  });
});

describe('an alias', () => {
  const base = entries(shapeA)[0] ?? expect.unreachable();
  const at = (papId: string, environmentId: string, overrides: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
    ...base,
    papId,
    environmentId,
    ...overrides,
  });
  const blue = at('pap-1', 'env-1', { alternate: 'Blue' });
  const green = at('pap-1', 'env-2', { alternate: 'Green' });
  const other = at('pap-2', 'env-1', { alternate: 'Blue', application: 'Dev.Cloud' });
  const twin = at('pap-3', 'env-1', { alternate: 'Blue', application: 'Dev.Cloud' });
  const twins = at('pap-4', 'env-1', { alternate: 'Blue', application: 'Dev.Cloud' });

  it('is as short as it can be', () => {
    expect(assignAliases([blue, green, other, twin, twins], {})).toEqual({
      'read-only': 'pap-1/env-1',
      'read-only-green': 'pap-1/env-2',
      'read-only-blue': 'pap-2/env-1',
      'dev-cloud-read-only-blue': 'pap-3/env-1',
      'dev-cloud-read-only-blue-2': 'pap-4/env-1',
    });
  });

  it('does not depend on the order of the listing', () => {
    const all = [blue, green, other, twin, twins];
    expect(assignAliases([...all].reverse(), {})).toEqual(assignAliases(all, {}));
  });

  it('leads to the same place whatever comes and goes', () => {
    const before = assignAliases([green], {});
    expect(before).toEqual({ 'read-only': 'pap-1/env-2' });
    const after = assignAliases([blue], before);
    expect(after).toEqual({ 'read-only': 'pap-1/env-2', 'read-only-blue': 'pap-1/env-1' });
    expect(assignAliases([blue, green], after)).toEqual(after);
  });

  it('exists for a name without a letter', () => {
    expect(
      Object.keys(assignAliases([at('p', 'e', { profile: '***', application: '!', alternate: '?' })], {})),
    ).toEqual(['profile-2']);
  });
});

describe('a path of the settings', () => {
  const aliases = Object.entries(assignAliases(entries(shapeA), {}));
  const all = named(entries(shapeA), (entry) => {
    const [alias = ''] = aliases.find(([, id]) => id === idOf(entry)) ?? [];
    return { alias, qualified: alias };
  });
  const found = (path: string) => {
    const match = matchPath(all, splitPath(path) ?? expect.unreachable());
    return match.type === 'one' ? match.entry.alias : match.type;
  };

  it.each([
    ['Prod Cloud/Green/Read Only', 'read-only-green'],
    ['prod cloud/310987654321/read only', 'read-only-green'],
    ['prod cloud/310987654321 (green)/ READ ONLY', 'read-only-green'],
    ['app-1/210987654321/pap-1', 'read-only'],
    ['Prod Cloud/Gree/Read Only', 'none'],
    ['Prod Cloud/Read Only', 'none'],
  ])('%j leads to %s', (path, alias) => {
    expect(found(path)).toBe(alias);
  });

  it('needs two parts where an application is its own environment', () => {
    const hierarchical = entries(shapeA)
      .slice(0, 1)
      .map((entry) => ({ ...entry, hierarchical: true }));
    const parts = splitPath('Prod Cloud/Read Only') ?? expect.unreachable();
    expect(matchPath(named(hierarchical, anyName), parts).type).toBe('one');
  });
});

describe('an offer', () => {
  const at = (papId: string, overrides: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
    ...(entries(shapeA)[0] ?? expect.unreachable()),
    papId,
    ...overrides,
  });
  const partsOf = (...listed: readonly CatalogueEntry[]) => offersOf(named(listed, anyName)).map(({ parts }) => parts);

  it('is made of names', () => {
    expect(partsOf(at('pap-1'), at('pap-2', { profile: 'Admin' }))).toEqual([
      ['Prod Cloud', '210987654321 (Blue)', 'Read Only'],
      ['Prod Cloud', '210987654321 (Blue)', 'Admin'],
    ]);
  });

  it('is made of ids where its names lead to another, too', () => {
    const listed = [at('pap-1'), at('pap-2', { profile: 'read only' })];
    expect(partsOf(...listed)).toEqual([
      ['app-1', '210987654321', 'pap-1'],
      ['app-1', '210987654321', 'pap-2'],
    ]);
    for (const parts of partsOf(...listed)) expect(matchPath(named(listed, anyName), parts).type).toBe('one');
  });

  it('is made of ids where the other name of another environment is its own', () => {
    const other = at('pap-1', { environmentId: 'env-2', environment: 'Two', alternate: '210987654321 (Blue)' });
    expect(partsOf(at('pap-1'), other)).toEqual([
      ['app-1', '210987654321', 'pap-1'],
      ['Prod Cloud', 'Two', 'Read Only'],
    ]);
  });
});

describe('what is checked out', () => {
  const list = async (rows: readonly object[], stored: unknown = undefined) => {
    const world = new BritiveWorld().lists(rows);
    if (stored !== undefined) world.stored = stored;
    return okOf(await world.drive(world.britive.checkouts(session(), { record: record(world.clock), signal: never })));
  };
  const world = () => new BritiveWorld();

  it('has the path that the catalogue knows, whatever its kind of access', async () => {
    const rows = [
      world().row(),
      world().row({ transactionId: 'txn-2', accessType: 'CONSOLE' }),
      world().row({ transactionId: 'txn-3', papId: 'gone' }),
    ];
    const shown = { status: 'checkedOut', live: true, expiresAt: Date.parse('2026-11-21T13:00:00Z') };
    const path = 'Prod Cloud/210987654321 (Blue)/Read Only';
    expect(await list(rows)).toEqual([
      { id: 'pap-1/210987654321', path, access: 'programmatic', transaction: 'txn-1', ...shown },
      { id: 'pap-1/210987654321', path, access: 'console', transaction: 'txn-2', ...shown },
      { id: 'gone/210987654321', path: null, access: 'programmatic', transaction: 'txn-3', ...shown },
    ]);
  });

  it.each([
    ['checkedOut', { live: true }],
    ['checkOutInProgress', { live: false }],
    ['checkInSubmitted', { live: false }],
    ['checkInFailed', { live: true }],
    ['newWord', { live: false }],
    ['checkedIn', null],
    ['checkedInExpired', null],
    ['checkOutFailed', null],
    ['checkOutTimeOut', null],
  ])('%s is shown as %j', async (status, shown) => {
    expect(await list([world().row({ status })])).toMatchObject(shown === null ? [] : [shown]);
    expect(await list([world().row({ status })])).toHaveLength(shown === null ? 0 : 1);
  });

  it('is not what has ended by its time', async () => {
    expect(await list([world().row({ expiration: '2026-11-21T08:59:00Z' })])).toEqual([]);
  });

  const giveBack = (tenant: BritiveWorld, transaction: string) =>
    tenant.drive(tenant.britive.giveBack(session(), { record: record(tenant.clock), signal: never, transaction }));

  it.each([
    [200, {}, { type: 'ok', value: undefined }],
    [400, { errorCode: 'MA-0008' }, { type: 'ok', value: undefined }],
    [404, {}, { type: 'denied', why: 'not-found', detail: 'the checkout is unknown' }],
  ])('is given back by its transaction, which a tenant answers with %i %j', async (status, body, verdict) => {
    const tenant = world().on('PUT', '/api/access/txn%2F9?type=API', { status, body });
    expect(await giveBack(tenant, 'txn/9')).toEqual(verdict);
  });

  it.each(['', '.', '..', '../x', 'x/..', 'x\\..\\y', '\ud800'])(
    'is not asked for by %j, which would lead elsewhere',
    async (name) => {
      const tenant = world();
      expect(await giveBack(tenant, name)).toMatchObject({ type: 'denied', why: 'not-found' });
      expect(tenant.sent).toEqual([]);
    },
  );
});
