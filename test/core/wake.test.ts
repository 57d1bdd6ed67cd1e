import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import type { Settings } from '../../src/core/settings.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { denied, ok, transient, unauthorized } from '../support/fake-upstream.ts';
import { refuseToken, ssoProfile, testBroker, told, warmBroker } from '../support/test-broker.ts';

interface Sleepers {
  readonly count: number;
  readonly random: () => number;
  readonly refresh?: Settings['refresh'];
}

/** So many profiles with an hour of credentials, that become due while the machine sleeps. */
async function asleep({ count, random, refresh = defaults.refresh }: Sleepers) {
  const names = Array.from({ length: count }, (_, i) => `p${i}`);
  const profiles = new Map(names.map((name) => [name, ssoProfile(name, 'work')]));
  const parts = await testBroker({ stored: (up) => up.record(hours(8)), settings: { profiles, refresh }, random });
  for (const name of names) parts.get(name, { holdMs: seconds(10) });
  await parts.clock.pass(seconds(1));
  for (const call of parts.upstream.acquires) call.answer(ok(parts.upstream.credentials()));
  await settled();
  expect(parts.upstream.acquires).toHaveLength(count);
  await parts.clock.pass(minutes(2));
  parts.broker.beat();
  parts.clock.sleep(minutes(42));
  return parts;
}

type Parts = Awaited<ReturnType<typeof asleep>>;

/** The one beat that notices the sleep, and so long without another; how many renewals have begun by each second. */
async function renewals({ broker, clock, upstream }: Parts, lastSecond: number): Promise<readonly number[]> {
  const before = upstream.acquires.length;
  const begun: number[] = [];
  broker.beat();
  await clock.pass(0);
  for (let second = 0; second <= lastSecond; second++) {
    begun.push(upstream.acquires.length - before);
    await clock.pass(seconds(1));
  }
  return begun;
}

/** Fills the unit interval evenly, whichever of its numbers are taken. */
function evenly(): () => number {
  let last = 0;
  return () => {
    last = (last + 0.618_033_988_75) % 1;
    return last;
  };
}

describe('renewals that nobody waits for', () => {
  it('are spread over twenty seconds after a sleep', async () => {
    const begun = await renewals(await asleep({ count: 10, random: evenly() }), 20);
    expect(begun[0]).toBeLessThanOrEqual(2);
    expect(begun[10]).toBeGreaterThanOrEqual(3);
    expect(begun[10]).toBeLessThanOrEqual(7);
    expect(begun[20]).toBe(10);
  });

  it.each([
    [0, 0],
    [0.5, 10],
    [0.95, 19],
  ])('with a draw of %f begin %i seconds after it', async (drawn, second) => {
    const begun = await renewals(await asleep({ count: 1, random: () => drawn }), 20);
    expect(begun.indexOf(1)).toBe(second);
  });

  it('are spread over as long as the settings say', async () => {
    const refresh = { ...defaults.refresh, wakeSpreadMs: seconds(4) };
    const begun = await renewals(await asleep({ count: 1, random: () => 0.5, refresh }), 20);
    expect(begun.indexOf(1)).toBe(2);
  });

  it('are spread after a step of the clock too, but not after a beat that came on time', async () => {
    const { broker, clock, upstream } = await warmBroker();
    broker.beat();
    await clock.pass(minutes(44));
    broker.beat();
    await settled();
    expect(upstream.acquires).toHaveLength(2);
  });
});

describe('a program that asks right after a sleep', () => {
  it('has its renewal begun at once', async () => {
    const { broker, upstream } = await asleep({ count: 2, random: () => 0.9 });
    broker.beat();
    await settled();
    expect(upstream.acquires).toHaveLength(2);
    expect(broker.peek('p1')?.generation).toBe(1);
    await settled();
    expect(upstream.acquires).toHaveLength(3);
  });

  it('has its renewal begun at once though the heart has not beaten yet', async () => {
    const { broker, upstream } = await asleep({ count: 2, random: () => 0.9 });
    expect(broker.peek('p1')?.generation).toBe(1);
    await settled();
    expect(upstream.acquires).toHaveLength(3);
  });

  it('waits for new credentials where the old ones have ended', async () => {
    const { broker, clock, get, upstream } = await asleep({ count: 1, random: () => 0.9 });
    clock.sleep(hours(1));
    broker.beat();
    const asked = get('p0');
    await settled();
    upstream.acquires[1]?.answer(ok(upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 2');
  });
});

describe('what was learned before a sleep', () => {
  it('keeps no profile from asking upstream anew after a failure', async () => {
    const { broker, clock, upstream } = await warmBroker();
    await clock.pass(minutes(44));
    broker.peek('dev');
    await settled();
    upstream.acquires[1]?.answer(transient(minutes(15)));
    await settled();
    broker.beat();
    clock.sleep(minutes(10));
    broker.beat();
    broker.peek('dev');
    await settled();
    expect(upstream.acquires).toHaveLength(3);
  });

  it('keeps no caller from hearing anew whether access is denied', async () => {
    const { broker, clock, get, upstream } = await testBroker();
    get();
    await settled();
    upstream.acquires[0]?.answer(denied);
    await settled();
    broker.beat();
    clock.sleep(seconds(20));
    broker.beat();
    const asked = get();
    await settled();
    expect([told(asked), upstream.acquires.length]).toEqual(['waiting', 2]);
  });

  it('keeps no circuit open', async () => {
    const { broker, clock, get, upstream } = await testBroker({ stored: (up) => up.record(hours(8)) });
    for (let failures = 0; failures < 5; failures++) {
      get('dev', { holdMs: 10 });
      await settled();
      upstream.acquires.at(-1)?.answer(transient());
      await clock.pass(minutes(1));
    }
    get('dev', { holdMs: 10 });
    await settled();
    upstream.acquires.at(-1)?.answer(transient());
    await settled();
    expect(broker.sessions()[0]?.upstream.state).toBe('open');
    broker.beat();
    clock.sleep(minutes(1));
    broker.beat();
    expect(broker.sessions()[0]?.upstream).toEqual({ state: 'closed', failures: 0, retryInMs: 0 });
    get('staging');
    await settled();
    expect(upstream.acquires).toHaveLength(7);
  });

  it('keeps no session from being refreshed', async () => {
    const { broker, clock, upstream } = await testBroker({ stored: (up) => up.record(hours(1)) });
    await clock.pass(minutes(31));
    broker.beat();
    await settled();
    upstream.refreshes[0]?.answer(transient(minutes(15)));
    await settled();
    clock.sleep(minutes(1));
    broker.beat();
    await settled();
    expect(upstream.refreshes).toHaveLength(2);
  });

  it('lets a caller who waits for a gate go on at once', async () => {
    const { broker, clock, get, upstream } = await testBroker();
    const asked = get('dev', { holdMs: minutes(1) });
    await settled();
    upstream.acquires[0]?.answer(transient(seconds(50)));
    await settled();
    broker.beat();
    clock.sleep(seconds(20));
    broker.beat();
    await settled();
    expect([told(asked), upstream.acquires.length]).toEqual(['waiting', 2]);
  });

  it('opens no browser by itself', async () => {
    const { broker, clock, upstream } = await warmBroker();
    broker.beat();
    clock.sleep(hours(9));
    broker.beat();
    await settled();
    for (const call of upstream.refreshes) call.answer(unauthorized);
    await clock.pass(seconds(30));
    broker.beat();
    await settled();
    expect([upstream.probes.length, upstream.logins.length]).toEqual([0, 0]);
  });
});

describe('after a sleep', () => {
  it('credentials that were fetched right before it are renewed within 40 s', async () => {
    const { broker, clock, upstream } = await warmBroker();
    broker.beat();
    clock.sleep(minutes(44));
    for (let passed = 0; passed < seconds(40); passed += seconds(5)) {
      broker.beat();
      broker.peek('dev');
      await clock.pass(seconds(5));
    }
    expect(upstream.acquires.length).toBeGreaterThan(1);
  });

  it('a session that was accepted right before it is probed when it is refused', async () => {
    const { broker, clock, get, upstream } = await warmBroker();
    broker.beat();
    clock.sleep(hours(2));
    broker.beat();
    get();
    await settled();
    upstream.acquires[1]?.answer(unauthorized);
    await settled();
    expect(upstream.probes).toHaveLength(1);
  });

  it('a session that was refreshed right before it is refreshed again when it is refused, before any browser', async () => {
    const { broker, clock, get, upstream } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    broker.beat();
    await settled();
    upstream.refreshes[0]?.answer(ok({ record: upstream.record(hours(8)), lifetimeMs: hours(8) }));
    await settled();
    broker.beat();
    clock.sleep(hours(2));
    broker.beat();
    get();
    await refuseToken(upstream);
    expect([upstream.refreshes.length, upstream.logins.length]).toEqual([2, 0]);
  });

  it.each(['away', 'present'] as const)('the user is looked for anew, and found %s', async (now) => {
    const before = now === 'away' ? 'present' : 'away';
    const { broker, clock, get, upstream, user } = await testBroker({ stored: () => null, presence: before });
    get();
    await settled();
    for (const probe of upstream.probes) probe.answer(transient());
    await settled();
    broker.beat();
    clock.sleep(hours(8));
    user.presence = now;
    broker.beat();
    get();
    await settled();
    for (const probe of upstream.probes) probe.answer(unauthorized);
    await settled();
    expect(upstream.logins).toHaveLength(now === 'present' ? 1 : 0);
  });
});
