import type { Cancel, SaveOutcome, SessionRecord, SessionStore, StoredSession } from '../../src/core/types.ts';

/** A token file that other tools use as well, and that cannot always be read or written. */
export class RandomStore implements SessionStore {
  stored: SessionRecord | null = null;
  /** What the broker must know of: delivered to it, or standing where it looks. */
  known: SessionRecord | null = null;
  unreadable = false;
  readOnly = false;
  /** Access tokens that stood here, or would if they could. */
  readonly seen = new Set<string>();
  readonly #watchers = new Set<() => void>();

  load = async (): Promise<StoredSession> => {
    if (this.unreadable) return { type: 'unreadable', detail: '' };
    return this.stored ? { type: 'found', record: this.stored } : { type: 'gone' };
  };

  save = async (record: SessionRecord, replaced: SessionRecord | null): Promise<SaveOutcome> => {
    this.seen.add(record.accessToken);
    if (this.unreadable) return { type: 'failed', detail: 'EACCES' };
    if (replaced && !this.stored) {
      this.known = null;
      return { type: 'gone' };
    }
    const other = replaced && this.stored?.accessToken !== replaced.accessToken ? this.stored : null;
    if (other && other.expiresAt > record.expiresAt) return { type: 'changed', record: other };
    if (this.readOnly) return { type: 'failed', detail: 'EROFS' };
    this.stored = record;
    this.known = record;
    return { type: 'saved' };
  };

  remove = async (): Promise<void> => {
    this.stored = null;
    this.known = null;
  };

  watch = (changed: () => void): Cancel => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  /** Another tool writes or deletes. */
  overwrite(record: SessionRecord | null): void {
    if (this.unreadable || this.readOnly) return;
    this.stored = record;
    this.known = record;
    if (record) this.seen.add(record.accessToken);
    this.#changed();
  }

  toggle(what: 'unreadable' | 'readOnly'): void {
    this[what] = !this[what];
    this.#changed();
  }

  heal(): void {
    this.unreadable = false;
    this.readOnly = false;
    this.#changed();
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }
}
