/**
 * Which backend keeps the secrets. The choice falls with the first secret, so that nobody is asked for a keychain
 * password who stores nothing, and is then recorded: a keychain that is away later is waited for, never replaced by
 * something weaker. Only the user's own word (`CREDBROKER_KEYRING_BACKEND`, `CREDBROKER_PASSPHRASE_FILE`) changes it.
 */
import { isAbsolute } from 'node:path';
import { BrokerError } from '../../core/errors.ts';
import type { Clock, Log, StateFile } from '../../core/ports.ts';
import { fileKey } from './file-key.ts';
import { JweStore } from './jwe-store.ts';
import { KeychainKey } from './keychain-key.ts';
import { askKeyring } from './keyring-process.ts';
import { memoryStore } from './memory-store.ts';
import { PassphraseKey } from './passphrase-key.ts';
import type { KeySource, SecretRead, SecretStore, SecretWrite } from './secret-store.ts';

/** `passphrase` is the encrypted file, too, with its key under a passphrase. */
export type Backend = 'keychain' | 'file' | 'passphrase' | 'memory';

/** The user's own word. */
export interface BackendWish {
  readonly backend: Backend | null;
  readonly passphraseFile: string | null;
}

export interface SecretStoreOptions {
  readonly directory: string;
  readonly wish: BackendWish;
  readonly recorded: StateFile<Backend>;
  readonly keychain: KeySource;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the environment says. Throws `ConfigInvalid` for what is no backend, and for two that are not one. */
export const parseWish = (env: NodeJS.ProcessEnv): BackendWish => {
  const backend = parseBackend(env['CREDBROKER_KEYRING_BACKEND'] ?? '');
  const passphraseFile = env['CREDBROKER_PASSPHRASE_FILE'] ?? '';
  if (passphraseFile === '') return { backend, passphraseFile: null };
  const complain = (words: string) => new BrokerError('ConfigInvalid', `CREDBROKER_PASSPHRASE_FILE ${words}`);
  // The daemon stands in another directory than the command that started it.
  if (!isAbsolute(passphraseFile)) throw complain(`is "${passphraseFile}". Use a path from the root`);
  if (backend !== null && backend !== 'file') {
    throw complain(`is set, and CREDBROKER_KEYRING_BACKEND is "${backend}". Unset one of them`);
  }
  return { backend: 'passphrase', passphraseFile };
};

const parseBackend = (value: string): Exclude<Backend, 'passphrase'> | null => {
  if (value === '') return null;
  if (value === 'keychain' || value === 'file' || value === 'memory') return value;
  throw new BrokerError('ConfigInvalid', `CREDBROKER_KEYRING_BACKEND is "${value}". Use keychain, file or memory`);
};

/** The recorded choice; throws for anything that was never recorded. */
export const parseRecordedBackend = (value: unknown): Backend => {
  if (value === 'keychain' || value === 'file' || value === 'passphrase') return value;
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
  #trouble: string | null = null;

  constructor(options: SecretStoreOptions) {
    this.#options = options;
    const known = knownBackend(options.wish.backend, options.recorded.load());
    this.#store = known === null ? null : this.#opened(known);
  }

  get(name: string): Promise<SecretRead> {
    return this.#noticing((store) => store.get(name));
  }

  set(name: string, value: string): Promise<SecretWrite> {
    return this.#noticing((store) => store.set(name, value));
  }

  delete(name: string): Promise<SecretWrite> {
    return this.#noticing((store) => store.delete(name));
  }

  /** With what is wrong with it, which clients are told only in part. */
  describe(): string {
    const words = this.#store?.describe() ?? 'no store yet';
    return this.#trouble === null ? words : `${words}. ${this.#trouble}`;
  }

  async #noticing<T extends SecretRead | SecretWrite>(operation: (store: SecretStore) => Promise<T>) {
    const choice = await this.#choice();
    const result = choice.type === 'unavailable' ? choice : await operation(choice.store);
    const trouble = result.type === 'unavailable' ? result.detail : null;
    if (trouble !== null && trouble !== this.#trouble)
      this.#options.log.warn({ why: trouble }, 'secrets are out of reach');
    this.#trouble = trouble;
    return result;
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
    const { directory, clock, log, recorded } = this.#options;
    if (backend === 'memory') return memoryStore();
    if (recorded.load() !== backend) recorded.save(backend);
    return new JweStore({ directory, key: this.#key(backend), clock, log });
  }

  #key(backend: Exclude<Backend, 'memory'>): KeySource {
    const { directory, keychain, wish } = this.#options;
    if (backend === 'keychain') return keychain;
    if (backend === 'file') return fileKey(directory);
    return new PassphraseKey({ directory, passphraseFile: wish.passphraseFile });
  }
}

/** Who once set a passphrase and says `file` means that file: without its passphrase it stays shut. */
const knownBackend = (wish: Backend | null, recorded: Backend | null): Backend | null =>
  wish === 'file' && recorded === 'passphrase' ? recorded : (wish ?? recorded);
