/** One day of one strategy: the same callers, the same chances, another source. */
import { hours } from '../support/fake-clock.ts';
import { mulberry32 } from '../support/mulberry32.ts';
import { runLoop, type Scene } from './callers.ts';
import { Measures } from './measures.ts';
import { type Population, places } from './population.ts';
import { Signer } from './signer.ts';
import type { Strategy } from './source.ts';
import { type Outage, Upstream } from './upstream.ts';
import { VirtualTime } from './virtual-time.ts';

export interface DayOptions {
  readonly strategy: Strategy;
  readonly population: Population;
  readonly lifeMs: number;
  readonly outage: Outage | null;
  readonly seed: number;
}

export interface Day {
  readonly upstream: Upstream;
  readonly measures: Measures;
  readonly calls: number;
  readonly busiestSecond: number;
  /** Renewals of a profile after the last request for it: the sum, and the profile with the most. */
  readonly afterLastUse: { readonly all: number; readonly most: number };
}

/** How long the day goes on after work, to see who goes on renewing. */
const eveningMs = hours(3);

export async function runDay({ strategy, population, lifeMs, outage, seed }: DayOptions): Promise<Day> {
  const time = new VirtualTime();
  const upstream = new Upstream({ time, random: mulberry32(seed + 1), lifeMs, outage });
  const world = { time, upstream, random: mulberry32(seed + 2), profiles: population.profiles };
  const measures = new Measures(outage);
  const scene = { ...world, measures, source: strategy.open(world), workMs: population.workMs };
  populate(scene, population, seed);
  await time.runUntil(population.workMs + eveningMs);
  return { upstream, measures, ...summed(upstream, measures) };
}

function populate(scene: Scene, population: Population, seed: number): void {
  const { profiles, signers, signEveryMs, clocks, loops, startEveryMs } = population;
  const options = { profiles, random: mulberry32(seed) };
  places(signers, signEveryMs, options).forEach((place, index) => {
    const clock = clocks[index % clocks.length];
    if (clock) new Signer(scene, { clock, place, everyMs: signEveryMs });
  });
  for (const place of places(loops, startEveryMs, options)) runLoop(scene, place, startEveryMs);
}

function summed({ calls }: Upstream, { lastUse }: Measures) {
  const seconds = new Map<number, number>();
  const late: number[] = [];
  for (const [profile, times] of calls) {
    for (const at of times) seconds.set(Math.floor(at / 1_000), (seconds.get(Math.floor(at / 1_000)) ?? 0) + 1);
    const last = lastUse.get(profile) ?? 0;
    late.push(times.filter((at) => at > last).length);
  }
  return {
    calls: sum([...calls.values()].map((times) => times.length)),
    busiestSecond: Math.max(0, ...seconds.values()),
    afterLastUse: { all: sum(late), most: Math.max(0, ...late) },
  };
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
