import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { denied, ok, transient, unauthorized } from '../support/fake-upstream.ts';
import { testBroker, told, warmBroker } from '../support/test-broker.ts';

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
    expect(attempts.length).toBeLessThan(18);
  });

  it('case 38: hands out nothing in its last minute, and says whom it could not reach', async () => {
    const { get, upstream, clock } = await warmBroker();
    await clock.pass(minutes(59) + 500);
    const asked = get();
    await settled();
    upstream.acquires.at(-1)?.answer(transient());
    await settled();
    expect(told(asked)).toBe('example.awsapps.com could not be reached; it is asked again soon');
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
    expect(told(asked)).toBe('example.awsapps.com denied access: No access');
    const next = get();
    await settled();
    expect([told(next), upstream.acquires.length]).toEqual(['example.awsapps.com denied access: No access', 3]);
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

  it('serves who waits with a long patience before what they could have had is below its floor', async () => {
    const { clock, get } = await warmBroker();
    await clock.pass(minutes(59) - seconds(2));
    const asked = get('dev', { holdMs: seconds(10) });
    await clock.pass(seconds(10));
    expect(told(asked)).toBe('generation 1');
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
    expect(told(asked)).toBe('example.awsapps.com denied access: the session may not use "dev"');
    expect(sessionState()).toBe('active');
    expect(upstream.refreshes).toHaveLength(0);
  });

  it('is not even probed when the server accepted it for another profile moments ago', async () => {
    const { get, upstream } = await testBroker();
    get('staging');
    const asked = get('dev', { holdMs: seconds(10) });
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    upstream.acquires[1]?.answer(unauthorized);
    await settled();
    expect(told(asked)).toBe('example.awsapps.com denied access: the session may not use "dev"');
    expect(upstream.probes).toHaveLength(0);
  });

  it('is probed however lately it was accepted, where upstream refuses nothing else that way', async () => {
    const { get, upstream } = await testBroker();
    upstream.trustMs = 0;
    get('staging');
    const asked = get('dev', { holdMs: seconds(10) });
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    upstream.acquires[1]?.answer(unauthorized);
    await settled();
    upstream.probes[0]?.answer(unauthorized);
    await settled();
    expect([told(asked), upstream.refreshes.length]).toEqual(['waiting', 1]);
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
