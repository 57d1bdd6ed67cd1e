import type { Knobs } from './knobs.ts';

/** The portal's rate limit: as many calls at once as it takes in a second. */
export class TokenBucket {
  #tokens = Number.POSITIVE_INFINITY;
  #filledAt: number;
  readonly #knobs: Knobs;
  readonly #now: () => number;

  constructor(knobs: Knobs, now: () => number) {
    this.#knobs = knobs;
    this.#now = now;
    this.#filledAt = now();
  }

  take(): boolean {
    const rate = this.#knobs.portalCallsPerSecond;
    const now = this.#now();
    this.#tokens = Math.min(rate, this.#tokens + ((now - this.#filledAt) / 1000) * rate);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
