import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { BritiveWorld, keys, named, okOf, profile, record, session, target, wish } from './world.ts';

const pending = { status: 'checkOutSubmitted' };

describe('a checkout', () => {
  it('case 9: waits for a row that the list does not show yet, after one POST', async () => {
    const world = new BritiveWorld();
    world.lists([]).posts({ body: world.row(pending) });
    world.lists([], [], [world.row()]).tokens();
    const credentials = okOf(await world.acquire());
    expect(credentials).toEqual({
      accessKeyId: 'ASIAEXAMPLEONLY00001',
      secretAccessKey: 'invented',
      sessionToken: 'invented too',
      expiresAt: Date.parse('2026-11-21T13:00:00Z'),
      accountId: '210987654321',
      roleArn: null,
      transaction: 'txn-1',
    });
    expect(world.count('POST')).toBe(1);
  });

  it('sends what every call needs, and an empty object for nothing to say', async () => {
    const world = new BritiveWorld();
    world.lists([]).posts().tokens();
    await world.acquire();
    const post = world.sent.find(({ method }) => method === 'POST');
    expect(post?.body).toEqual({});
    for (const { headers } of world.sent) {
      expect(headers).toMatchObject({
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: 'Bearer jwt-1',
      });
    }
  });

  it('case 10: waits through every state on the way out, and one that nobody has heard of', async () => {
    const world = new BritiveWorld();
    world.lists([]).posts({ body: world.row(pending) });
    for (const status of ['checkOutSubmitted', 'checkOutInApproval', 'checkOutInProgress', 'checkOutPondering']) {
      world.lists([world.row({ status })]);
    }
    world.lists([world.row()]).tokens();
    expect((await world.acquire()).type).toBe('ok');
    const looks = world.sentTo('/api/access/app-access-status').map(({ at }) => at);
    const waits = looks.map((at, index) => at - (looks[index - 1] ?? at)).slice(2);
    expect(waits).toEqual([1_000, 1_000, 2_000, 2_000]);
  });

  it.each(['checkOutFailed', 'checkOutTimeOut'])('case 11: ends at once with %s, and says why', async (status) => {
    const world = new BritiveWorld();
    world.lists([]).posts({ body: world.row(pending) });
    world.lists([world.row({ status, errorMessage: 'role\n limit reached' })]);
    expect(await world.acquire()).toMatchObject({
      type: 'denied',
      why: 'checkout-failed',
      detail: 'failed: role limit reached',
    });
  });

  it('case 11: ends at once when the POST itself says that it failed', async () => {
    const world = new BritiveWorld();
    world.lists([]).posts({ body: world.row({ status: 'checkOutFailed' }) });
    expect(await world.acquire()).toMatchObject({ type: 'denied', detail: expect.stringContaining('checkOutFailed') });
  });

  it('case 12: takes the checkout of its own environment', async () => {
    const world = new BritiveWorld();
    const green = world.row({ environmentId: '310987654321', transactionId: 'txn-green' });
    world.lists([green, world.row()]).tokens();
    expect(okOf(await world.acquire()).transaction).toBe('txn-1');
    const other = new BritiveWorld();
    other.lists([green, other.row()]).tokens({}, 'txn-green');
    const settings = profile({ environment: '310987654321' });
    expect(okOf(await other.acquire({}, settings))).toMatchObject({
      transaction: 'txn-green',
      accountId: '310987654321',
    });
  });

  it('case 13: makes its own beside a console checkout, which a row without a type is not', async () => {
    const world = new BritiveWorld();
    world
      .lists([world.row({ accessType: 'CONSOLE', transactionId: 'txn-c' })])
      .posts()
      .tokens();
    expect(okOf(await world.acquire()).transaction).toBe('txn-1');
    const older = new BritiveWorld();
    older.lists([older.row({ accessType: undefined })]).tokens();
    expect((await older.acquire()).type).toBe('ok');
    expect(older.count('POST')).toBe(0);
  });

  it('case 14: is made once for two profiles that lead to it at the same time', async () => {
    const world = new BritiveWorld();
    world.lists([], [world.row()]).posts().tokens().tokens();
    const both = ['prod', 'again'].map((name) =>
      world.britive.openProfile(profile({ name }), session()).acquire(world.request()),
    );
    const verdicts = await world.drive(Promise.all(both));
    expect(verdicts.map(({ type }) => type)).toEqual(['ok', 'ok']);
    expect(world.count('POST')).toBe(1);
  });

  it('adopts the one that waits, and the one that lives', async () => {
    const world = new BritiveWorld();
    world.lists([world.row(pending)], [world.row()]).tokens();
    expect((await world.acquire()).type).toBe('ok');
    expect(world.count('POST')).toBe(0);
  });

  it('is made anew where the one in the list is over', async () => {
    const world = new BritiveWorld();
    world
      .lists([world.row({ expiration: '2026-11-21T09:00:00Z' })])
      .posts({ body: world.row({ transactionId: 'txn-2' }) });
    world.tokens({}, 'txn-2');
    expect(okOf(await world.acquire()).transaction).toBe('txn-2');
  });

  it.each([
    ['a lost answer', (world: BritiveWorld) => world.fails('POST', `${target}?accessType=PROGRAMMATIC`, 'ECONNRESET')],
    ['a gateway that gave up', (world: BritiveWorld) => world.posts({ status: 504 })],
    ['half an answer', (world: BritiveWorld) => world.posts({ body: '{"transactionId":"tx' })],
  ])('case 15: adopts what %s has made, and makes no second one', async (_what, lose) => {
    const world = new BritiveWorld();
    world.lists([]);
    lose(world);
    world.lists([], [world.row()]).tokens();
    expect((await world.acquire()).type).toBe('ok');
    expect(world.count('POST')).toBe(1);
  });

  it('case 15: posts once more when three looks have found nothing, and no third time', async () => {
    const world = new BritiveWorld();
    world.lists([]).posts({ status: 502 }).lists([], [], []).posts({ status: 502 }).lists([], [], []);
    expect(await world.acquire()).toMatchObject({ type: 'ambiguous' });
    expect(world.count('POST')).toBe(2);
  });

  it('case 16: adopts what somebody else made in between', async () => {
    const world = new BritiveWorld();
    world.lists([]).refuses(400, 'E1001', 'You have Already checked out profile for this environment.');
    world.lists([world.row({ transactionId: 'theirs' })]).tokens({}, 'theirs');
    expect(okOf(await world.acquire()).transaction).toBe('theirs');
  });

  it('case 16: leaves alone for a while what it is told of and cannot see', async () => {
    const world = new BritiveWorld();
    for (let round = 0; round < 3; round++) {
      world.lists([]).refuses(400, 'E1001', 'already checked out profile for this environment');
    }
    const verdict = await world.acquire();
    expect(verdict).toEqual({ type: 'not-yet', retryAt: world.clock.now() + seconds(30) });
  });

  it('case 21: waits 40 s for the last one to be given back', async () => {
    const world = new BritiveWorld();
    const leaving = world.row({ status: 'checkedOut', checkedIn: '2026-11-21T08:59:59Z' });
    world
      .lists(...Array.from({ length: 21 }, () => [leaving]), [])
      .posts()
      .tokens();
    const begun = world.clock.now();
    expect((await world.acquire()).type).toBe('ok');
    expect(world.clock.now() - begun).toBeGreaterThanOrEqual(seconds(39));
  });

  it('does not wait for ever for one that is being given back', async () => {
    const world = new BritiveWorld();
    const leaving = world.row({ status: 'checkInInProgress' });
    world.agent
      .get('https://acme.britive-app.com')
      .intercept({ path: '/api/access/app-access-status' })
      .reply(200, [leaving])
      .persist();
    const begun = world.clock.now();
    expect((await world.acquire()).type).toBe('not-yet');
    expect(world.clock.now() - begun).toBeLessThan(seconds(95));
    expect(world.count('POST')).toBe(0);
  });

  it('tries once more to give back one that could not be', async () => {
    const world = new BritiveWorld();
    world.lists([world.row({ status: 'checkInFailed' })]).on('PUT', '/api/access/txn-1?type=API');
    world
      .lists([])
      .posts({ body: world.row({ transactionId: 'txn-2' }) })
      .tokens({}, 'txn-2');
    expect(okOf(await world.acquire()).transaction).toBe('txn-2');
  });

  it('tries that only once', async () => {
    const world = new BritiveWorld();
    const stuck = world.row({ status: 'checkInTimeOut' });
    world.lists([stuck]).on('PUT', '/api/access/txn-1?type=API', { status: 400, body: { errorCode: 'CI-0001' } });
    world.tokens({ status: 400, body: { errorCode: 'MA-0008' } }).lists([stuck], [stuck], []);
    world.posts({ body: world.row({ transactionId: 'txn-2' }) }).tokens({}, 'txn-2');
    expect(okOf(await world.acquire()).transaction).toBe('txn-2');
    expect(world.count('PUT')).toBe(1);
  });

  it('is left for the next call where it does not come within three minutes', async () => {
    const world = new BritiveWorld();
    world.agent
      .get('https://acme.britive-app.com')
      .intercept({ path: '/api/access/app-access-status' })
      .reply(200, [world.row({ status: 'checkOutInProgress' })])
      .persist();
    const begun = world.clock.now();
    expect(await world.acquire()).toMatchObject({ type: 'transient', why: 'timeout' });
    expect(world.clock.now() - begun).toBe(seconds(180));
  });

  it('stops when told to', async () => {
    const world = new BritiveWorld();
    const controller = new AbortController();
    world.lists([world.row(pending)]);
    const acquired = world.acquire({ signal: controller.signal });
    world.clock.after(400, () => controller.abort());
    expect(await acquired).toMatchObject({ type: 'transient', why: 'aborted' });
  });

  it('stops while another one for the same has its turn', async () => {
    const world = new BritiveWorld();
    world.lists([world.row(pending)], [world.row()]).tokens();
    const controller = new AbortController();
    const opened = world.britive.openProfile(profile(), session());
    const first = opened.acquire(world.request());
    const second = opened.acquire(world.request({ signal: controller.signal }));
    world.clock.after(100, () => controller.abort());
    expect(await world.drive(second)).toMatchObject({ type: 'transient', why: 'aborted' });
    expect((await world.drive(first)).type).toBe('ok');
  });

  it('needs somebody signed in', async () => {
    const world = new BritiveWorld();
    expect(await world.acquire({ record: null })).toMatchObject({ type: 'unauthorized' });
    expect(world.sent).toEqual([]);
  });
});

describe('the tokens of a checkout', () => {
  it('are asked for until they are ready', async () => {
    const world = new BritiveWorld();
    world.lists([world.row()]).tokens({ status: 404 }).tokens({ status: 404 }).tokens();
    expect((await world.acquire()).type).toBe('ok');
  });

  it('are given up after 30 s', async () => {
    const world = new BritiveWorld();
    world.lists([world.row()]);
    world.agent
      .get('https://acme.britive-app.com')
      .intercept({ path: '/api/access/txn-1/tokens' })
      .reply(404, {})
      .persist();
    const begun = world.clock.now();
    expect(await world.acquire()).toMatchObject({ type: 'transient', why: 'timeout' });
    expect(world.clock.now() - begun).toBe(seconds(30));
  });

  it('of one that was given back lead to another checkout, once', async () => {
    const world = new BritiveWorld();
    const gone = { status: 400, body: { errorCode: 'MA-0008', message: 'checked in' } };
    world.lists([world.row()]).tokens(gone).lists([]).posts().tokens(gone);
    expect(await world.acquire()).toMatchObject({ type: 'transient', why: 'aborted' });
    expect(world.count('POST')).toBe(1);
  });

  it('end with the checkout, or before it', async () => {
    for (const [row, own, ends] of [
      ['2026-11-21 13:00:00', '2026-11-21T12:30:00.000+00:00', '12:30'],
      ['2026-11-21T12:15:00Z', '2026-11-21T14:00:00+01:00', '12:15'],
      ['soon', '2026-11-21T14:30:00+0100', '13:30'],
    ] as const) {
      const world = new BritiveWorld();
      world.lists([world.row({ expiration: row })]).tokens({ body: keys(own) });
      expect(okOf(await world.acquire()).expiresAt).toBe(Date.parse(`2026-11-21T${ends}:00Z`));
    }
  });

  it('without an end are not handed out', async () => {
    const world = new BritiveWorld();
    world.lists([world.row({ expiration: null })]).tokens({ body: keys('whenever') });
    expect(await world.acquire()).toMatchObject({ type: 'transient', why: 'bad-body' });
  });
});

describe('a forced checkout', () => {
  it('case 20: is given back, waited for and made anew', async () => {
    const world = new BritiveWorld();
    const asked = wish({ force: true });
    world
      .lists([world.row()])
      .on('PUT', '/api/access/txn-1?type=API', { body: world.row({ status: 'checkInSubmitted' }) });
    world.lists([world.row({ status: 'checkInSubmitted' })], []);
    world.posts({ body: world.row({ transactionId: 'txn-2' }) }).tokens({}, 'txn-2');
    expect(okOf(await world.acquire({ wish: asked })).transaction).toBe('txn-2');
    expect(named(asked)).toEqual(['checkin.wait', 'checkin.done', 'checkout.post', 'checkout.ready']);
  });

  it('is an ordinary one where nothing is checked out', async () => {
    const world = new BritiveWorld();
    world.lists([]).posts().tokens();
    expect((await world.acquire({ wish: wish({ force: true }) })).type).toBe('ok');
    expect(world.count('PUT')).toBe(0);
  });

  it('keeps what cannot be given back, and says so', async () => {
    const world = new BritiveWorld();
    const asked = wish({ force: true });
    world.lists([world.row()]).on('PUT', '/api/access/txn-1?type=API', { status: 400, body: { errorCode: 'CI-0001' } });
    world.tokens();
    expect(okOf(await world.acquire({ wish: asked })).transaction).toBe('txn-1');
    expect(named(asked)).toEqual(['checkin.wait', 'checkin.failed', 'checkout.ready']);
  });

  it('is not taken from somebody who was faster', async () => {
    const world = new BritiveWorld();
    world.lists([world.row()]).on('PUT', '/api/access/txn-1?type=API', { status: 404 }).lists([]);
    world.refuses(400, 'E1001', 'already checked out profile for this environment');
    world.lists([world.row({ transactionId: 'theirs' })]).tokens({}, 'theirs');
    expect(okOf(await world.acquire({ wish: wish({ force: true }) })).transaction).toBe('theirs');
    expect(world.count('PUT')).toBe(1);
  });
});

describe('an extension', () => {
  const extendable = (world: BritiveWorld) => {
    const catalogue = world.catalogue();
    world.stored = { ...catalogue, entries: catalogue.entries?.map((entry) => ({ ...entry, extendable: true })) };
    return { transaction: 'txn-1', expiresAt: world.clock.now() };
  };

  it('prolongs the checkout that is held once it is due, and fetches its tokens', async () => {
    const world = new BritiveWorld();
    const checkout = extendable(world);
    world.clock.advance(minutes(2 * 60 + 45));
    world.lists([world.row()]).on('PATCH', '/api/access/extensions/txn-1');
    world.lists([world.row({ expiration: '2026-11-21T14:00:00Z', currentExtensionIndex: 1 })]);
    world.tokens({ body: keys('2026-11-21T14:00:00Z') });
    expect(okOf(await world.acquire({ checkout })).expiresAt).toBe(Date.parse('2026-11-21T14:00:00Z'));
    expect(world.count('POST')).toBe(0);
  });

  it.each([400, 503])('that is refused (%i) leaves the checkout as it was', async (status) => {
    const world = new BritiveWorld();
    const checkout = extendable(world);
    world.clock.advance(minutes(2 * 60 + 45));
    world.lists([world.row()]).on('PATCH', '/api/access/extensions/txn-1', { status }).lists([world.row()]).tokens();
    expect(okOf(await world.acquire({ checkout })).expiresAt).toBe(Date.parse('2026-11-21T13:00:00Z'));
  });

  it('is not spent on one that is only found again', async () => {
    const world = new BritiveWorld();
    const checkout = extendable(world);
    world.clock.advance(minutes(2 * 60 + 44));
    world.lists([world.row()]).tokens();
    expect((await world.acquire({ checkout })).type).toBe('ok');
    expect(world.count('PATCH')).toBe(0);
  });

  it('is not spent on a checkout that somebody else has made', async () => {
    const world = new BritiveWorld();
    const checkout = { ...extendable(world), transaction: 'txn-before' };
    world.clock.advance(minutes(3 * 60));
    world.lists([world.row()]).tokens();
    expect(okOf(await world.acquire({ checkout })).transaction).toBe('txn-1');
    expect(world.count('PATCH')).toBe(0);
  });

  it('is how such a profile is renewed, which others are not', async () => {
    const [plain, longer] = [new BritiveWorld(), new BritiveWorld()];
    extendable(longer);
    expect(plain.britive.openProfile(profile(), session()).renewal).toBe('exclusive');
    expect(longer.britive.openProfile(profile(), session()).renewal).toBe('extend');
  });
});

describe('giving a checkout back', () => {
  const release = (world: BritiveWorld) => {
    const checkout = { transaction: 'txn-1', expiresAt: world.clock.now() };
    const request = { record: record(world.clock), checkout, signal: new AbortController().signal };
    return world.drive(world.britive.openProfile(profile(), session()).release(request));
  };

  it.each([
    [200, {}],
    [404, { message: 'no' }],
    [400, { errorCode: 'MA-0008' }],
  ])('is done with %i %j', async (status, body) => {
    const world = new BritiveWorld().on('PUT', '/api/access/txn-1?type=API', { status, body });
    expect((await release(world)).type).toBe('ok');
  });

  it('is tried again, since it may be repeated', async () => {
    const world = new BritiveWorld().fails('PUT', '/api/access/txn-1?type=API', 'ECONNRESET');
    world.on('PUT', '/api/access/txn-1?type=API');
    expect((await release(world)).type).toBe('ok');
  });
});

describe('a tenant in trouble', () => {
  it('case 31: is waited for as long as it asks', async () => {
    const world = new BritiveWorld();
    world
      .lists([])
      .posts({ status: 429, headers: { 'retry-after': '2' } })
      .posts()
      .tokens();
    expect((await world.acquire()).type).toBe('ok');
    const [first, second] = world.sent.filter(({ method }) => method === 'POST');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(seconds(2));
  });

  it('case 31: is waited for as long as it asks while a checkout is under way', async () => {
    const world = new BritiveWorld();
    world.lists([]).posts({ body: world.row(pending) });
    world.on('GET', '/api/access/app-access-status', { status: 429, headers: { 'retry-after': '20' } });
    world.lists([world.row()]).tokens();
    expect((await world.acquire()).type).toBe('ok');
    const [, second, third] = world.sentTo('/api/access/app-access-status');
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThanOrEqual(seconds(20));
  });

  it.each([
    [5, 'ok'],
    [6, 'transient'],
  ])('case 32: %i failures in a row while waiting make it %s', async (count, type) => {
    const world = new BritiveWorld();
    world.lists([]).posts({ body: world.row(pending) });
    for (let n = 0; n < count; n++) world.on('GET', '/api/access/app-access-status', { status: 500 });
    if (type === 'ok') world.lists([world.row()]).tokens();
    expect((await world.acquire()).type).toBe(type);
    expect(world.count('POST')).toBe(1);
  });

  it('case 33: is left alone during maintenance, which is told in its own words', async () => {
    const world = new BritiveWorld();
    const body = { errorCode: 'MAINT0001', message: 'Back at 10' };
    world.on('GET', '/api/access/app-access-status', { status: 503, body });
    expect(await world.acquire()).toEqual({
      type: 'transient',
      why: 'maintenance',
      detail: 'Back at 10',
      retryAfterMs: 60_000,
    });
    expect(world.sent).toHaveLength(1);
  });

  it('case 37: gets no token sent anywhere else', async () => {
    const world = new BritiveWorld();
    const headers = { location: 'https://elsewhere.example/api/access/app-access-status' };
    for (let n = 0; n < 5; n++) world.on('GET', '/api/access/app-access-status', { status: 302, headers });
    expect(await world.acquire()).toMatchObject({ type: 'transient', why: 'captive-portal' });
    expect(new Set(world.sent.map(({ url }) => url.origin))).toEqual(new Set(['https://acme.britive-app.com']));
  });
});

describe('ids', () => {
  const renamed = {
    count: 1,
    accesses: [{ appContainerId: 'app-1', environmentId: '210987654321', papId: 'pap-9' }],
    apps: [{ appContainerId: 'app-1', catalogAppDisplayName: 'Prod Cloud', catalogAppName: 'AWS' }],
    environments: [{ environmentId: '210987654321', environmentName: 'x', alternateEnvironmentName: 'Blue' }],
    profiles: [{ papId: 'pap-9', papName: 'Read Only' }],
  };

  it('that are refused are looked up once more', async () => {
    const world = new BritiveWorld();
    world.lists([]).refuses(404, null).on('GET', '/api/access?type=sdk', { body: renamed });
    world.on('GET', '/api/access?page=0&size=100', { status: 404 }).lists([]);
    const path = '/api/access/pap-9/environments/210987654321';
    world.posts({ body: world.row({ papId: 'pap-9' }) }, path).tokens();
    expect((await world.acquire()).type).toBe('ok');
  });

  it('that are still the same are refused for good', async () => {
    const world = new BritiveWorld();
    const { listing } = await import('./world.ts');
    world.lists([]).refuses(404, null).on('GET', '/api/access?type=sdk', { body: listing });
    world.on('GET', '/api/access?page=0&size=100', { status: 404 });
    expect(await world.acquire()).toMatchObject({ type: 'denied', why: 'not-found' });
    expect(world.count('POST')).toBe(1);
  });

  it('that are new are not looked up again', async () => {
    const world = new BritiveWorld();
    world.stored = world.catalogue(undefined, seconds(59));
    world.lists([]).refuses(400, 'E1002');
    expect(await world.acquire()).toMatchObject({ type: 'denied', why: 'bad-request' });
  });

  it('come from a day-old catalogue where the tenant cannot be asked for another', async () => {
    const world = new BritiveWorld();
    world.stored = world.catalogue(undefined, hours(25));
    for (let n = 0; n < 5; n++) {
      world
        .on('GET', '/api/access?type=sdk', { status: 503 })
        .on('GET', '/api/access?page=0&size=100', { status: 503 });
    }
    world.lists([world.row()]).tokens();
    expect((await world.acquire()).type).toBe('ok');
  });
});
