/** Those who wait until a session can be used, or says why it cannot. */
import { BrokerError } from './errors.ts';
import { toError } from './failure.ts';
import type { SessionAccess } from './lease-state.ts';
import type { Runtime } from './runtime.ts';
import { mayLast } from './session-access.ts';
import type { SessionEvent } from './session-events.ts';
import type { SessionState } from './session-state.ts';
import type { SessionRecord } from './types.ts';

interface Watched {
  readonly access: () => SessionAccess;
  readonly state: SessionState;
  readonly dispatch: (event: SessionEvent) => void;
}

export class Onlookers {
  readonly #watched: Watched;
  readonly #runtime: Pick<Runtime, 'clock' | 'mailbox'>;
  readonly #looks = new Set<() => void>();

  constructor(watched: Watched, runtime: Pick<Runtime, 'clock' | 'mailbox'>) {
    this.#watched = watched;
    this.#runtime = runtime;
  }

  /** Whatever they wait for may have come. */
  look(): void {
    for (const look of this.#looks) look();
  }

  ready(signal: AbortSignal): Promise<SessionRecord> {
    return this.#asked({ type: 'demand', foreground: false }, this.#wait(0, signal));
  }

  fresh(leftMs: number, signal: AbortSignal): Promise<SessionRecord> {
    return this.#asked({ type: 'wanted', leftMs }, this.#wait(leftMs, signal));
  }

  #asked<T>(event: SessionEvent, answer: Promise<T>): Promise<T> {
    this.#watched.dispatch(event);
    this.#runtime.mailbox.post(() => this.look());
    return answer;
  }

  #wait(leftMs: number, signal: AbortSignal): Promise<SessionRecord> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const access = this.#watched.access();
        const { state } = this.#watched;
        const waits = access.type === 'pending' || (access.type === 'ready' && this.#mayLast(leftMs));
        if (waits && !signal.aborted) return;
        this.#looks.delete(look);
        signal.removeEventListener('abort', look);
        if (signal.aborted) return reject(signal.reason);
        if (access.type === 'refused') return reject(toError(access.failure));
        state.record ? resolve(state.record) : reject(new BrokerError('LoginRequired', 'Signed out meanwhile'));
      };
      this.#looks.add(look);
      signal.addEventListener('abort', look);
    });
  }

  #mayLast(leftMs: number): boolean {
    return mayLast(this.#watched.state, { now: this.#runtime.clock.now(), leftMs });
  }
}
