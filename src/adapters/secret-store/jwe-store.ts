/** Secrets in one encrypted file, `sessions.jwe`, under the key of this installation. */
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import type { Clock, Log } from '../../core/ports.ts';
import { readFileBounded, writeFileAtomically } from '../atomic-file.ts';
import { setAside } from '../state-file.ts';
import { errorCode } from '../system-error.ts';
import type { FileKey } from './jwe.ts';
import { importFileKey, open, seal } from './jwe.ts';
import type { KeySource, SecretRead, SecretStore, SecretWrite } from './secret-store.ts';
import { keyBytes } from './secret-store.ts';

export interface JweStoreOptions {
  readonly directory: string;
  readonly key: KeySource;
  readonly clock: Clock;
  readonly log: Log;
}

interface Unavailable {
  readonly type: 'unavailable';
  readonly detail: string;
}

type Values = ReadonlyMap<string, string>;
type Contents = { readonly type: 'values'; readonly values: Values } | Unavailable;
type KeyState = { readonly type: 'value'; readonly key: FileKey } | { readonly type: 'none' } | Unavailable;

const maxBytes = 16 * 1024 * 1024;

/** One operation at a time, in the order they were asked for. The key is read once and then kept in memory. */
export class JweStore implements SecretStore {
  readonly #options: JweStoreOptions;
  readonly #path: string;
  #key: FileKey | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: JweStoreOptions) {
    this.#options = options;
    this.#path = join(options.directory, 'sessions.jwe');
  }

  get(name: string): Promise<SecretRead> {
    return this.#inTurn(async () => {
      const contents = await this.#load();
      if (contents.type === 'unavailable') return contents;
      const value = contents.values.get(name);
      return value === undefined ? { type: 'none' } : { type: 'value', value };
    });
  }

  set(name: string, value: string): Promise<SecretWrite> {
    return this.#inTurn(() => this.#update((values) => new Map([...values, [name, value]])));
  }

  delete(name: string): Promise<SecretWrite> {
    return this.#inTurn(() =>
      this.#update((values) => (values.has(name) ? new Map([...values].filter(([key]) => key !== name)) : values)),
    );
  }

  describe(): string {
    return this.#options.key.describe();
  }

  #inTurn<T extends SecretRead | SecretWrite>(operation: () => Promise<T>): Promise<T | Unavailable> {
    const result = this.#last.then(operation).catch((cause: unknown) => this.#failed(cause));
    this.#last = result;
    return result;
  }

  async #load(): Promise<Contents> {
    const sealed = readFileBounded(this.#path, maxBytes);
    // Nothing is stored, so the keychain need not be asked.
    if (sealed === null) return { type: 'values', values: new Map() };
    const key = await this.#readKey();
    if (key.type === 'unavailable') return key;
    if (key.type === 'none') return this.#startAnew('its key is gone');
    const opened = await open(key.key, sealed.toString('latin1'));
    if (opened.type === 'values') return opened;
    if (opened.type === 'newer') return unavailable(`"${this.#path}" was written by a newer version. Use that one`);
    return this.#startAnew(opened.type === 'damaged' ? 'it is damaged' : 'it was written under another key');
  }

  /** What cannot be opened now never will be: the user signs in again, and the file is kept. */
  #startAnew(why: string): Contents {
    const moved = setAside({ path: this.#path, why, clock: this.#options.clock, log: this.#options.log });
    return moved
      ? { type: 'values', values: new Map() }
      : unavailable(`"${this.#path}" cannot be used: ${why}. Remove it`);
  }

  async #update(change: (values: Values) => Values): Promise<SecretWrite> {
    const contents = await this.#load();
    if (contents.type === 'unavailable') return contents;
    const values = change(contents.values);
    if (values === contents.values) return { type: 'done' };
    const key = await this.#obtainKey();
    if (key.type === 'unavailable') return key;
    writeFileAtomically(this.#path, await seal(key.key, values));
    return { type: 'done' };
  }

  async #readKey(): Promise<KeyState> {
    if (this.#key !== null) return { type: 'value', key: this.#key };
    const read = await this.#options.key.read();
    if (read.type === 'none') return read;
    if (read.type === 'unavailable') return unavailable(read.detail);
    this.#key = await importFileKey(read.key);
    return { type: 'value', key: this.#key };
  }

  async #obtainKey(): Promise<Exclude<KeyState, { type: 'none' }>> {
    const state = await this.#readKey();
    if (state.type !== 'none') return state;
    const bytes = crypto.getRandomValues(new Uint8Array(keyBytes));
    const written = await this.#options.key.write(bytes);
    if (written.type === 'unavailable') return written;
    this.#key = await importFileKey(bytes);
    return { type: 'value', key: this.#key };
  }

  #failed(cause: unknown): Unavailable {
    const why = errorCode(cause) ?? messageOf(cause);
    return unavailable(`"${this.#path}" cannot be read or written (${why}). Check the disk and its owner`);
  }
}

const unavailable = (detail: string): Unavailable => ({ type: 'unavailable', detail });
