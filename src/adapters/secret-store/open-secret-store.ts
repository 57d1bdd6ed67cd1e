/**
 * Which backend keeps the secrets. The choice falls with the first secret, so that nobody is asked for a keychain
 * password who stores nothing, and is then recorded: a keychain that is away later is waited for, never replaced by
 * something weaker. Only the user's own word (`CREDBROKER_KEYRING_BACKEND`) changes it.
 */
import { BrokerError } from '../../core/errors.ts';
import type { Clock, Log, StateFile } from '../../core/ports.ts';
import { fileKey } from './file-key.ts';
import { JweStore } from './jwe-store.ts';
import { KeychainKey } from './keychain-key.ts';
import { askKeyring } from './keyring-process.ts';
import { memoryStore } from './memory-store.ts';
import type { KeySource, SecretRead, SecretStore, SecretWrite } from './secret-store.ts';

export type Backend = 'keychain' | 'file' | 'memory';

export interface SecretStoreOptions {
  readonly directory: string;
  /** What `CREDBROKER_KEYRING_BACKEND` says, null when it says nothing. */
  readonly wish: Backend | null;
  readonly recorded: StateFile<Backend>;
  readonly keychain: KeySource;
  readonly clock: Clock;
  readonly log: Log;
}

/** Throws `ConfigInvalid` for anything but the three names; null for nothing. */
export const parseBackend = (value: unknown): Backend | null => {
  if (value === undefined || value === '') return null;
  if (value === 'keychain' || value === 'file' || value === 'memory') return value;
  throw new BrokerError('ConfigInvalid', `CREDBROKER_KEYRING_BACKEND is "${value}". Use keychain, file or memory`);
};

/** The recorded choice; throws for anything that was never recorded. */
export const parseRecordedBackend = (value: unknown): Backend => {
  if (value === 'keychain' || value === 'file') return value;
  throw new Error('the backend is unknown');
};

export interface SystemKeychainOptions {
  /** The daemon's state directory, which names its entry. */
  readonly directory: string;
  /** With the session bus on Linux. */
  readonly env: NodeJS.ProcessEnv;
  /** A file of the program, from which `@napi-rs/keyring` is found; usually `process.argv[1]`. */
  readonly entryFile: string;
  readonly clock: Clock;
}

export const systemKeychain = ({ directory, env, entryFile, clock }: SystemKeychainOptions): KeySource =>
  new KeychainKey({
    ask: askKeyring(env),
    account: directory,
    entryFile,
    mono: () => clock.mono(),
    answerMs: 3_000,
    deadlineMs: 60_000,
  });

export const openSecretStore = (options: SecretStoreOptions): SecretStore => new ChosenStore(options);

type Choice = { readonly type: 'store'; readonly store: SecretStore } | Extract<SecretRead, { type: 'unavailable' }>;

class ChosenStore implements SecretStore {
  readonly #options: SecretStoreOptions;
  #store: SecretStore | null;
  #choosing: Promise<Choice> | null = null;

  constructor(options: SecretStoreOptions) {
    this.#options = options;
    const known = options.wish ?? options.recorded.load();
    this.#store = known === null ? null : this.#opened(known);
  }

  async get(name: string): Promise<SecretRead> {
    const choice = await this.#choice();
    return choice.type === 'unavailable' ? choice : choice.store.get(name);
  }

  async set(name: string, value: string): Promise<SecretWrite> {
    const choice = await this.#choice();
    return choice.type === 'unavailable' ? choice : choice.store.set(name, value);
  }

  async delete(name: string): Promise<SecretWrite> {
    const choice = await this.#choice();
    return choice.type === 'unavailable' ? choice : choice.store.delete(name);
  }

  describe(): string {
    return this.#store?.describe() ?? 'no store yet';
  }

  async #choice(): Promise<Choice> {
    if (this.#store !== null) return { type: 'store', store: this.#store };
    this.#choosing ??= this.#choose().finally(() => {
      this.#choosing = null;
    });
    return this.#choosing;
  }

  async #choose(): Promise<Choice> {
    const { keychain, log } = this.#options;
    const read = await keychain.read();
    // It is there and does not answer: choosing another now would be the silent downgrade.
    if (read.type === 'unavailable' && read.why === 'busy') return { type: 'unavailable', detail: read.detail };
    const backend = read.type === 'unavailable' ? 'file' : 'keychain';
    if (read.type === 'unavailable') log.warn({ why: read.detail }, 'secrets are kept in a file: there is no keychain');
    this.#store = this.#opened(backend);
    return { type: 'store', store: this.#store };
  }

  #opened(backend: Backend): SecretStore {
    const { directory, keychain, clock, log, recorded } = this.#options;
    if (backend === 'memory') return memoryStore();
    if (recorded.load() !== backend) recorded.save(backend);
    return new JweStore({ directory, key: backend === 'keychain' ? keychain : fileKey(directory), clock, log });
  }
}
