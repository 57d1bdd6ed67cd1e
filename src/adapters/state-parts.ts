import type { StateFile } from '../core/ports.ts';

/** One state file with several owners: each reads and writes its own part and leaves the others' alone. */
export class StateParts {
  readonly #file: StateFile<Readonly<Record<string, unknown>>>;
  #parts: Readonly<Record<string, unknown>>;

  constructor(file: StateFile<Readonly<Record<string, unknown>>>) {
    this.#file = file;
    this.#parts = file.load() ?? {};
  }

  /** `parse` throws for what it cannot use; such a part counts as absent and is replaced by the next save. */
  part<T>(name: string, parse: (value: unknown) => T): StateFile<T> {
    return {
      load: () => {
        const value = this.#parts[name];
        if (value === undefined) return null;
        try {
          return parse(value);
        } catch {
          return null;
        }
      },
      save: (value) => {
        this.#parts = { ...this.#parts, [name]: value };
        this.#file.save(this.#parts);
      },
    };
  }
}

export function parseParts(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is not an object');
  return { ...value };
}
