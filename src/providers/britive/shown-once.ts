/**
 * Some secrets are shown when they are made and never again. Whoever asks a second time is answered from here: in memory
 * alone, until the checkout is given back or ends, or its user signs out.
 */
import type { Clock } from '../../core/ports.ts';
import type { Payload, Tokens } from './payload.ts';
import type { EpochMs } from './types.ts';

interface Shown {
  readonly owner: string;
  readonly tokens: Tokens;
  /** Of the checkout; null where nobody said when. */
  readonly endsAt: EpochMs | null;
}

const most = 100;

const kinds: ReadonlySet<Payload['kind']> = new Set(['azure', 'gcp']);

export class ShownOnce {
  readonly #clock: Pick<Clock, 'now'>;
  /** By transaction, the oldest first. */
  readonly #shown = new Map<string, Shown>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  keep(transaction: string, shown: Shown): void {
    if (!kinds.has(shown.tokens.value.kind)) return;
    this.#dropEnded();
    this.#shown.delete(transaction);
    this.#shown.set(transaction, shown);
    const [oldest] = this.#shown.keys();
    if (oldest !== undefined && this.#shown.size > most) this.#shown.delete(oldest);
  }

  of(transaction: string, owner: string): Tokens | null {
    this.#dropEnded();
    const shown = this.#shown.get(transaction);
    return shown?.owner === owner ? shown.tokens : null;
  }

  forget(transaction: string): void {
    this.#shown.delete(transaction);
  }

  clear(): void {
    this.#shown.clear();
  }

  #dropEnded(): void {
    const now = this.#clock.now();
    for (const [transaction, { endsAt }] of this.#shown) {
      if (endsAt !== null && endsAt <= now) this.#shown.delete(transaction);
    }
  }
}
