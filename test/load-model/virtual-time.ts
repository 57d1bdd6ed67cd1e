/** Time as a heap of events: milliseconds since the start of the day. What falls on the same moment runs in the order it was asked for. */
import type { Timers } from '../../src/core/ports.ts';

interface Entry {
  readonly at: number;
  readonly order: number;
  /** Null once it is cancelled: taking it out of the middle of the heap would cost more than letting it surface. */
  run: (() => void) | null;
}

export class VirtualTime implements Timers {
  readonly #heap: Entry[] = [];
  #now = 0;
  #order = 0;
  #stirred = true;

  get now(): number {
    return this.#now;
  }

  after = (ms: number, run: () => void): (() => void) => {
    const entry: Entry = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    this.#push(entry);
    return () => {
      entry.run = null;
    };
  };

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
      const next = this.#heap[0];
      if (!next || next.at > end) break;
      this.#pop();
      this.#now = next.at;
      next.run?.();
    }
    this.#now = end;
  }

  /** One turn of the event loop runs every promise callback there is, and those that these bring about. */
  async #settle(): Promise<void> {
    this.#stirred = false;
    await new Promise((resolve) => setImmediate(resolve));
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!above || isBefore(above, entry)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [child, below] = firstChild(heap, at);
      if (!below || isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

function firstChild(heap: readonly Entry[], parent: number): readonly [number, Entry | undefined] {
  const left = 2 * parent + 1;
  const [one, other] = [heap[left], heap[left + 1]];
  return one && other && isBefore(other, one) ? [left + 1, other] : [left, one];
}
