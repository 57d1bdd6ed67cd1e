/**
 * Counts the warm answers of each client, so that a signing loop leaves one line in the log and not thousands, and no
 * warm answer waits on the disk.
 */
import type { Log } from './ports.ts';

interface Tally {
  readonly grant: string;
  readonly profile: string;
  count: number;
}

export class HandOuts {
  readonly #log: Log;
  readonly #tallies = new Map<string, Tally>();

  constructor(log: Log) {
    this.#log = log;
  }

  note(grant: string, profile: string): void {
    const key = `${grant} ${profile}`;
    const tally = this.#tallies.get(key);
    if (tally) tally.count += 1;
    else this.#tallies.set(key, { grant, profile, count: 1 });
  }

  /** Called with each heartbeat and at the end. */
  flush(): void {
    for (const tally of this.#tallies.values()) this.#log.info({ ...tally, source: 'warm' }, 'handed out');
    this.#tallies.clear();
  }
}
