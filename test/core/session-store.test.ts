import { describe, expect, it } from 'vitest';
import type { LoginOutcome, SessionRecord, StoredSession } from '../../src/core/types.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok, rejected, transient, unauthorized } from '../support/fake-upstream.ts';
import { loginOptions, refuseToken, settingsWith, testBroker, told } from '../support/test-broker.ts';

const readOnly = { type: 'failed', detail: 'EROFS' } as const;
const signIn = (record: SessionRecord): LoginOutcome => ({ type: 'ok', record, lifetimeMs: hours(1) });

describe('tokens that cannot be stored', () => {
  it('are not taken for deleted ones when the store is tried again', async () => {
    const { broker, store, upstream, sessionState } = await testBroker({ stored: () => null });
    store.saveOutcomes.push(readOnly);
    const login = broker.login('work', loginOptions());
    const record = upstream.record();
    upstream.logins[0]?.answer(signIn(record));
    await login;
    const replaced: unknown[] = [];
    const { save } = store;
    store.save = async (again: SessionRecord, before?: SessionRecord | null) => {
      replaced.push(before);
      return before === null ? save(again) : { type: 'gone' };
    };
    broker.beat();
    await settled();
    expect([sessionState(), replaced, store.stored]).toEqual(['active', [null], record]);
  });

  it('are the same tokens after every try: no new generation, no fresh trust', async () => {
    const { broker, get, clock, store, upstream } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    store.saveOutcomes.push(...Array.from({ length: 50 }, () => readOnly));
    broker.beat();
    await settled();
    upstream.refreshes[0]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
    for (let beat = 0; beat < 8; beat++) {
      await clock.pass(seconds(15));
      broker.beat();
    }
    get();
    await refuseToken(upstream);
    expect([upstream.refreshes.length, upstream.logins.length]).toEqual([2, 0]);
  });

  it('are refreshed at their end although nothing is stored, and nothing runs in circles', async () => {
    const { broker, get, clock, store, upstream } = await testBroker({ stored: () => null });
    store.saveOutcomes.push(...Array.from({ length: 500 }, () => readOnly));
    const login = broker.login('work', loginOptions());
    upstream.logins[0]?.answer(signIn(upstream.record()));
    await login;
    clock.sleep(hours(2));
    get();
    await settled();
    expect(upstream.refreshes).toHaveLength(1);
  });
});

describe('a store that changes', () => {
  it('while a probe is under way is read before a window opens', async () => {
    const { get, store, upstream, sessionState } = await testBroker({ stored: () => null });
    get();
    await settled();
    store.overwrite(upstream.record());
    upstream.probes[0]?.answer(unauthorized);
    await settled();
    expect([upstream.logins.length, sessionState()]).toEqual([0, 'active']);
  });

  it('while a refresh is under way that fails is read afterwards', async () => {
    const { broker, store, upstream } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    broker.beat();
    await settled();
    const record = upstream.record(hours(1));
    store.overwrite(record);
    upstream.refreshes[0]?.answer(transient());
    await settled();
    expect(broker.sessions()[0]?.expiresAt).toBe(new Date(record.expiresAt).toISOString().replace('.000Z', 'Z'));
  });

  it('sends no refresh before the pause after the last one is over, whoever asks while it is read', async () => {
    const { get, clock, store, upstream } = await testBroker({ stored: (up) => up.record(0) });
    get('dev');
    await settled();
    upstream.refreshes[0]?.answer(transient(minutes(1)));
    await settled();
    const { load } = store;
    let found = (_: StoredSession): void => {};
    store.load = () =>
      new Promise((resolve) => {
        found = resolve;
      });
    store.overwrite(store.stored);
    const asked = get('staging');
    await settled();
    expect(told(asked)).toBe('waiting');
    found(await load());
    await settled();
    expect([upstream.refreshes.length, asked.outcome]).toMatchObject([1, { code: 'UpstreamUnavailable' }]);
    store.load = load;
    // Nobody waits any more when the pause ends.
    await clock.pass(minutes(2));
    expect(upstream.refreshes).toHaveLength(1);
    get('staging');
    await settled();
    expect(upstream.refreshes).toHaveLength(2);
  });
});

describe('a store that cannot be read', () => {
  it('is not taken for a missing sign-in', async () => {
    const { broker, get, store, upstream } = await testBroker({ stored: () => null });
    store.unreadable = true;
    broker.reload(settingsWith({ sessions: new Map() }));
    broker.reload(settingsWith());
    await settled();
    const asked = get();
    await settled();
    expect(asked.outcome).toMatchObject({ code: 'KeychainUnavailable' });
    expect(upstream.logins).toHaveLength(0);
  });
});

it('lets the first caller after the start wait for a refresh instead of asking for a sign-in', async () => {
  const { broker, get, upstream } = await testBroker({ stored: (up) => up.record(0) });
  broker.reload(settingsWith({ sessions: new Map() }));
  broker.reload(settingsWith());
  const asked = get('dev', { holdMs: seconds(10) });
  await settled();
  expect(told(asked)).toBe('waiting');
  upstream.refreshes.at(-1)?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
  await settled();
  upstream.acquires[0]?.answer(ok(upstream.credentials()));
  await settled();
  expect(told(asked)).toBe('generation 1');
});

it('takes over a token without a refresh token and comes to rest', async () => {
  const { get, clock, store, upstream } = await testBroker({ stored: (up) => up.record(minutes(20)) });
  await clock.pass(minutes(20));
  let changes = 0;
  store.stored = upstream.record(minutes(20), { refreshToken: null });
  const { load } = store;
  store.load = async () => {
    changes += 1;
    return load();
  };
  get('dev', { holdMs: seconds(10) });
  await settled();
  expect([upstream.acquires.length, upstream.refreshes.length, changes]).toEqual([1, 0, 1]);
  let timers = 0;
  const { after } = clock;
  clock.after = (ms, run) => {
    timers += 1;
    if (timers > 100) throw new Error('runs in circles');
    return after(ms, run);
  };
  await clock.pass(seconds(5));
  expect(timers).toBeLessThan(10);
});

it('believes a refusal of the refresh token only together with one of the access token', async () => {
  const { get, clock, upstream } = await testBroker();
  clock.sleep(hours(3));
  get('dev', { holdMs: seconds(10) });
  await settled();
  upstream.refreshes[0]?.answer(rejected);
  await clock.pass(seconds(3));
  expect([upstream.probes.length, upstream.logins.length]).toEqual([1, 0]);
  upstream.probes[0]?.answer(unauthorized);
  await settled();
  expect(upstream.logins).toHaveLength(1);
});

it('asks ever less often when answers go on being lost', async () => {
  const { broker, get, clock, upstream } = await testBroker({ stored: (up) => up.record(0) });
  for (let second = 0; second < 600; second++) {
    get();
    await settled();
    for (const call of upstream.refreshes) call.answer({ type: 'ambiguous', detail: 'reset' });
    await clock.pass(seconds(1));
    if (second % 15 === 0) broker.beat();
  }
  expect(upstream.refreshes.length).toBeLessThan(45);
});
