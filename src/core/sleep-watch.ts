import type { Clock } from './ports.ts';

/** A step of the wall clock that the monotonic one did not take: the machine slept, or the clock was set. */
const wakeMs = 10_000;

/** Notices that the machine slept, from one look to the next. */
export class SleepWatch {
  readonly #clock: Clock;
  #last: { readonly now: number; readonly mono: number; readonly anchored: number };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#last = this.#read();
  }

  /** Since the last time. */
  slept(): boolean {
    const { now, mono, anchored } = this.#last;
    const last = this.#read();
    this.#last = last;
    // A server that set our clock right woke nobody.
    return Math.abs(last.now - now - (last.anchored - anchored) - (last.mono - mono)) > wakeMs;
  }

  #read() {
    const clock = this.#clock;
    return { now: clock.now(), mono: clock.mono(), anchored: clock.anchored() };
  }
}
