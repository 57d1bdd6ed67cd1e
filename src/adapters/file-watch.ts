/**
 * Notices what other programs do to one file. The directory is watched, because writers replace the file as often as
 * they write into it; network homes report nothing, so the file is looked at now and then as well.
 */
import { hash } from 'node:crypto';
import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Timers } from '../core/ports.ts';
import type { Cancel } from '../core/types.ts';

const settleMs = 100;
const pollMs = 5_000;

export class FileWatch {
  readonly #path: string;
  readonly #timers: Timers;
  readonly #read: () => Buffer | null;
  /** Of the content last seen or written by us; the empty string where there is no file. */
  #known = '';
  #watcher: FSWatcher | null = null;
  #settling: Cancel | null = null;
  #polling: Cancel | null = null;

  /** `read` answers null for no file, and throws for one that cannot be read now. */
  constructor(path: string, timers: Timers, read: () => Buffer | null) {
    this.#path = path;
    this.#timers = timers;
    this.#read = read;
  }

  /** What we have just written ourselves, in the same turn of the event loop; it is not reported. */
  expect(content: string | null): void {
    this.#known = digestOf(content);
  }

  start(changed: () => void): Cancel {
    this.#known = this.#current() ?? '';
    this.#poll(changed);
    return () => {
      this.#settling?.();
      this.#polling?.();
      this.#watcher?.close();
      this.#watcher = null;
    };
  }

  #poll(changed: () => void): void {
    // Again and again: the directory may not be there yet.
    this.#watcher ??= this.#open(changed);
    this.#polling = this.#timers.after(pollMs, () => {
      this.#compare(changed);
      this.#poll(changed);
    });
  }

  #open(changed: () => void): FSWatcher | null {
    try {
      const watcher = watch(dirname(this.#path), { persistent: false }, (_event, name) => {
        if (name === null || name === basename(this.#path)) this.#settle(changed);
      });
      watcher.on('error', () => {
        watcher.close();
        if (this.#watcher === watcher) this.#watcher = null;
      });
      return watcher;
    } catch {
      // Polling finds it; the next poll tries again.
      return null;
    }
  }

  #settle(changed: () => void): void {
    this.#settling?.();
    this.#settling = this.#timers.after(settleMs, () => this.#compare(changed));
  }

  #compare(changed: () => void): void {
    const current = this.#current();
    if (current === null || current === this.#known) return;
    this.#known = current;
    changed();
  }

  #current(): string | null {
    try {
      return digestOf(this.#read());
    } catch {
      return null;
    }
  }
}

const digestOf = (content: Buffer | string | null): string => (content === null ? '' : hash('sha256', content));
