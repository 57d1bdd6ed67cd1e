/** The key in the system's keychain: macOS Keychain, Windows Credential Manager, Secret Service on Linux. */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { messageOf } from '../../core/errors.ts';
import type { MonoMs } from '../../core/types.ts';
import type { KeyringAnswer, KeyringRequest } from './keyring-child.ts';
import type { AskKeyring } from './keyring-process.ts';
import type { KeyRead, KeySource, SecretWrite } from './secret-store.ts';
import { keyBytes } from './secret-store.ts';

export interface KeychainOptions {
  readonly ask: AskKeyring;
  /** Names this installation in the keychain: two homes of one user must not share a key. */
  readonly account: string;
  /** A file of the program, from which `@napi-rs/keyring` is found; usually `process.argv[1]`. */
  readonly entryFile: string;
  readonly mono: () => MonoMs;
  /** How long a caller waits for an answer; milliseconds. */
  readonly answerMs: number;
  /** How long the keychain may take in all: a person may have to type a password; milliseconds. */
  readonly deadlineMs: number;
}

const service = 'credbroker';
/** After a failure nobody asks again for this long; milliseconds. */
const cooldownMs = 30_000;

/** One call at a time. A caller who stops waiting leaves the call running, and the next one joins it. */
export class KeychainKey implements KeySource {
  readonly #options: KeychainOptions;
  #reading: Promise<KeyRead> | null = null;
  #failed: { readonly until: number; readonly read: KeyRead } | null = null;

  constructor(options: KeychainOptions) {
    this.#options = options;
  }

  async read(): Promise<KeyRead> {
    const { answerMs, mono } = this.#options;
    if (this.#failed !== null && mono() < this.#failed.until) return this.#failed.read;
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null;
    });
    return Promise.race([this.#reading, stillWaiting(answerMs)]);
  }

  async write(key: Uint8Array): Promise<SecretWrite> {
    const secret = Buffer.from(key).toString('base64url');
    const answer = await this.#ask('write', secret);
    if (answer.type === 'failed') return { type: 'unavailable', detail: classify(answer.detail).detail };
    // A keychain that takes a secret and does not keep it would cost a sign-in at the next start.
    if (answer.secret !== secret) return { type: 'unavailable', detail: 'The keychain did not keep the key' };
    return { type: 'done' };
  }

  describe(): string {
    return 'an encrypted file (key in the keychain)';
  }

  async #readOnce(): Promise<KeyRead> {
    const read = parseKey(await this.#ask('read', ''));
    this.#failed = read.type === 'unavailable' ? { until: this.#options.mono() + cooldownMs, read } : null;
    return read;
  }

  async #ask(action: KeyringRequest['action'], secret: string): Promise<KeyringAnswer> {
    const { ask, account, entryFile, deadlineMs } = this.#options;
    try {
      const library = createRequire(realpathSync(entryFile)).resolve('@napi-rs/keyring');
      return await ask({ library, action, service, account, secret, deadlineMs });
    } catch (cause) {
      return { type: 'failed', detail: messageOf(cause) };
    }
  }
}

const parseKey = (answer: KeyringAnswer): KeyRead => {
  if (answer.type === 'failed') return classify(answer.detail);
  if (answer.secret === null) return { type: 'none' };
  const key = Buffer.from(answer.secret, 'base64url');
  if (key.length === keyBytes) return { type: 'value', key };
  return { type: 'unavailable', why: 'busy', detail: `The entry "${service}" in the keychain is damaged. Delete it` };
};

/** The library has no error codes: its words are all there is. */
const classify = (words: string): Extract<KeyRead, { type: 'unavailable' }> => {
  const unavailable = (why: 'absent' | 'busy', detail: string) => ({ type: 'unavailable', why, detail }) as const;
  if (/did not receive a reply|timed? ?out|in time/i.test(words)) {
    return unavailable('busy', 'The keychain does not answer. Restart it, or set CREDBROKER_KEYRING_BACKEND=file');
  }
  if (/dismissed|locked|denied|cancel/i.test(words)) {
    return unavailable('busy', 'The keychain is locked. Unlock it, or set CREDBROKER_KEYRING_BACKEND=file');
  }
  if (/dbus|d-bus|cannot find|no default store|not supported|zbus/i.test(words)) {
    return unavailable('absent', 'There is no keychain here');
  }
  return unavailable(
    'busy',
    `The keychain refused (${words.slice(0, 100)}). Repair it, or set CREDBROKER_KEYRING_BACKEND=file`,
  );
};

const stillWaiting = async (ms: number): Promise<KeyRead> =>
  new Promise((resolve) => {
    const detail = 'The keychain has not answered yet. It may be asking for its password in another window';
    setTimeout(() => resolve({ type: 'unavailable', why: 'busy', detail }), ms).unref();
  });
