/**
 * One file of a cache that the AWS tools share. None of them takes a lock, some write in place: half a file is a writer at
 * work, and never the same as no file. Ours is replaced whole, under a temporary name that does not end in `.json`.
 */
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Timers } from '../core/ports.ts';
import { readFileBounded, writeFileAtomically } from './atomic-file.ts';
import { FileWatch } from './file-watch.ts';
import type { JsonObject } from './json.ts';
import { parseObject } from './json.ts';
import { errorCode, isMissing } from './system-error.ts';

export interface JsonCacheFileOptions<T> {
  readonly path: string;
  readonly timers: Timers;
  /** Null for a file without what must be in it. */
  readonly parse: (file: JsonObject) => T | null;
  /** What to do with one that stays damaged, one sentence. */
  readonly remedy: string;
}

export type Found<T> =
  | { readonly type: 'found'; readonly value: T }
  | { readonly type: 'gone' }
  /** `writable` is one that could be read and makes no sense. */
  | { readonly type: 'unreadable'; readonly detail: string; readonly writable: boolean };

export type Written = { readonly type: 'saved' } | { readonly type: 'failed'; readonly detail: string };

const maxBytes = 256 * 1024;
const rereads = 5;
const pauseMs = 50;

export class JsonCacheFile<T> {
  readonly #options: JsonCacheFileOptions<T>;
  readonly #watch: FileWatch;

  constructor(options: JsonCacheFileOptions<T>) {
    this.#options = options;
    this.#watch = new FileWatch(options.path, options.timers, () => readBytes(options.path));
  }

  /** Waits a little for whoever is writing. */
  async read(): Promise<Found<T>> {
    for (let attempt = 1; ; attempt++) {
      const found = this.#readOnce();
      if (found.type !== 'unreadable' || !found.writable || attempt > rereads) return found;
      await this.pause();
    }
  }

  /** For whoever writes at this moment. */
  pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.timers.after(pauseMs, resolve);
    });
  }

  write(content: string): Written {
    const { path } = this.#options;
    try {
      // Only what is missing is made: the modes of the user's directories are the user's.
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileAtomically(realPath(path), content);
      this.#watch.expect(content);
      return { type: 'saved' };
    } catch (cause) {
      return { type: 'failed', detail: `"${path}" cannot be written (${errorCode(cause) ?? 'unknown error'})` };
    }
  }

  /** Throws where it may still be there. */
  remove(): void {
    const { path } = this.#options;
    rmSync(realPath(path), { force: true });
    // Where that was a link, the link is left.
    rmSync(path, { force: true });
    this.#watch.expect(null);
  }

  watch(changed: () => void): () => void {
    return this.#watch.start(changed);
  }

  #readOnce(): Found<T> {
    const { path, parse, remedy } = this.#options;
    let bytes: Buffer | null;
    try {
      bytes = readBytes(path);
    } catch (cause) {
      const detail = `"${path}" cannot be read (${errorCode(cause) ?? 'not a plain file'})`;
      return { type: 'unreadable', detail, writable: false };
    }
    if (bytes === null) return { type: 'gone' };
    const file = parseObject(bytes.toString('utf8'));
    const value = file === null ? null : parse(file);
    if (value !== null) return { type: 'found', value };
    return { type: 'unreadable', detail: `"${path}" is damaged. ${remedy}`, writable: true };
  }
}

const readBytes = (path: string): Buffer | null => readFileBounded(realPath(path), maxBytes);

/** Some people keep `~/.aws` elsewhere and link it. */
const realPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch (cause) {
    if (isMissing(cause)) return path;
    throw cause;
  }
};
