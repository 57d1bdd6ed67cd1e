import type { Answer, Call } from './call.ts';
import type { Fault } from './faults.ts';
import type { Operation } from './operations.ts';

export interface Entry {
  readonly operation: Operation;
  /** When the call arrived. */
  readonly at: number;
  readonly request: Call;
  /** What was answered, even if a fault lost it on the way; null until then, and for ever after a `resetBefore`. */
  readonly answer: Answer | null;
  /** The kind of fault that met the call. */
  readonly fault: Fault['kind'] | null;
  /** Nothing more happens to this call. */
  readonly done: boolean;
}

/** Every call in the order of arrival, secrets included. Tests wait for it instead of waiting for time. */
export class Journal {
  readonly #entries: Entry[] = [];
  readonly #watchers = new Set<() => void>();

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  calls(operation: Operation): readonly Entry[] {
    return this.#entries.filter((entry) => entry.operation === operation);
  }

  /** The first entry, past or to come, that satisfies. Entries are looked at when they arrive and whenever they change. */
  waitFor(predicate: (entry: Entry) => boolean): Promise<Entry> {
    return new Promise((resolve) => {
      const look = (): void => {
        const entry = this.#entries.find(predicate);
        if (entry === undefined) return;
        this.#watchers.delete(look);
        resolve(entry);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** The calls of the operation, as soon as `count` of them are done. */
  async finished(operation: Operation, count = 1): Promise<readonly Entry[]> {
    const isFinished = (entry: Entry): boolean => entry.operation === operation && entry.done;
    await this.waitFor(() => this.#entries.filter(isFinished).length >= count);
    return this.#entries.filter(isFinished);
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** For the server: notes an arrival and returns what notes its changes. */
  arrive(arrived: Entry): (change: Partial<Pick<Entry, 'answer' | 'done'>>) => void {
    let entry = arrived;
    this.#entries.push(entry);
    this.#tell();
    return (change) => {
      const index = this.#entries.indexOf(entry);
      entry = { ...entry, ...change };
      if (index >= 0) this.#entries[index] = entry;
      this.#tell();
    };
  }

  #tell(): void {
    for (const look of [...this.#watchers]) look();
  }
}
