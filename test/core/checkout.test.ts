import { describe, expect, it } from 'vitest';
import { type Checkout, epoch, type Verdict } from '../../src/core/types.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok, transient } from '../support/fake-upstream.ts';
import { settingsWith, ssoProfile, type TestBrokerOptions, testBroker, told } from '../support/test-broker.ts';

type Parts = Awaited<ReturnType<typeof testBroker>>;

/** A broker that holds an hour of credentials for `dev`, out of the checkout "t-1". */
async function checkedOut(options: TestBrokerOptions = {}, lifeMs = hours(1)): Promise<Parts> {
  const parts = await testBroker({ stored: (upstream) => upstream.record(hours(12)), ...options });
  const asked = parts.get();
  await settled();
  parts.upstream.acquires[0]?.answer(ok(parts.upstream.credentials(lifeMs, { transaction: 't-1' })));
  await settled();
  expect(told(asked)).toBe('generation 1');
  return parts;
}

const checkoutsSent = ({ upstream }: Parts): readonly (string | null)[] =>
  upstream.requests.map(({ checkout }) => checkout?.transaction ?? null);

const endOf = ({ checkouts }: Parts): Checkout['expiresAt'] => checkouts.of('dev')?.expiresAt ?? epoch(0);

const notYet = (retryAt: Checkout['expiresAt']): Verdict<never> => ({ type: 'not-yet', retryAt });

describe('an upstream that allows one checkout at a time', () => {
  /** An hour of credentials in use, until so long before their end. */
  async function usedUntil(leftMs: number): Promise<Parts> {
    const parts = await checkedOut({ renewal: 'exclusive' });
    const { broker, clock, get } = parts;
    const end = endOf(parts);
    while (end - clock.now() > leftMs) {
      broker.beat();
      get();
      await clock.pass(Math.min(seconds(5), end - clock.now() - leftMs));
    }
    return parts;
  }

  it('is handed out until five seconds before its end', async () => {
    const { clock, get } = await usedUntil(seconds(5) + 1);
    const asked = get();
    await settled();
    expect(told(asked)).toBe('generation 1');
    await clock.pass(1);
    const late = get();
    await clock.pass(800);
    expect(told(late)).not.toContain('generation');
  });

  it('is asked nothing before that end', async () => {
    const { upstream } = await usedUntil(seconds(3));
    expect(upstream.acquires).toHaveLength(1);
  });

  it('has its callers held over that end', async () => {
    const parts = await usedUntil(seconds(3));
    const { clock, get, upstream } = parts;
    const asked = get('dev', { holdMs: seconds(10) });
    await clock.pass(seconds(3) + 499);
    expect([told(asked), upstream.acquires.length]).toEqual(['waiting', 1]);
    await clock.pass(1);
    expect(checkoutsSent(parts)).toEqual([null, 't-1']);
    upstream.acquires[1]?.answer(ok(upstream.credentials(hours(1), { transaction: 't-2' })));
    await settled();
    expect([told(asked), parts.checkouts.of('dev')?.transaction]).toEqual(['generation 2', 't-2']);
  });

  it('is asked at once by a user who forces it', async () => {
    const { broker, upstream } = await usedUntil(minutes(30));
    const renewed = broker.renew('dev', { holdMs: seconds(10), signal: new AbortController().signal });
    await settled();
    upstream.acquires[1]?.answer(ok(upstream.credentials(hours(1), { transaction: 't-2' })));
    expect((await renewed).generation).toBe(2);
  });
});

describe('an upstream whose checkouts can be extended', () => {
  const extended = (): Promise<Parts> => checkedOut({ renewal: 'extend' });

  it('is told which one, and what it answers takes the place of what was held', async () => {
    const parts = await extended();
    const { broker, clock, upstream } = parts;
    await clock.pass(minutes(44));
    expect(broker.peek('dev')?.generation).toBe(1);
    await settled();
    expect(checkoutsSent(parts)).toEqual([null, 't-1']);
    upstream.acquires[1]?.answer(ok(upstream.credentials(hours(1), { transaction: 't-1' })));
    await settled();
    expect([broker.peek('dev')?.generation, endOf(parts)]).toEqual([2, clock.now() + hours(1)]);
  });

  it('that extends nothing is left alone until the end of what is held', async () => {
    const parts = await extended();
    const { broker, clock, upstream } = parts;
    const expiresAt = endOf(parts);
    await clock.pass(minutes(44));
    for (let passed = minutes(44); passed < minutes(59); passed += seconds(15)) {
      broker.beat();
      broker.peek('dev');
      await settled();
      upstream.acquires[1]?.answer(ok({ ...upstream.credentials(), expiresAt, transaction: 't-1' }));
      await clock.pass(seconds(15));
    }
    expect([upstream.acquires.length, parts.checkouts.of('dev')?.transaction]).toEqual([2, 't-1']);
  });
});

describe('an upstream whose old checkout still runs', () => {
  it('is asked again when that has ended, and who can wait so long does', async () => {
    const parts = await testBroker();
    const { clock, get, upstream } = parts;
    const patient = get('dev', { holdMs: seconds(10) });
    const hasty = get('dev', { holdMs: seconds(4) });
    await settled();
    upstream.acquires[0]?.answer(notYet(epoch(clock.now() + seconds(5))));
    await settled();
    expect([told(patient), told(hasty)]).toEqual([
      'waiting',
      'An earlier checkout of "dev" has not ended yet; ask again in half a minute',
    ]);
    await clock.pass(seconds(5) - 1);
    expect(upstream.acquires).toHaveLength(1);
    await clock.pass(1);
    upstream.acquires[1]?.answer(ok(upstream.credentials()));
    await settled();
    expect(told(patient)).toBe('generation 1');
  });

  it('is not asked in a storm where the time it names has passed', async () => {
    const { clock, get, upstream } = await testBroker();
    get('dev', { holdMs: seconds(5) });
    for (let passed = 0; passed < seconds(5); passed += 100) {
      await settled();
      for (const call of upstream.acquires) call.answer(notYet(epoch(clock.now() - minutes(1))));
      await clock.pass(100);
    }
    expect(upstream.acquires.length).toBeLessThanOrEqual(10);
  });
});

describe('a check-in', () => {
  it('gives the checkout back once, and forgets the credentials at once', async () => {
    const parts = await checkedOut();
    const { broker, upstream } = parts;
    const done = broker.checkin('dev');
    expect([broker.peek('dev'), parts.checkouts.of('dev')]).toEqual([null, null]);
    await settled();
    expect(upstream.releases.map(({ checkout }) => checkout.transaction)).toEqual(['t-1']);
    upstream.releaseAnswers[0]?.(ok(undefined));
    await done;
    await broker.checkin('dev');
    expect(upstream.releases).toHaveLength(1);
  });

  it('is over when upstream has taken the checkout back, and not before', async () => {
    const { broker, upstream } = await checkedOut();
    let isOver = false;
    const done = broker.checkin('dev').then(() => {
      isOver = true;
    });
    await settled();
    expect(isOver).toBe(false);
    upstream.releaseAnswers[0]?.(ok(undefined));
    await done;
    expect(isOver).toBe(true);
  });

  it('makes who comes meanwhile wait for it, and hands them new credentials', async () => {
    const parts = await checkedOut();
    const { broker, get, upstream } = parts;
    const done = broker.checkin('dev');
    const asked = get('dev', { holdMs: seconds(10) });
    await settled();
    expect([told(asked), upstream.acquires.length]).toEqual(['waiting', 1]);
    upstream.releaseAnswers[0]?.(ok(undefined));
    await done;
    await settled();
    expect(checkoutsSent(parts)).toEqual([null, null]);
    upstream.acquires[1]?.answer(ok(upstream.credentials(hours(1), { transaction: 't-2' })));
    await settled();
    expect([told(asked), parts.checkouts.of('dev')?.transaction]).toEqual(['generation 2', 't-2']);
  });

  it('that upstream does not answer ends after its time', async () => {
    const { broker, clock, get, upstream } = await checkedOut();
    const done = broker.checkin('dev');
    const asked = get('dev', { holdMs: seconds(20) });
    await clock.pass(seconds(15) - 1);
    expect([told(asked), upstream.acquires.length, upstream.releases[0]?.signal.aborted]).toEqual([
      'waiting',
      1,
      false,
    ]);
    await clock.pass(1);
    expect([upstream.acquires.length, upstream.releases[0]?.signal.aborted]).toEqual([2, true]);
    upstream.releaseAnswers[0]?.(transient());
    await done;
    upstream.acquires[1]?.answer(ok(upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 2');
  });

  it('that is made a second time joins the first', async () => {
    const { broker, get, upstream } = await checkedOut();
    const first = broker.checkin('dev');
    await settled();
    const second = broker.checkin('dev');
    const asked = get('dev', { holdMs: seconds(10) });
    await settled();
    expect(upstream.releases.map(({ signal }) => signal.aborted)).toEqual([false]);
    expect([told(asked), upstream.acquires.length]).toEqual(['waiting', 1]);
    upstream.releaseAnswers[0]?.(ok(undefined));
    await Promise.all([first, second]);
    await settled();
    expect(upstream.acquires).toHaveLength(2);
  });

  it('that upstream answers closes an open circuit', async () => {
    const { broker, clock, get, upstream } = await checkedOut();
    for (let failures = 0; failures < 5; failures++) {
      get('staging', { holdMs: 10 });
      await settled();
      upstream.acquires.at(-1)?.answer(transient());
      await clock.pass(minutes(1));
    }
    const done = broker.checkin('dev');
    await settled();
    upstream.releaseAnswers[0]?.(ok(undefined));
    await done;
    expect(broker.sessions()[0]?.upstream.state).toBe('closed');
    get('prod');
    await settled();
    expect(upstream.acquires).toHaveLength(7);
  });

  it('gives back nothing where upstream counts no checkouts', async () => {
    const { broker, get, upstream } = await testBroker();
    get();
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    await broker.checkin('dev');
    expect([broker.peek('dev'), upstream.releases.length]).toEqual([null, 0]);
  });

  it('lets an answer that was under way change nothing', async () => {
    const { broker, get, upstream } = await testBroker();
    const asked = get('dev', { holdMs: seconds(10) });
    await settled();
    await broker.checkin('dev');
    await settled();
    expect([told(asked), upstream.acquires[0]?.signal.aborted]).toEqual([
      'Profile "dev" was checked in; ask again',
      true,
    ]);
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    expect(broker.peek('dev')).toBeNull();
  });

  it('gives back what was checked out before a restart', async () => {
    const before = await checkedOut();
    await before.broker.close();
    const { broker, upstream } = await testBroker({ after: before });
    const done = broker.checkin('dev');
    await settled();
    upstream.releaseAnswers[0]?.(ok(undefined));
    await done;
    expect(upstream.releases.map(({ checkout }) => checkout.transaction)).toEqual(['t-1']);
  });
});

describe('a checkout', () => {
  it('is found again after a stop: its credentials are asked for with its name', async () => {
    const before = await checkedOut();
    await before.broker.close();
    expect(before.checkouts.of('dev')?.transaction).toBe('t-1');
    const after = await testBroker({ after: before });
    after.get();
    await settled();
    expect(checkoutsSent(after)).toEqual([null, 't-1']);
  });

  it('is found again after a crash', async () => {
    const before = await checkedOut();
    before.kill();
    const after = await testBroker({ after: before });
    after.get();
    await settled();
    expect(checkoutsSent(after)).toEqual([null, 't-1']);
  });

  it('is forgotten with a sign-out', async () => {
    const parts = await checkedOut();
    await parts.broker.logout('work');
    expect(parts.checkouts.of('dev')).toBeNull();
  });

  it('is forgotten when its profile becomes another', async () => {
    const parts = await checkedOut();
    const changed = { ...ssoProfile('dev', 'work'), roleName: 'Admin' };
    parts.broker.reload(settingsWith({ profiles: new Map([['dev', changed]]) }));
    expect(parts.checkouts.of('dev')).toBeNull();
  });
});
