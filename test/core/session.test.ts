import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok, rejected, transient } from '../support/fake-upstream.ts';
import { loginOptions, testBroker, told, warmBroker } from '../support/test-broker.ts';

describe('a session', () => {
  it('case 21: with 29 minutes left is refreshed once by itself', async () => {
    const { broker, clock, upstream, store } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    broker.beat();
    await settled();
    const record = upstream.record();
    upstream.refreshes[0]?.answer(ok({ record, lifetimeMs: hours(1) }));
    await clock.pass(minutes(29));
    broker.beat();
    await settled();
    expect([upstream.refreshes.length, store.stored]).toEqual([1, record]);
    await clock.pass(minutes(2));
    broker.beat();
    await settled();
    expect(upstream.refreshes).toHaveLength(2);
  });

  it('case 22: is refreshed once for a hundred callers', async () => {
    const { get, upstream } = await testBroker({ stored: (up) => up.record(0) });
    const callers = Array.from({ length: 100 }, (_, i) => get(['dev', 'staging', 'prod'][i % 3]));
    await settled();
    upstream.refreshes[0]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
    await settled();
    for (const call of upstream.acquires) call.answer(ok(upstream.credentials()));
    await settled();
    expect([upstream.refreshes.length, upstream.acquires.length]).toEqual([1, 3]);
    expect(new Set(callers.map(told))).toEqual(new Set(['generation 1']));
  });

  it('that cannot be refreshed any more says so while it still works', async () => {
    const { broker, get, upstream, clock, notices } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    broker.beat();
    await settled();
    upstream.refreshes[0]?.answer(rejected);
    await clock.pass(seconds(4));
    expect(broker.sessions()[0]).toMatchObject({ state: 'expiring', refreshable: false });
    const message = 'Session "work" ends in 29 min. Run: credbroker login work';
    expect(notices).toEqual([{ kind: 'session-ending', session: 'work', message }]);
    const asked = get();
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 1');
    expect(upstream.logins).toHaveLength(0);
  });

  it('case 25 and 26: takes over what another tool got for the same refresh token', async () => {
    const { broker, upstream, clock, store, sessionState } = await testBroker({
      stored: (up) => up.record(minutes(29)),
    });
    broker.beat();
    await settled();
    upstream.refreshes[0]?.answer(rejected);
    await clock.pass(800);
    store.stored = upstream.record();
    await clock.pass(seconds(3));
    expect([sessionState(), upstream.refreshes.length, upstream.logins.length]).toEqual(['active', 1, 0]);
  });

  it('case 27: sends the same refresh token again when the answer was lost, after looking at the store', async () => {
    const { broker, upstream, clock, store } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    broker.beat();
    await settled();
    upstream.refreshes[0]?.answer({ type: 'ambiguous', detail: 'reset' });
    await clock.pass(seconds(1));
    expect(upstream.refreshes[1]?.input).toEqual(upstream.refreshes[0]?.input);
    upstream.refreshes[1]?.answer({ type: 'ambiguous', detail: 'reset' });
    store.stored = upstream.record();
    await clock.pass(seconds(3));
    expect([upstream.refreshes.length, broker.sessions()[0]?.state]).toEqual([2, 'active']);
  });

  it('case 28 and 29: survives an outage without a browser', async () => {
    const { broker, get, upstream, clock, sessionState } = await testBroker({ stored: (up) => up.record(minutes(20)) });
    for (let second = 0; second < 40 * 60; second += 5) {
      broker.beat();
      get();
      await settled();
      for (const call of [...upstream.refreshes, ...upstream.acquires]) call.answer(transient());
      for (const probe of upstream.probes) probe.answer(transient());
      await clock.pass(seconds(5));
    }
    expect([sessionState(), upstream.logins.length]).toEqual(['offline', 0]);
    expect(upstream.refreshes.length).toBeLessThan(80);
    await clock.pass(seconds(30));
    broker.beat();
    await settled();
    upstream.refreshes.at(-1)?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
    await settled();
    expect(sessionState()).toBe('active');
  });

  it('case 31 and 32: without a way to refresh asks for nothing and says when it ends', async () => {
    const { broker, upstream, clock } = await testBroker({
      stored: (up) => up.record(minutes(29), { refreshToken: null }),
    });
    broker.beat();
    await clock.pass(minutes(1));
    expect(upstream.refreshes).toHaveLength(0);
    expect(broker.sessions()[0]).toMatchObject({ state: 'expiring', refreshable: false });
  });

  it('case 33: notices that the sign-in ends, and says so at once and shortly before', async () => {
    const { broker, upstream, clock, notices } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    const lives = [hours(1), minutes(40), minutes(20), minutes(10)];
    for (const life of lives) {
      broker.beat();
      await settled();
      upstream.refreshes.at(-1)?.answer(ok({ record: upstream.record(life), lifetimeMs: life }));
      await clock.pass(Math.min(minutes(31), life / 2));
    }
    broker.beat();
    expect(notices.map(({ message }) => message)).toEqual([
      'Session "work" ends in 20 min. Run: credbroker login work',
      'Session "work" ends in 5 min. Run: credbroker login work',
    ]);
    expect(upstream.refreshes).toHaveLength(3);
  });

  it('keeps rotated tokens in memory when they cannot be stored, and stores them later', async () => {
    const { broker, upstream, store, clock, notices } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    store.saveOutcomes.push({ type: 'failed', detail: 'ENOSPC' }, { type: 'failed', detail: 'ENOSPC' });
    const record = upstream.record();
    broker.beat();
    await settled();
    upstream.refreshes[0]?.answer(ok({ record, lifetimeMs: hours(1) }));
    await settled();
    expect(broker.sessions()[0]?.state).toBe('active');
    for (let beat = 0; beat < 3; beat++) {
      await clock.pass(seconds(15));
      broker.beat();
      await settled();
    }
    expect(store.stored).toEqual(record);
    expect(notices.map(({ kind }) => kind)).toEqual(['not-stored']);
  });

  it('case 15: is not lost over a half-written file', async () => {
    const { broker, get, store, upstream, sessionState } = await testBroker();
    store.unreadable = true;
    store.overwrite(store.stored);
    await settled();
    expect(sessionState()).toBe('active');
    const asked = get();
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 1');
    expect(broker.sessions()[0]?.lastError).toBeNull();
  });

  it('is not called signed out while nobody can tell', async () => {
    const { broker, get, store } = await testBroker({ stored: () => null });
    store.unreadable = true;
    get();
    await settled();
    expect(broker.sessions()[0]).toMatchObject({
      state: 'offline',
      next: 'Goes on as soon as its stored tokens can be read',
      lastError: 'The stored tokens of "work" cannot be read now: half written',
    });
  });

  it('case 35: is refreshed right after a sleep that outlasted it, before any browser', async () => {
    const { broker, clock, upstream } = await testBroker();
    broker.beat();
    clock.sleep(hours(5));
    broker.beat();
    await settled();
    expect([upstream.refreshes.length, upstream.logins.length, upstream.probes.length]).toEqual([1, 0, 0]);
  });
});

it('lets a refresh that was given up change nothing when its answer comes late', async () => {
  const { broker, upstream, clock, store } = await testBroker({ stored: (up) => up.record(minutes(29)) });
  broker.beat();
  await clock.pass(seconds(8));
  expect(upstream.refreshes[0]?.signal.aborted).toBe(true);
  await clock.pass(seconds(1));
  const late = upstream.record();
  upstream.refreshes[0]?.answer(ok({ record: late, lifetimeMs: hours(1) }));
  const record = upstream.record();
  await settled();
  upstream.refreshes[1]?.answer(ok({ record, lifetimeMs: hours(1) }));
  await settled();
  expect([store.saves, store.stored]).toEqual([[record], record]);
});

it('stores what a refresh under way still brings when the daemon stops', async () => {
  const { broker, upstream, store } = await testBroker({ stored: (up) => up.record(minutes(29)) });
  broker.beat();
  await settled();
  const stopped = broker.close();
  const record = upstream.record();
  upstream.refreshes[0]?.answer(ok({ record, lifetimeMs: hours(1) }));
  await stopped;
  expect(store.stored).toEqual(record);
});

it('lets the daemon stop when the refresh under way is never answered', async () => {
  const { broker, upstream, clock } = await testBroker({ stored: (up) => up.record(minutes(29)) });
  broker.beat();
  await settled();
  const stopped = broker.close();
  await clock.pass(seconds(8));
  upstream.refreshes[0]?.answer({ type: 'ambiguous', detail: 'aborted' });
  await stopped;
  expect(upstream.refreshes[0]?.signal.aborted).toBe(true);
});

describe('logout', () => {
  it('leaves the session upstream alone where other programs share it', async () => {
    const { broker, upstream, store } = await testBroker();
    upstream.logoutIsLocal = true;
    expect(await broker.logout('work')).toBe(true);
    expect(store.stored).toBeNull();
    expect(upstream.logouts).toEqual([]);
  });

  it('leaves nothing behind of what upstream kept for the person', async () => {
    const { broker, upstream } = await testBroker();
    expect(upstream.forgotten).toBe(0);
    await broker.logout('work');
    expect(upstream.forgotten).toBe(1);
  });

  it('ends a shared session upstream where the person asks for that', async () => {
    const { broker, upstream, store } = await testBroker();
    upstream.logoutIsLocal = true;
    const held = store.stored;
    expect(await broker.logout('work', { revoke: true })).toBe(true);
    expect([store.stored, upstream.logouts]).toEqual([null, [held]]);
  });

  it('says whether upstream could be told', async () => {
    const { broker, upstream, store } = await testBroker();
    upstream.logoutVerdict = transient();
    expect(await broker.logout('work')).toBe(false);
    upstream.logoutVerdict = ok(undefined);
    store.overwrite(upstream.record());
    await settled();
    expect(await broker.logout('work')).toBe(true);
  });

  it('says so when the tokens could not be deleted', async () => {
    const { broker, store, sessionState } = await testBroker();
    store.removeError = new Error('read-only file system');
    await expect(broker.logout('work')).rejects.toThrow('read-only file system');
    expect(sessionState()).toBe('signed-out');
  });

  it('wins over a call under way', async () => {
    const { broker, get, upstream, store } = await testBroker();
    const asked = get('dev', { holdMs: seconds(10) });
    await settled();
    await broker.logout('work');
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('Signed out of "work". Run: credbroker login work');
    expect(broker.peek('dev')).toBeNull();
    expect([store.stored, upstream.logouts.length]).toEqual([null, 1]);
  });

  it('wins over a refresh under way', async () => {
    const { broker, get, upstream, store, sessionState } = await testBroker({ stored: (up) => up.record(0) });
    get();
    await settled();
    await broker.logout('work');
    upstream.refreshes[0]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
    await settled();
    expect([store.stored, sessionState()]).toEqual([null, 'signed-out']);
  });

  it('lets no browser open by itself afterwards, and lets the user sign in', async () => {
    const { broker, get, upstream, sessionState } = await testBroker();
    await broker.logout('work');
    const asked = get();
    await settled();
    expect(told(asked)).toBe('Signed out of "work". Run: credbroker login work');
    expect([upstream.logins.length, upstream.probes.length]).toEqual([0, 0]);
    const login = broker.login('work', loginOptions());
    upstream.logins[0]?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await login;
    expect(sessionState()).toBe('active');
  });

  it('in another tool is one here', async () => {
    const { get, store, upstream, sessionState } = await warmBroker();
    store.overwrite(null);
    await settled();
    expect(sessionState()).toBe('signed-out');
    const asked = get();
    await settled();
    expect(told(asked)).toBe('Signed out of "work". Run: credbroker login work');
    expect(store.saves).toHaveLength(0);
    expect(upstream.logins).toHaveLength(0);
    store.overwrite(upstream.record());
    await settled();
    expect(sessionState()).toBe('active');
  });
});
