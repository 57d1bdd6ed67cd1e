/**
 * One seed is one world: a broker as it ships, hours of virtual time, everything that can happen to it, and what must hold
 * whatever happens. The same seed tells the same story.
 */
import { hours, minutes, seconds } from '../support/fake-clock.ts';
import { Chaos } from './chaos.ts';
import { recover } from './recovery.ts';
import { World } from './world.ts';

export interface SeedReport {
  readonly seed: number;
  /** Empty when all is well; the first one is the cause. */
  readonly complaints: readonly string[];
  /** The last 200 events, each with its virtual time. */
  readonly story: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

export async function runSeed(seed: number, options: { readonly hours: number }): Promise<SeedReport> {
  const world = new World(seed);
  const { story } = world;
  try {
    await live(world, hours(options.hours));
  } catch (error) {
    story.complain(`thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  return { seed, complaints: story.complaints, story: story.last(), counts: story.counts };
}

async function live(world: World, forMs: number): Promise<void> {
  const { daemon, dice, callers, time, story } = world;
  time.after(0, () => daemon.start());
  await time.runUntil(0, story.over);
  for (const { name } of world.sites.values()) if (dice.chance(0.8)) world.person.login(name, null);
  await time.runUntil(seconds(1), story.over);
  if (dice.chance(0.8)) world.person.finish();
  callers.hire();
  world.person.begin([...world.sites.keys()]);
  const chaos = new Chaos(world);
  chaos.begin();
  await time.runUntil(forMs, story.over);
  if (story.over()) return;
  chaos.end();
  callers.close();
  // Long enough for a daemon that is down to come back.
  await time.runUntil(forMs + minutes(11), story.over);
  await recover(world);
}
