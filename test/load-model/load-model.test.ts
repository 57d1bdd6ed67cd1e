/** The promises of the upstream load report, held with fewer callers; `npm run load-model` prints the whole. */
import { describe, expect, it } from 'vitest';
import { hours, minutes } from '../support/fake-clock.ts';
import { everyClock } from './client-clocks.ts';
import { runDay, sum } from './day.ts';
import { ours, oursShortLead } from './engine.ts';
import { daysWith } from './outage-section.ts';
import { daemon, noCache } from './peers.ts';
import { type Population, workingDay } from './population.ts';
import { hotCalls, localFetches } from './steady-section.ts';

const seed = 7;
const population: Population = { ...workingDay, profiles: 15, signers: 60, loops: 240 };
const quietDay = { population, lifeMs: hours(1), outage: null, seed };

const failures = async (strategy: typeof ours, lifeMs: number, outageMs: number): Promise<number> => {
  const days = await daysWith(strategy, { lifeMs, outageMs }, { population, seed });
  return sum(days.map(({ measures: { failed, coldFailures } }) => failed.starts + failed.signatures + coldFailures));
};

describe('on a day without faults', () => {
  it.each([1, 4])('no profile of %i h sets is asked for twice at once', async (life) => {
    const day = await runDay({ ...quietDay, strategy: ours, lifeMs: hours(life) });
    expect(day.upstream).toMatchObject({ duplicates: 0, mostAtOnce: 1 });
  });

  it('only a profile that never had credentials keeps a process start waiting', async () => {
    const { measures } = await runDay({ ...quietDay, strategy: ours });
    expect(measures.warmStartsWaited).toBe(0);
    expect(measures.coldStartsWaited).toBeLessThanOrEqual(population.profiles * 2);
    expect(measures).toMatchObject({ coldFailures: 0, failed: { starts: 0, signatures: 0 } });
  });

  it('upstream is asked at least 40 times less often than without a cache', async () => {
    const uncached = await runDay({ ...quietDay, strategy: noCache });
    const cached = await runDay({ ...quietDay, strategy: ours });
    expect(uncached.calls).toBeGreaterThan(cached.calls * 40);
  });

  it('a profile is renewed at most once after its last use', async () => {
    const { afterLastUse } = await runDay({ ...quietDay, strategy: ours });
    expect(afterLastUse.most).toBeLessThanOrEqual(1);
  });

  it('a daemon without our rules shows what the figures can see', async () => {
    const { upstream, measures } = await runDay({ ...quietDay, strategy: daemon });
    expect(upstream.duplicates).toBeGreaterThan(0);
    expect(measures.warmStartsWaited).toBeGreaterThan(0);
  });

  it('the same seed gives the same figures', async () => {
    const [one, other] = [await runDay({ ...quietDay, strategy: ours }), await runDay({ ...quietDay, strategy: ours })];
    expect(other).toEqual(one);
  });
});

describe('while upstream is out of order', () => {
  it.each([
    ['1 min', '15 min', minutes(1), minutes(15)],
    ['15 min', '1 h', minutes(15), hours(1)],
    ['60 min', '4 h', minutes(60), hours(4)],
  ])('nothing fails for %s with %s sets, whenever it begins', async (_length, _life, outageMs, lifeMs) => {
    expect(await failures(ours, lifeMs, outageMs)).toBe(0);
  });

  it('a lead of five minutes would not be enough', async () => {
    expect(await failures(oursShortLead, hours(1), minutes(15))).toBeGreaterThan(0);
  });
});

it.each([
  [1, 36],
  [4, 9],
  [8, 4],
])('a hot profile with %i h sets takes at most %i calls on any day', async (life, most) => {
  expect((await hotCalls(hours(life), seed)).worstDay).toBeLessThanOrEqual(most);
});

describe('one busy process', () => {
  it.each(everyClock)('fetches at most 40 times a day from us: $name', async (clock) => {
    expect(await localFetches(ours, clock, { lifeMs: hours(1), seed })).toBeLessThanOrEqual(40);
    expect(await localFetches(ours, clock, { lifeMs: hours(4), seed })).toBeLessThanOrEqual(30);
  });

  it('fetches thousands of times where a set is renewed five minutes before its end', async () => {
    const [botocore] = everyClock;
    if (!botocore) throw new Error('there are no clocks');
    expect(await localFetches(oursShortLead, botocore, { lifeMs: hours(1), seed })).toBeGreaterThan(10_000);
  });
});
