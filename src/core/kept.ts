/** Values under names that outlive the daemon, stored as one. */
import type { StateFile } from './ports.ts';

export type KeptValues<T> = Readonly<Record<string, T>>;

/** Throws for what was never saved. */
export const parseKept =
  <T>(parse: (value: unknown) => T) =>
  (value: unknown): KeptValues<T> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is not an object');
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, parse(one)]));
  };

export class Kept<T> {
  readonly #file: StateFile<KeptValues<T>>;
  #all: ReadonlyMap<string, T>;

  constructor(file: StateFile<KeptValues<T>>) {
    this.#file = file;
    this.#all = new Map(Object.entries(file.load() ?? {}));
  }

  of(name: string): T | null {
    return this.#all.get(name) ?? null;
  }

  /** Null forgets it. On disk when it returns. */
  save(name: string, value: T | null): void {
    const all = new Map(this.#all);
    if (value === null) all.delete(name);
    else all.set(name, value);
    this.#all = all;
    this.#file.save(Object.fromEntries(all));
  }
}
