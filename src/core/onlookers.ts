/** Those who wait until a session can be used, or says why it cannot. */
import { BrokerError } from './errors.ts';
import { toError } from './failure.ts';
import type { SessionAccess } from './lease-state.ts';
import type { SessionRecord } from './types.ts';

interface Watched {
  readonly access: () => SessionAccess;
  readonly record: () => SessionRecord | null;
}

export class Onlookers {
  readonly #watched: Watched;
  readonly #looks = new Set<() => void>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Whatever they wait for may have come. */
  look(): void {
    for (const look of this.#looks) look();
  }

  wait(signal: AbortSignal): Promise<SessionRecord> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const access = this.#watched.access();
        if (access.type === 'pending' && !signal.aborted) return;
        this.#looks.delete(look);
        signal.removeEventListener('abort', look);
        if (signal.aborted) return reject(signal.reason);
        if (access.type === 'refused') return reject(toError(access.failure));
        const record = this.#watched.record();
        record ? resolve(record) : reject(new BrokerError('LoginRequired', 'Signed out meanwhile'));
      };
      this.#looks.add(look);
      signal.addEventListener('abort', look);
    });
  }
}
