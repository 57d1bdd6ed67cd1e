import type { StateFile } from '../../src/core/ports.ts';

/** A state file in memory: keeps what was saved as JSON, counts, and refuses on demand like a full disk. */
export class MemoryFile<T> implements StateFile<T> {
  text: string | null = null;
  saves = 0;
  isFull = false;

  load = (): T | null => (this.text === null ? null : (JSON.parse(this.text) as T));

  save = (value: T): void => {
    if (this.isFull) throw new Error('ENOSPC: no space left on device');
    this.saves += 1;
    this.text = JSON.stringify(value);
  };
}
