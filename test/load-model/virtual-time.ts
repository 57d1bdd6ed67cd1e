/** Time as a heap of events: milliseconds since the start of the day. What falls on the same moment runs in the order it was asked for. */
import type { Timers } from '../../src/core/ports.ts';
import { EventHeap } from '../support/event-heap.ts';

export class VirtualTime implements Timers {
  readonly #events = new EventHeap();
  #now = 0;
  #stirred = true;

  get now(): number {
    return this.#now;
  }

  after = (ms: number, run: () => void): (() => void) => this.#events.add(this.#now + Math.max(0, ms), run);

  every(ms: number, run: () => void): void {
    this.after(ms, () => {
      this.every(ms, run);
      run();
    });
  }

  /** A promise was settled or made: what waits for it happens before time moves on. */
  stir = (): void => {
    this.#stirred = true;
  };

  async runUntil(end: number): Promise<void> {
    for (;;) {
      if (this.#stirred) await this.#settle();
      const at = this.#events.nextAt;
      if (at === null || at > end) break;
      const run = this.#events.take();
      this.#now = at;
      run();
    }
    this.#now = end;
  }

  /** One turn of the event loop runs every promise callback there is, and those that these bring about. */
  async #settle(): Promise<void> {
    this.#stirred = false;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
