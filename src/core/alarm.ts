import type { Clock, Timers } from './ports.ts';
import type { Cancel, MonoMs } from './types.ts';

/** Timers longer than this drift across a suspend, so longer waits are made of several. */
const longestMs = 15_000;

/** Wakes its owner at one monotonic time; setting it again replaces the earlier wish. */
export class Alarm {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #ring: () => void;
  #cancel: Cancel | null = null;

  constructor(clock: Clock, timers: Timers, ring: () => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#ring = ring;
  }

  set(at: MonoMs | null): void {
    this.#cancel?.();
    this.#cancel = null;
    if (at === null) return;
    const ms = Math.max(0, at - this.#clock.mono());
    this.#cancel = this.#timers.after(Math.min(ms, longestMs), () => (ms > longestMs ? this.set(at) : this.#ring()));
  }
}
