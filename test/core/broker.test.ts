import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { denied, ok, rejected, transient, unauthorized } from '../support/fake-upstream.ts';
import { loginOptions, settingsWith, ssoProfile, testBroker, told } from '../support/test-broker.ts';

/** A broker that holds an hour's credentials for `dev`. */
async function warmBroker(lifeMs = hours(1)) {
  const parts = await testBroker({ stored: (upstream) => upstream.record(hours(8)) });
  parts.get();
  await settled();
  parts.upstream.acquires[0]?.answer(ok(parts.upstream.credentials(lifeMs)));
  await settled();
  return parts;
}

describe('credentials', () => {
  it('asks upstream once for any number of callers', async () => {
    const { get, upstream } = await testBroker();
    const callers = Array.from({ length: 1_000 }, (_, i) => get(['dev', 'staging', 'prod'][i % 3]));
    await settled();
    expect(upstream.acquires).toHaveLength(3);
    for (const call of upstream.acquires) call.answer(ok(upstream.credentials()));
    await settled();
    expect(new Set(callers.map(told))).toEqual(new Set(['generation 1']));
  });

  it('answers a fresh request at once and asks nobody', async () => {
    const { broker, upstream, clock } = await warmBroker();
    clock.advance(minutes(39));
    expect(broker.peek('dev')?.generation).toBe(1);
    await settled();
    expect(upstream.acquires).toHaveLength(1);
  });

  it('case 36: serves what is due at once and renews it behind', async () => {
    const { broker, upstream, clock } = await warmBroker();
    await clock.pass(minutes(44));
    expect(broker.peek('dev')?.generation).toBe(1);
    await settled();
    expect(upstream.acquires).toHaveLength(2);
    upstream.acquires[1]?.answer(ok(upstream.credentials()));
    await settled();
    expect(broker.peek('dev')?.generation).toBe(2);
  });

  it('case 37: goes on serving while upstream is down, and asks it ever less often', async () => {
    const { get, upstream, clock } = await warmBroker();
    await clock.pass(minutes(44));
    const attempts: number[] = [];
    for (let second = 0; second < 14 * 60; second++) {
      expect(told(get())).not.toContain('Cannot');
      await settled();
      for (const call of upstream.acquires.slice(1 + attempts.length)) {
        attempts.push(second);
        call.answer(transient());
      }
      await clock.pass(seconds(1));
    }
    const gaps = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
    expect(gaps.slice(0, 3)).toEqual([8, 15, 30]);
    expect(attempts.length).toBeLessThan(12);
  });

  it('case 38: hands out nothing in its last minute, and says whom it could not reach', async () => {
    const { get, upstream, clock } = await warmBroker();
    await clock.pass(minutes(59) + 500);
    const asked = get();
    await settled();
    upstream.acquires.at(-1)?.answer(transient());
    await settled();
    expect(told(asked)).toBe('Cannot use session "work": it could not be reached');
  });

  it('case 43: answers within the hold when upstream hangs, and gives the call up after 15 seconds', async () => {
    const { get, upstream, clock } = await testBroker();
    const asked = get();
    await clock.pass(799);
    expect(told(asked)).toBe('waiting');
    await clock.pass(1);
    expect(told(asked)).toBe('Credentials for "dev" are being fetched; ask again');
    expect(upstream.acquires[0]?.signal.aborted).toBe(false);
    await clock.pass(seconds(15));
    expect(upstream.acquires[0]?.signal.aborted).toBe(true);
  });

  it('lets a late answer of an abandoned call change nothing', async () => {
    const { get, upstream, clock, broker } = await testBroker();
    get();
    await clock.pass(seconds(16));
    const late = upstream.acquires[0];
    await clock.pass(seconds(3));
    const asked = get('dev', { holdMs: seconds(5) });
    await settled();
    late?.answer(ok(upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('waiting');
    expect(broker.peek('dev')).toBeNull();
  });

  it('never hands out what has expired while the machine slept', async () => {
    const { broker, clock } = await warmBroker();
    clock.sleep(hours(9));
    expect(broker.peek('dev')).toBeNull();
  });

  it('keeps what upstream denies to renew until its end, and remembers the denial for callers', async () => {
    const { get, broker, upstream, clock } = await warmBroker();
    await clock.pass(minutes(44));
    get();
    await settled();
    upstream.acquires[1]?.answer(denied);
    await settled();
    expect(broker.peek('dev')?.generation).toBe(1);
    await clock.pass(minutes(15));
    expect(broker.peek('dev')).toBeNull();
    const asked = get();
    await settled();
    upstream.acquires[2]?.answer(denied);
    await settled();
    expect(told(asked)).toBe('session "work" denied access: No access');
    const next = get();
    await settled();
    expect([told(next), upstream.acquires.length]).toEqual(['session "work" denied access: No access', 3]);
  });

  it('renews at most once after the last demand', async () => {
    const { broker, upstream, clock } = await warmBroker();
    for (let beat = 0; beat < 4 * 60 * 3; beat++) {
      broker.beat();
      await settled();
      for (const call of upstream.acquires.slice(1)) call.answer(ok(upstream.credentials()));
      await clock.pass(seconds(15));
    }
    expect(upstream.acquires).toHaveLength(2);
  });

  it('frees the place of a caller who hangs up and keeps the flight for the others', async () => {
    const { get, upstream } = await testBroker();
    const leaving = new AbortController();
    const gone = get('dev', { signal: leaving.signal });
    const stays = get();
    await settled();
    leaving.abort(new Error('hung up'));
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    expect([told(gone), told(stays)]).toEqual(['hung up', 'generation 1']);
  });

  it('turns away whoever comes after 2,000 others', async () => {
    const { get, upstream } = await testBroker();
    const callers = Array.from({ length: 2_001 }, () => get());
    await settled();
    expect(told(callers[2_000] ?? { outcome: null })).toBe('Too many callers wait for "dev"');
    expect(upstream.acquires).toHaveLength(1);
  });

  it('honours a Retry-After, up to 15 minutes', async () => {
    const { get, upstream, clock } = await warmBroker();
    await clock.pass(minutes(44));
    get();
    await settled();
    upstream.acquires[1]?.answer(transient(minutes(2)));
    await clock.pass(minutes(2) - 1);
    get();
    await settled();
    expect(upstream.acquires).toHaveLength(2);
    await clock.pass(2);
    get();
    await settled();
    expect(upstream.acquires).toHaveLength(3);
  });
});

describe('a refused access token', () => {
  it('case 46: is probed, refreshed once and tried once more', async () => {
    const { get, upstream } = await testBroker();
    const asked = get('dev', { holdMs: seconds(10) });
    await settled();
    upstream.acquires[0]?.answer(unauthorized);
    await settled();
    upstream.probes[0]?.answer(unauthorized);
    await settled();
    upstream.refreshes[0]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
    await settled();
    upstream.acquires[1]?.answer(ok(upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 1');
    expect([upstream.probes.length, upstream.refreshes.length]).toEqual([1, 1]);
  });

  it('case 46: leads to a sign-in, not to a loop, when the refreshed one is refused too', async () => {
    const { get, upstream, sessionState } = await testBroker();
    get('dev', { holdMs: seconds(10) });
    await settled();
    for (let round = 0; round < 5; round++) {
      upstream.acquires.at(-1)?.answer(unauthorized);
      await settled();
      upstream.probes.at(-1)?.answer(unauthorized);
      await settled();
      upstream.refreshes.at(-1)?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
      await settled();
    }
    expect(upstream.refreshes).toHaveLength(1);
    expect(upstream.logins).toHaveLength(1);
    expect(sessionState()).toBe('login-pending');
  });

  it('is one profile’s own matter when the server accepts it elsewhere', async () => {
    const { get, upstream, sessionState } = await testBroker();
    const asked = get('dev', { holdMs: seconds(10) });
    await settled();
    upstream.acquires[0]?.answer(unauthorized);
    await settled();
    upstream.probes[0]?.answer(ok(undefined));
    await settled();
    expect(told(asked)).toBe('session "work" denied access: the session may not use "dev"');
    expect(sessionState()).toBe('active');
    expect(upstream.refreshes).toHaveLength(0);
  });

  it('proves nothing when the probe finds nobody', async () => {
    const { get, upstream, sessionState } = await testBroker();
    const asked = get('dev', { holdMs: 10 });
    await settled();
    upstream.acquires[0]?.answer(unauthorized);
    await settled();
    upstream.probes[0]?.answer(transient());
    await settled();
    expect(told(asked)).toContain('could not be reached');
    expect([sessionState(), upstream.logins.length]).toEqual(['active', 0]);
  });
});

describe('settings', () => {
  it('names the way out for a profile that does not exist', async () => {
    const { broker } = await testBroker();
    expect(() => broker.peek('nope')).toThrow('No profile "nope". Run: credbroker profiles');
  });

  it('keeps the credentials of unchanged profiles when settings are loaded anew', async () => {
    const { broker, upstream } = await warmBroker();
    const profiles = new Map([['dev', ssoProfile('dev', 'work')]]);
    broker.reload(settingsWith({ profiles }));
    expect(broker.peek('dev')?.generation).toBe(1);
    broker.reload(settingsWith({ profiles: new Map([['dev', { ...ssoProfile('dev', 'work'), roleName: 'Admin' }]]) }));
    expect(broker.peek('dev')).toBeNull();
    expect(upstream.acquires).toHaveLength(1);
  });
});

describe('logout', () => {
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

describe('login', () => {
  it('case 44: opens one window for all who ask', async () => {
    const { broker, upstream } = await testBroker({ stored: () => null });
    const prompts: string[] = [];
    const prompt = (): void => void prompts.push('prompt');
    const first = broker.login('work', loginOptions({ prompt }));
    upstream.logins[0]?.request.prompt({ kind: 'browser', url: 'https://sign.in', opened: true });
    const second = broker.login('work', loginOptions({ prompt }));
    expect(upstream.logins).toHaveLength(1);
    expect(prompts).toHaveLength(2);
    upstream.logins[0]?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await Promise.all([first, second]);
  });

  it('is cancelled when the last who asked leaves', async () => {
    const { broker, upstream, sessionState } = await testBroker({ stored: () => null });
    const leaving = new AbortController();
    const login = broker.login('work', loginOptions({ signal: leaving.signal }));
    leaving.abort(new Error('Ctrl-C'));
    await expect(login).rejects.toThrow('Ctrl-C');
    expect(upstream.logins[0]?.request.signal.aborted).toBe(true);
    expect(sessionState()).toBe('login-required');
  });

  it('stores the tokens before anybody is told', async () => {
    const { broker, upstream, store } = await testBroker({ stored: () => null });
    const login = broker.login('work', loginOptions());
    const record = upstream.record();
    upstream.logins[0]?.answer({ type: 'ok', record, lifetimeMs: hours(1) });
    await login;
    expect(store.stored).toEqual(record);
  });

  it('case 42: ends when another tool signs in meanwhile', async () => {
    const { broker, upstream, store } = await testBroker({ stored: () => null });
    const login = broker.login('work', loginOptions());
    store.overwrite(upstream.record());
    await login;
    expect(upstream.logins[0]?.request.signal.aborted).toBe(true);
  });

  it('says what to do when it was declined', async () => {
    const { broker, upstream } = await testBroker({ stored: () => null });
    const login = broker.login('work', loginOptions());
    upstream.logins[0]?.answer({ type: 'declined', detail: 'access_denied' });
    await expect(login).rejects.toThrow('Sign-in to "work" was declined. Run: credbroker login work');
  });
});

describe('a sign-in nobody asked for', () => {
  it('opens for a waiting caller once the server was reached and knows no session', async () => {
    const { get, upstream, sessionState } = await testBroker({ stored: () => null });
    const asked = get();
    await settled();
    expect(upstream.logins).toHaveLength(0);
    upstream.probes[0]?.answer(unauthorized);
    await settled();
    expect([upstream.logins.length, sessionState()]).toEqual([1, 'login-pending']);
    const waiting = get('dev', { holdMs: 10 });
    upstream.logins[0]?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    expect([told(asked), told(waiting)]).toEqual(['generation 1', 'generation 1']);
  });

  it('never opens while the server cannot be reached', async () => {
    const { get, upstream, clock } = await testBroker({ stored: () => null });
    for (let second = 0; second < 600; second++) {
      get();
      await settled();
      for (const call of upstream.probes) call.answer(transient());
      await clock.pass(seconds(1));
    }
    expect(upstream.logins).toHaveLength(0);
    expect(upstream.probes.length).toBeLessThan(100);
  });

  it('opens at most three times a day when nobody answers', async () => {
    const { get, upstream, clock } = await testBroker({ stored: () => null });
    for (let minute = 0; minute < 23 * 60; minute++) {
      get();
      await settled();
      for (const call of upstream.probes) call.answer(unauthorized);
      await clock.pass(minutes(1));
    }
    expect(upstream.logins).toHaveLength(3);
  });

  it('does not open when the settings say manual', async () => {
    const { get, upstream } = await testBroker({ stored: () => null, settings: { login: 'manual' } });
    const asked = get();
    await settled();
    expect(told(asked)).toBe('Not signed in to "work". Run: credbroker login work');
    expect([upstream.logins.length, upstream.probes.length]).toEqual([0, 0]);
  });
});

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
    const { broker, get, upstream, clock, log } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    broker.beat();
    await settled();
    upstream.refreshes[0]?.answer(rejected);
    await clock.pass(seconds(4));
    expect(broker.sessions()[0]).toMatchObject({ state: 'expiring', refreshable: false });
    const sentence = 'Session "work" can no longer be refreshed. Run: credbroker login work';
    expect(log.lines.filter(({ message }) => message === sentence)).toHaveLength(1);
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

  it('case 33: notices that the sign-in ends, and says so once', async () => {
    const { broker, upstream, clock, log } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    const lives = [hours(1), minutes(40), minutes(20), minutes(10)];
    for (const life of lives) {
      broker.beat();
      await settled();
      upstream.refreshes.at(-1)?.answer(ok({ record: upstream.record(life), lifetimeMs: life }));
      await clock.pass(Math.min(minutes(31), life / 2));
    }
    const told = log.lines.filter(({ message }) => message.startsWith('Session "work" ends at'));
    expect(told).toHaveLength(1);
    expect(upstream.refreshes).toHaveLength(3);
  });

  it('keeps rotated tokens in memory when they cannot be stored, and stores them later', async () => {
    const { broker, upstream, store, clock, log } = await testBroker({ stored: (up) => up.record(minutes(29)) });
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
    expect(log.lines.filter(({ message }) => message.includes('kept in memory'))).toHaveLength(1);
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

  it('case 35: is refreshed right after a sleep that outlasted it, before any browser', async () => {
    const { broker, clock, upstream } = await testBroker();
    broker.beat();
    clock.sleep(hours(5));
    broker.beat();
    await settled();
    expect([upstream.refreshes.length, upstream.logins.length, upstream.probes.length]).toEqual([1, 0, 0]);
  });
});
