import type { Clock, Timers } from '../../src/core/ports.ts';
import { type EpochMs, epoch, type MonoMs, mono, type ServerMs } from '../../src/core/types.ts';

export const seconds = (n: number): number => n * 1_000;
export const minutes = (n: number): number => seconds(60) * n;
export const hours = (n: number): number => minutes(60) * n;

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Time that moves only when told, with the timers that hang on it. Starts at a real date. */
export class FakeClock implements Clock, Timers {
  #wall = Date.parse('2026-11-21T09:00:00.000Z');
  #mono = 1_000;
  #timers: Timer[] = [];
  #firedAtOnce = 0;
  readonly anchors: ServerMs[] = [];

  now = (): EpochMs => epoch(this.#wall);
  mono = (): MonoMs => mono(this.#mono);
  anchored = (): number => 0;
  anchor = (server: ServerMs): void => {
    this.anchors.push(server);
  };

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#mono + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Both clocks move, timers fire in order at their own time. */
  advance(ms: number): void {
    const end = this.#mono + ms;
    for (let next = this.#due(end); next; next = this.#due(end)) {
      this.#fire(next);
    }
    this.#move(end - this.#mono);
  }

  /** Like `advance`, but lets promises settle after every timer. */
  async pass(ms: number): Promise<void> {
    const end = this.#mono + ms;
    await settled();
    for (let next = this.#due(end); next; next = this.#due(end)) {
      this.#fire(next);
      await settled();
    }
    this.#move(end - this.#mono);
    await settled();
  }

  /** The machine sleeps: the wall moves, the monotonic clock and its timers do not. */
  sleep(ms: number): void {
    this.#wall += ms;
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    const ms = Math.max(timer.at, this.#mono) - this.#mono;
    this.#firedAtOnce = ms > 0 ? 0 : this.#firedAtOnce + 1;
    if (this.#firedAtOnce > 10_000) throw new Error('Timers run in circles');
    this.#move(ms);
    timer.run();
  }

  #move(ms: number): void {
    this.#mono += ms;
    this.#wall += ms;
  }

  #due(end: number): Timer | undefined {
    return this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Waits that are over in the next turn of the event loop, where time is not what is tested. */
export const atOnce: Timers = {
  after: (_ms, run) => {
    setImmediate(run);
    return () => {};
  },
};

/** Lets everything that is already decided happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
