/**
 * A session kept in the token cache that the AWS tools share. None of them takes a lock, some write in place:
 *
 * - half a file is a writer at work, not a logout; a file that is gone is a logout, and is never made again;
 * - a file that changed since it was read is another tool's sign-in or refresh: the later expiry wins;
 * - nothing of ours appears in that directory under a name ending in `.json`, which other tools would read.
 */
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BrokerError } from '../core/errors.ts';
import type { Timers } from '../core/ports.ts';
import type { SaveOutcome, SessionRecord, SessionStore, StoredSession } from '../core/types.ts';
import { readFileBounded, writeFileAtomically } from './atomic-file.ts';
import { FileWatch } from './file-watch.ts';
import type { JsonObject } from './json.ts';
import { parseObject } from './json.ts';
import type { SsoCacheIdentity } from './sso-cache-format.ts';
import { fileOf, recordOf, ssoCacheFileName } from './sso-cache-format.ts';
import { errorCode, isMissing } from './system-error.ts';

export interface SsoCacheOptions extends SsoCacheIdentity {
  /** `~/.aws/sso/cache`; made when something is first stored. */
  readonly directory: string;
  /** The session's name, or the start URL of a legacy profile exactly as configured. */
  readonly cacheKey: string;
  readonly timers: Timers;
}

const maxBytes = 256 * 1024;
const rereads = 5;
const rereadMs = 50;

type Found =
  | { readonly type: 'found'; readonly file: JsonObject; readonly record: SessionRecord }
  | { readonly type: 'gone' }
  | { readonly type: 'unreadable'; readonly detail: string; readonly writable: boolean };

export class SsoCache implements SessionStore {
  readonly #options: SsoCacheOptions;
  readonly #path: string;
  readonly #watch: FileWatch;

  constructor(options: SsoCacheOptions) {
    this.#options = options;
    this.#path = join(options.directory, ssoCacheFileName(options.cacheKey));
    this.#watch = new FileWatch(this.#path, options.timers, () => readBytes(this.#path));
  }

  async load(): Promise<StoredSession> {
    const found = await this.#read();
    if (found.type === 'found') return { type: 'found', record: found.record };
    return found.type === 'gone' ? found : { type: 'unreadable', detail: found.detail };
  }

  async save(record: SessionRecord, replaced: SessionRecord | null): Promise<SaveOutcome> {
    const found = await this.#read();
    if (found.type === 'gone' && replaced !== null) return { type: 'gone' };
    if (found.type === 'unreadable' && !found.writable) return { type: 'failed', detail: found.detail };
    if (found.type === 'found' && isLater(found.record, record, replaced)) {
      return { type: 'changed', record: found.record };
    }
    return this.#write(fileOf(record, this.#options, found.type === 'found' ? found.file : {}));
  }

  async remove(): Promise<void> {
    try {
      rmSync(realPath(this.#path), { force: true });
      // Where that was a link, the link is left.
      rmSync(this.#path, { force: true });
      this.#watch.expect(null);
    } catch (cause) {
      throw new BrokerError('Failed', `"${this.#path}" cannot be deleted. Delete it to end the session`, { cause });
    }
  }

  watch(changed: () => void): () => void {
    return this.#watch.start(changed);
  }

  async #read(): Promise<Found> {
    for (let attempt = 1; ; attempt++) {
      const found = readOnce(this.#path);
      if (found.type !== 'unreadable' || !found.writable || attempt > rereads) return found;
      await new Promise<void>((resolve) => {
        this.#options.timers.after(rereadMs, resolve);
      });
    }
  }

  #write(content: string): SaveOutcome {
    try {
      // Only what is missing is made: the modes of the user's directories are the user's.
      mkdirSync(this.#options.directory, { recursive: true, mode: 0o700 });
      writeFileAtomically(realPath(this.#path), content);
      this.#watch.expect(content);
      return { type: 'saved' };
    } catch (cause) {
      return { type: 'failed', detail: `"${this.#path}" cannot be written (${errorCode(cause) ?? 'unknown error'})` };
    }
  }
}

/** Another tool stored something since `replaced` was read, and it lives longer than ours. A new sign-in is always later. */
const isLater = (stored: SessionRecord, ours: SessionRecord, replaced: SessionRecord | null): boolean => {
  if (replaced === null) return false;
  const same = stored.accessToken === replaced.accessToken && stored.refreshToken === replaced.refreshToken;
  return !same && stored.expiresAt > ours.expiresAt;
};

const readOnce = (path: string): Found => {
  let bytes: Buffer | null;
  try {
    bytes = readBytes(path);
  } catch (cause) {
    const detail = `"${path}" cannot be read (${errorCode(cause) ?? 'not a plain file'})`;
    return { type: 'unreadable', detail, writable: false };
  }
  if (bytes === null) return { type: 'gone' };
  const file = parseObject(bytes.toString('utf8'));
  const record = file === null ? null : recordOf(file);
  if (file !== null && record !== null) return { type: 'found', file, record };
  return { type: 'unreadable', detail: `"${path}" is damaged. Delete it and sign in again`, writable: true };
};

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
