/** The system's time and timers. */
import type { Clock, Timers } from '../core/ports.ts';
import { EffectiveClock } from './effective-clock.ts';

const longestTimerMs = 15_000;

export const systemClock = (): Clock => new EffectiveClock({ wall: () => Date.now(), mono: () => performance.now() });

/** They do not keep the process alive. */
export const systemTimers = (): Timers => ({
  after: (ms, run) => {
    // Beyond 2^31 ms a timer fires at once, and long ones drift across a suspend: a mistake worth hearing of.
    if (!(ms <= longestTimerMs)) throw new RangeError(`A timer of ${ms} ms is longer than ${longestTimerMs} ms`);
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
});
