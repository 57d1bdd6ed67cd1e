/**
 * Time as a heap of events. Two clocks: `mono` moves from event to event, `truth` is what the world's clocks say and moves
 * on while the machine sleeps as well. What the machine believes (`wall`) is the truth and a skew on top.
 */
import { EventHeap } from '../support/event-heap.ts';

export type Cancel = () => void;

/** More than this in an hour is not work any more. */
const mostEventsPerHour = 60_000;
const hourMs = 3_600_000;

export class VirtualTime {
  readonly #begin = Date.parse('2026-11-21T09:00:00.000Z');
  readonly #heap = new EventHeap();
  #mono = 0;
  #slept = 0;
  #stirred = true;
  #events = 0;
  #ticks = 0;
  #hour = 0;
  /** How far the machine's own wall clock is off. */
  skewMs = 0;

  mono = (): number => this.#mono;
  truth = (): number => this.#begin + this.#mono + this.#slept;
  wall = (): number => this.truth() + this.skewMs;

  get slept(): number {
    return this.#slept;
  }

  /** Grows with each call: what began before what, also within one moment. */
  tick = (): number => ++this.#ticks;

  /** In whole milliseconds, and never too early. */
  after = (ms: number, run: () => void): Cancel => this.#heap.add(this.#mono + Math.ceil(Math.max(0, ms)), run);

  sleep(ms: number): void {
    this.#slept += ms;
  }

  /** A promise was made or settled: what hangs on it happens before time moves on. */
  stir = (): void => {
    this.#stirred = true;
  };

  /** Ends at `end` (monotonic) or as soon as `over` says so, asked after every event. */
  async runUntil(end: number, over: () => boolean): Promise<void> {
    while (!over()) {
      if (this.#stirred) await this.#settle();
      const at = this.#heap.nextAt;
      if (at === null || at > end) break;
      const run = this.#heap.take();
      this.#mono = at;
      this.#guard();
      run();
    }
    if (!over()) this.#mono = Math.max(this.#mono, end);
  }

  /** One turn of the event loop runs every promise callback there is, and those that these bring about. */
  async #settle(): Promise<void> {
    this.#stirred = false;
    await new Promise((resolve) => setImmediate(resolve));
  }

  #guard(): void {
    const hour = Math.floor(this.#mono / hourMs);
    this.#events = hour === this.#hour ? this.#events + 1 : 0;
    this.#hour = hour;
    if (this.#events > mostEventsPerHour) throw new Error('events run in circles');
  }
}
