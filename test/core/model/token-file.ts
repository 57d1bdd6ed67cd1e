import type { Cancel, SaveOutcome, SessionRecord, SessionStore, StoredSession } from '../../../src/core/types.ts';

/** A token file as the broker is promised one: it tells what another tool has done since, and remembers what it has held. */
export class TokenFile implements SessionStore {
  stored: SessionRecord | null = null;
  /** Access tokens that have been durable. */
  readonly seen = new Set<string>();
  readonly #changed = new Set<() => void>();

  load = async (): Promise<StoredSession> => (this.stored ? { type: 'found', record: this.stored } : { type: 'gone' });

  save = async (record: SessionRecord, replaced: SessionRecord | null): Promise<SaveOutcome> => {
    if (replaced && !this.stored) return { type: 'gone' };
    const other = replaced && this.stored?.accessToken !== replaced.accessToken ? this.stored : null;
    if (other && other.expiresAt > record.expiresAt) return { type: 'changed', record: other };
    this.keep(record);
    return { type: 'saved' };
  };

  remove = async (): Promise<void> => {
    this.stored = null;
  };

  watch = (changed: () => void): Cancel => {
    this.#changed.add(changed);
    return () => this.#changed.delete(changed);
  };

  keep(record: SessionRecord): void {
    this.stored = record;
    this.seen.add(record.accessToken);
  }

  /** Another tool writes. */
  overwrite(record: SessionRecord): void {
    this.keep(record);
    for (const changed of this.#changed) changed();
  }
}
