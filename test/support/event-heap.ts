/** What is to happen, the soonest first; at one moment in the order in which it was asked for. */
interface Entry {
  readonly at: number;
  readonly order: number;
  /** Null once it is cancelled: taking it out of the middle of the heap would cost more than letting it surface. */
  run: (() => void) | null;
}

export class EventHeap {
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Null when nothing is to come. */
  get nextAt(): number | null {
    return this.#heap[0]?.at ?? null;
  }

  add(at: number, run: () => void): () => void {
    const entry: Entry = { at, order: this.#order++, run };
    this.#push(entry);
    return () => {
      entry.run = null;
    };
  }

  /** Takes the soonest out; what was cancelled does nothing. */
  take(): () => void {
    const first = this.#heap[0];
    this.#pop();
    return () => first?.run?.();
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
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      const right = one && other && isBefore(other, one);
      const below = right ? other : one;
      if (!below || isBefore(last, below)) break;
      heap[at] = below;
      at = right ? left + 1 : left;
    }
    heap[at] = last;
  }
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
