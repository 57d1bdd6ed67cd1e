import type { StateFile } from '../../src/core/ports.ts';

/** A state file without a file. */
export const memoryState = <T>(initial: T | null = null): StateFile<T> => {
  let kept = initial;
  return {
    load: () => kept,
    save: (value) => {
      kept = value;
    },
  };
};
