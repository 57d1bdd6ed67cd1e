/**
 * What a tool that signs in to an issuer owes its user, line by line: the two changes that taught one such tool not to
 * log people out (359 and 361), the weak spots they left, and the broker's whole path over this provider.
 */
import { describe, expect, it } from 'vitest';
import { epoch, type SessionRecord } from '../../../src/core/types.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { loginRequest } from '../../support/sso-world.ts';
import { loginOptions } from '../../support/test-broker.ts';
import { brokerOver } from './broker.ts';
import { formsOf, openWorld, recordOf, signedInWorld } from './world.ts';

type Knobs = Parameters<typeof signedInWorld>[0];

/** Somebody who has signed in, and the daemon that holds what came of it. */
const running = async (knobs: Knobs = {}, change: (record: SessionRecord) => SessionRecord = (record) => record) => {
  const parts = await signedInWorld(knobs);
  const daemon = await brokerOver(parts.world, parts.session, change(parts.record));
  const calls = (operation: 'IssuerApi' | 'IssuerAuthorize') => parts.world.emulator.journal.calls(operation).length;
  const refreshes = () =>
    formsOf(parts.world, 'IssuerToken').filter((form) => form['grant_type'] === 'refresh_token').length;
  return { ...parts, ...daemon, calls, refreshes };
};

const loginCommand = 'Run: credbroker login work';

describe('359: a session that cannot be refreshed', () => {
  it('is stored without a refresh token, never with a placeholder', async () => {
    const world = await openWorld({ placeholder: 'auto-login' });
    expect((await world.signedIn(world.session())).refreshToken).toBeNull();
    const pasted = await world.drive(world.session().login({ ...loginRequest('browser'), token: 'opaque' }));
    expect(recordOf(pasted).refreshToken).toBeNull();
  });

  it('is announced once, in one line that names the command', async () => {
    const { broker, call, pass, notices } = await running({ refreshTokens: 'never' });
    expect(await call()).toBe('served');
    expect(broker.sessions()[0]?.refreshable).toBe(false);
    await pass(minutes(58));
    const endings = notices.filter(({ kind }) => kind === 'session-ending');
    expect(new Set(endings.map((notice) => notice.message)).size).toBe(endings.length);
    expect(endings[0]?.message).toMatch(/^Session "work" ends in \d+ min\. Run: credbroker login work$/);
  });

  it('with the placeholder of an older tool asks no issuer in vain', async () => {
    const { call, pass, refreshes } = await running({}, (record) => ({ ...record, refreshToken: 'auto-login' }));
    await call();
    await pass(minutes(59) + seconds(40));
    await call();
    expect(refreshes()).toBe(0);
  });

  it('answers with nothing once it has expired, not with the dead token', async () => {
    const { world, call, pass, calls } = await running({ refreshTokens: 'never' });
    await pass(hours(1));
    world.browse = () => false;
    const before = calls('IssuerApi');
    expect(await call()).toMatch(/Run: credbroker login work$/);
    expect(calls('IssuerApi')).toBe(before);
  });
});

describe('359: an API that refuses the access token', () => {
  it.each([401, 403] as const)('with %i causes one refresh and one retry', async (apiRefusal) => {
    const { world, call, calls, refreshes } = await running({ apiRefusal });
    world.clock.advance(minutes(2));
    world.issuer.people.revokeAccessTokens();
    expect(await call()).toBe('served');
    expect(refreshes()).toBe(1);
    expect(calls('IssuerApi')).toBe(2);
  });

  it.each([401, 403] as const)('with %i does so where the issuer has no userinfo, too', async (apiRefusal) => {
    const { world, call, calls, refreshes } = await running({ apiRefusal, metadata: { userinfo_endpoint: undefined } });
    world.clock.advance(minutes(2));
    world.issuer.people.revokeAccessTokens();
    expect(await call()).toBe('served');
    expect(refreshes()).toBe(1);
    expect(calls('IssuerApi')).toBe(2);
  });
});

describe('361: refreshed before it expires', () => {
  it('keeps when a token ends, after a sign-in and after a refresh', async () => {
    const { world, record, call, pass, store } = await running();
    expect(record.expiresAt).toBe(world.clock.now() + hours(1));
    await call();
    await pass(minutes(50));
    expect(store.saves.at(-1)?.expiresAt).toBeGreaterThan(record.expiresAt);
  });

  it('works with a record that does not say when it ends', async () => {
    const { call, refreshes } = await running({}, (record) => ({ ...record, expiresAt: epoch(0) }));
    expect(await call()).toBe('served');
    expect(refreshes()).toBe(1);
  });

  it.each([
    ['an hour', hours(1)],
    ['twenty minutes', minutes(20)],
    ['ten minutes', minutes(10)],
  ])(
    'no program waits for it, and it comes five minutes or more before the end (%s)',
    async (_what, accessTokenLifeMs) => {
      const { world, record, call, pass } = await running({ accessTokenLifeMs });
      await call();
      await pass(record.expiresAt - world.clock.now() - minutes(5) + seconds(5));
      const [refresh] = world.emulator.journal.calls('IssuerToken');
      expect(record.expiresAt - (refresh?.at ?? Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(
        minutes(5) - seconds(5),
      );
    },
  );

  it.each(['badGateway', 'captivePortal', 'resetBefore'] as const)(
    'is tried again after a failure (%s), and the token that is still good serves meanwhile',
    async (kind) => {
      const { world, record, call, pass, calls, notices, refreshes } = await running();
      await call();
      const outage = world.emulator.faults.add('IssuerToken', { kind });
      await pass(minutes(52));
      expect(await call()).toBe('served');
      expect(refreshes()).toBeGreaterThan(1);
      outage.remove();
      await pass(minutes(5));
      expect(formsOf(world, 'IssuerToken').at(-1)?.['refresh_token']).toBe(record.refreshToken);
      await pass(minutes(10));
      expect(await call()).toBe('served');
      expect(notices).toEqual([]);
      expect(calls('IssuerAuthorize')).toBe(0);
    },
  );

  it('tells of an outage in plain words, and opens no window for it', async () => {
    const { world, call, pass, calls } = await running();
    world.emulator.faults.add('*', { kind: 'badGateway' });
    await pass(hours(1));
    expect(await call()).toMatch(/answered with an error of its own/);
    expect(calls('IssuerAuthorize')).toBe(0);
  });

  it('tells of a refusal in one line that names the command', async () => {
    const { world, call, pass, notices } = await running();
    await call();
    world.issuer.people.forgetRefreshTokens();
    await pass(minutes(50));
    expect(notices.map((notice) => notice.message)).toEqual([
      expect.stringMatching(/^Session "work" ends in \d+ min\. Run: credbroker login work$/),
    ]);
  });

  it.each(['omit', 'never'] as const)('keeps the old refresh token where none comes (%s)', async (rotation) => {
    const { record, call, pass, store } = await running({ rotation });
    await call();
    await pass(minutes(50));
    expect(store.stored?.refreshToken).toBe(record.refreshToken);
    expect(store.stored?.accessToken).not.toBe(record.accessToken);
  });
});

describe('what those changes left weak', () => {
  it('(a) an outage is no refusal, however it is wrapped', async () => {
    const { world, call, pass, calls } = await running();
    const cause = Object.assign(new Error('words'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
    world.network = async () => {
      throw new Error('outer words', { cause: new TypeError('fetch failed', { cause }) });
    };
    await pass(hours(1));
    expect(await call()).toMatch(/did not resolve/);
    world.network = null;
    await pass(minutes(1));
    expect(await call()).toBe('served');
    expect(calls('IssuerAuthorize')).toBe(0);
  });

  it.each([500, 503, 429])('(b) %i is no refusal, whatever its body says', async (status) => {
    const { world, call, pass, calls, refreshes } = await running();
    world.emulator.faults.add(
      'IssuerToken',
      { kind: 'status', status, body: { error: 'invalid_grant' } },
      { times: 3 },
    );
    await pass(hours(1));
    expect(await call()).toBe('served');
    expect(refreshes()).toBe(4);
    expect(calls('IssuerAuthorize')).toBe(0);
  });

  it('(c) a refused refresh does not cost the token that is still good', async () => {
    const { world, call, pass } = await running();
    await call();
    world.issuer.people.forgetRefreshTokens();
    await pass(minutes(50));
    expect(await call()).toBe('served');
    await pass(minutes(9));
    expect(await call()).toBe('served');
  });

  it('(d) an API that forbids something to the person causes no refresh, however often it is asked', async () => {
    const { world, call, calls, refreshes } = await running();
    world.issuer.knobs.isApiForbidden = true;
    for (const _ of [1, 2, 3]) expect(await call()).not.toBe('served');
    expect(refreshes()).toBe(0);
    expect(calls('IssuerAuthorize')).toBe(0);
  });

  it('(d) nor more than one where the issuer cannot be asked about tokens', async () => {
    const { world, call, refreshes } = await running({ metadata: { userinfo_endpoint: undefined } });
    world.clock.advance(minutes(2));
    world.issuer.knobs.isApiForbidden = true;
    expect(await call()).not.toBe('served');
    expect(await call()).not.toBe('served');
    expect(refreshes()).toBe(1);
    world.issuer.knobs.isApiForbidden = false;
    expect(await call()).toBe('served');
  });

  it('(e) a hundred programs cause one refresh', async () => {
    const { world, call, refreshes } = await running();
    // Nothing beats while the machine sleeps.
    world.clock.sleep(hours(2));
    expect(await call(100)).toBe('served');
    expect(refreshes()).toBe(1);
  });

  it.each([-minutes(10), minutes(10), hours(2)])(
    '(f) a clock of the issuer that differs by %i ms neither ends a session nor refreshes it without end',
    async (clockOffsetMs) => {
      const { call, pass, refreshes } = await running({ clockOffsetMs, idTokens: 'login', idTokenLifeMs: hours(4) });
      expect(await call()).toBe('served');
      await pass(hours(2));
      expect(await call()).toBe('served');
      expect(refreshes()).toBeLessThanOrEqual(3);
      expect(refreshes()).toBeGreaterThanOrEqual(2);
    },
  );
});

describe('a lost answer', () => {
  it.each([
    ['keeps the session where the issuer takes the old token for a while', { graceMs: seconds(30) }, 'served'],
    ['ends it where the old token is worth nothing', 'revokeFamily', loginCommand],
  ] as const)('%s', async (_what, oldToken, end) => {
    const { world, call, pass, refreshes } = await running({ oldToken });
    world.browse = () => false;
    await call();
    world.emulator.faults.add('IssuerToken', { kind: 'resetAfter' }, { times: 1 });
    await pass(minutes(52));
    expect(refreshes()).toBe(2);
    expect(await call()).toMatch(end);
  });
});

it('a person who signs in again is served at once', async () => {
  const { world, broker, call, pass } = await running();
  world.issuer.people.endSessions();
  await pass(hours(1));
  await world.drive(broker.login('work', loginOptions()));
  expect(await call()).toBe('served');
});
