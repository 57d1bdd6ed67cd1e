/**
 * A session kept in the token cache that the AWS tools share. None of them takes a lock, some write in place:
 *
 * - half a file is a writer at work, not a logout; a file that is gone is a logout, and is never made again;
 * - a file that changed since it was read is another tool's sign-in or refresh: the later expiry wins;
 * - nothing of ours appears in that directory under a name ending in `.json`, which other tools would read.
 */
import { join } from 'node:path';
import { BrokerError } from '../core/errors.ts';
import type { Timers } from '../core/ports.ts';
import type { SaveOutcome, SessionRecord, SessionStore, StoredSession } from '../core/types.ts';
import type { JsonObject } from './json.ts';
import { JsonCacheFile } from './json-cache-file.ts';
import type { SsoCacheIdentity } from './sso-cache-format.ts';
import { fileOf, recordOf, ssoCacheFileName } from './sso-cache-format.ts';

export interface SsoCacheOptions extends SsoCacheIdentity {
  /** `~/.aws/sso/cache`; made when something is first stored. */
  readonly directory: string;
  /** The session's name, or the start URL of a legacy profile exactly as configured. */
  readonly cacheKey: string;
  readonly timers: Timers;
}

interface Stored {
  readonly record: SessionRecord;
  /** Everything that stands in the file. */
  readonly file: JsonObject;
}

export class SsoCache implements SessionStore {
  readonly #options: SsoCacheOptions;
  readonly #path: string;
  readonly #file: JsonCacheFile<Stored>;

  constructor(options: SsoCacheOptions) {
    this.#options = options;
    this.#path = join(options.directory, ssoCacheFileName(options.cacheKey));
    const { timers } = options;
    this.#file = new JsonCacheFile({
      path: this.#path,
      timers,
      parse: storedIn,
      remedy: 'Delete it and sign in again',
    });
  }

  async load(): Promise<StoredSession> {
    const found = await this.#file.read();
    if (found.type === 'found') return { type: 'found', record: found.value.record };
    return found.type === 'gone' ? found : { type: 'unreadable', detail: found.detail };
  }

  async save(record: SessionRecord, replaced: SessionRecord | null): Promise<SaveOutcome> {
    const found = await this.#file.read();
    if (found.type === 'gone' && replaced !== null) return { type: 'gone' };
    if (found.type === 'unreadable' && !found.writable) return { type: 'failed', detail: found.detail };
    if (found.type === 'found' && isLater(found.value.record, record, replaced)) {
      return { type: 'changed', record: found.value.record };
    }
    return this.#file.write(fileOf(record, this.#options, found.type === 'found' ? found.value.file : {}));
  }

  async remove(): Promise<void> {
    try {
      this.#file.remove();
    } catch (cause) {
      throw new BrokerError('Failed', `"${this.#path}" cannot be deleted. Delete it to end the session`, { cause });
    }
  }

  watch(changed: () => void): () => void {
    return this.#file.watch(changed);
  }
}

const storedIn = (file: JsonObject): Stored | null => {
  const record = recordOf(file);
  return record === null ? null : { record, file };
};

/** Another tool stored something since `replaced` was read, and it lives longer than ours. A new sign-in is always later. */
const isLater = (stored: SessionRecord, ours: SessionRecord, replaced: SessionRecord | null): boolean => {
  if (replaced === null) return false;
  const same = stored.accessToken === replaced.accessToken && stored.refreshToken === replaced.refreshToken;
  return !same && stored.expiresAt > ours.expiresAt;
};
