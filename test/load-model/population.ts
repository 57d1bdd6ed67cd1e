/** Who asks: long-running processes and loops that start short ones, spread over profiles of unequal popularity. */
import { hours, minutes, seconds } from '../support/fake-clock.ts';
import { type ClientClock, usualMix } from './client-clocks.ts';
import type { Random } from './random.ts';

export interface Population {
  readonly profiles: number;
  /** Processes that go on all day and sign in this rhythm, with the clocks of these SDKs in turn. */
  readonly signers: number;
  readonly signEveryMs: number;
  readonly clocks: readonly ClientClock[];
  /** Loops, each of which starts a short process in this rhythm. */
  readonly loops: number;
  readonly startEveryMs: number;
  readonly workMs: number;
}

export const workingDay: Population = {
  profiles: 50,
  signers: 200,
  signEveryMs: seconds(10),
  clocks: usualMix,
  loops: 800,
  startEveryMs: minutes(10),
  workMs: hours(9),
};

/** One profile that something asks for all the time. */
export const alwaysHot = (days: number): Population => ({
  ...workingDay,
  ...{ profiles: 1, signers: 0, loops: 1, startEveryMs: seconds(10), workMs: hours(24 * days) },
});

/** One process that signs every second for a day. */
export const busyProcess = (clock: ClientClock): Population => ({
  ...workingDay,
  ...{ profiles: 1, signers: 1, signEveryMs: seconds(1), clocks: [clock], loops: 0, workMs: hours(24) },
});

export interface Place {
  readonly profile: number;
  readonly firstAt: number;
}

interface PlaceOptions {
  readonly profiles: number;
  readonly random: Random;
}

/**
 * Where each of `count` callers belongs, and when in its rhythm it begins. Zipf: the k-th profile has 1/k of the first's
 * callers; they are dealt out evenly, so that no profile goes without by chance.
 */
export function places(count: number, everyMs: number, options: PlaceOptions): readonly Place[] {
  const { profiles, random } = options;
  const weights = Array.from({ length: profiles }, (_, rank) => 1 / (rank + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const draw = (index: number): number => {
    let left = ((index + random()) / count) * total;
    const profile = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    return profile === -1 ? profiles - 1 : profile;
  };
  return Array.from({ length: count }, (_, index) => ({ profile: draw(index), firstAt: random() * everyMs }));
}
