import type { Waiting } from '../provider.ts';
import { wait } from '../wait.ts';

/** Hands out turns with a fixed distance between them, to any number of askers. */
export class Limiter {
  readonly #waiting: Waiting;
  readonly #gapMs: number;
  #nextAt: number;

  constructor(waiting: Waiting, gapMs: number) {
    this.#waiting = waiting;
    this.#gapMs = gapMs;
    this.#nextAt = waiting.clock.mono();
  }

  /** Resolves with false when the signal aborts before its turn comes. */
  async turn(signal: AbortSignal): Promise<boolean> {
    const now = this.#waiting.clock.mono();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#gapMs;
    return wait(this.#waiting, at - now, signal);
  }

  /** No turn that is not yet given out comes before `ms` from now. */
  pause(ms: number): void {
    this.#nextAt = Math.max(this.#nextAt, this.#waiting.clock.mono() + ms);
  }
}
