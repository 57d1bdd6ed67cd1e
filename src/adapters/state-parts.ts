import type { StateFile } from '../core/ports.ts';
import type { JsonObject } from './json.ts';
import { objectOf } from './json.ts';

/** One state file with several owners: each reads and writes its own part and leaves the others' alone. */
export class StateParts {
  readonly #file: StateFile<JsonObject>;
  #parts: JsonObject;

  constructor(file: StateFile<JsonObject>) {
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

export const parseParts = (value: unknown): JsonObject => {
  const parts = objectOf(value);
  if (parts === null) throw new Error('it is not an object');
  return parts;
};
