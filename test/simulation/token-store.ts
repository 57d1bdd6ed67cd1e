/** A place for tokens that other tools use as well, and that cannot always be read or written. */
import type { Cancel, SaveOutcome, SessionRecord, SessionStore, StoredSession } from '../../src/core/types.ts';
import type { Daemon, Process } from './daemon.ts';
import type { Story } from './story.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface StoreParts {
  readonly time: VirtualTime;
  readonly story: Story;
  readonly daemon: Daemon;
  readonly delayMs: number;
}

export class TokenStore implements SessionStore {
  readonly #parts: StoreParts;
  readonly #watchers = new Set<() => void>();
  stored: SessionRecord | null = null;
  unreadable = false;
  readOnly = false;
  /** The next read meets another tool in the middle of its write. */
  torn = false;
  /** When it could last not be used, or another tool wrote to it; monotonic. */
  unrestAt = Number.NEGATIVE_INFINITY;
  /** Access tokens that stood here, or that the broker tried to put here. */
  readonly seen = new Set<string>();

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  load = async (): Promise<StoredSession> => {
    await this.#wait(this.#parts.daemon.process);
    const { torn } = this;
    this.torn = false;
    if (torn) this.#parts.story.note('torn read', 'half a file');
    if (torn || this.unreadable) return { type: 'unreadable', detail: 'EACCES' };
    this.#parts.story.tell(`store read: ${this.stored?.accessToken.slice(-12) ?? 'nothing'}`);
    return this.stored ? { type: 'found', record: this.stored } : { type: 'gone' };
  };

  save = async (record: SessionRecord, replaced: SessionRecord | null): Promise<SaveOutcome> => {
    const { daemon, story } = this.#parts;
    const { process } = daemon;
    daemon.passing('tokens about to be saved');
    await this.#wait(process);
    const outcome = this.#save(record, replaced);
    story.note(`save ${outcome.type}`, record.accessToken.slice(-12));
    daemon.passing('tokens saved');
    await this.#wait(process);
    return outcome;
  };

  remove = async (): Promise<void> => {
    await this.#wait(this.#parts.daemon.process);
    if (this.readOnly) throw new Error('EROFS');
    this.stored = null;
  };

  watch = (changed: () => void): Cancel => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  /** Another tool writes or deletes; false when it could not. */
  overwrite(record: SessionRecord | null): boolean {
    if (this.unreadable || this.readOnly) return false;
    this.stored = record;
    if (record) this.seen.add(record.accessToken);
    this.#changed();
    return true;
  }

  set(what: 'unreadable' | 'readOnly' | 'torn', value: boolean): void {
    this[what] = value;
    this.#changed();
  }

  /** The process that watched is dead. */
  abandon(): void {
    this.#watchers.clear();
  }

  #save(record: SessionRecord, replaced: SessionRecord | null): SaveOutcome {
    this.seen.add(record.accessToken);
    if (this.unreadable) return { type: 'failed', detail: 'EACCES' };
    if (replaced && !this.stored) return { type: 'gone' };
    const other = replaced && this.stored?.accessToken !== replaced.accessToken ? this.stored : null;
    if (other && other.expiresAt > record.expiresAt) return { type: 'changed', record: other };
    if (this.readOnly) return { type: 'failed', detail: 'EROFS' };
    this.stored = record;
    return { type: 'saved' };
  }

  /** Ends only if the process that waits is still alive then. */
  #wait(process: Process): Promise<void> {
    const { time, delayMs } = this.#parts;
    if (!process.alive) return new Promise(() => {});
    if (delayMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      time.after(delayMs, () => {
        time.stir();
        if (process.alive) resolve();
      });
    });
  }

  #changed(): void {
    this.unrestAt = this.#parts.time.mono();
    for (const changed of [...this.#watchers]) changed();
  }
}
