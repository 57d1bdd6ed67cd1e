/**
 * The key in a file of its own, sealed under a passphrase that stands in another: on a disk apart, or put there by the
 * system at each start. It keeps tokens from whoever has a copy of the state and not of the passphrase. Who may write
 * here can put back an older pair of files: its tokens are older, too, and upstream knows which of them are spent.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { readFileBounded, writeFileAtomically } from '../atomic-file.ts';
import { belowHome, readPrivately } from './private-file.ts';
import { sealKey, unsealKey } from './sealed-key.ts';
import type { KeyRead, KeySource, SecretWrite } from './secret-store.ts';

export interface PassphraseOptions {
  readonly directory: string;
  /** Null where nobody says, although it was said before. */
  readonly passphraseFile: string | null;
}

const maxBytes = 1_024;

export class PassphraseKey implements KeySource {
  readonly #path: string;
  readonly #passphraseFile: string | null;
  /** Of the seal and the passphrase that did not fit, so that asking again costs nothing until one of them is another. */
  #misfit: string | null = null;

  constructor({ directory, passphraseFile }: PassphraseOptions) {
    this.#path = join(directory, 'sessions.key.jwe');
    this.#passphraseFile = passphraseFile;
  }

  async read(): Promise<KeyRead> {
    try {
      const sealed = readFileBounded(this.#path, maxBytes)?.toString('latin1');
      return sealed === undefined ? { type: 'none' } : await this.#unsealed(sealed.trim());
    } catch (cause) {
      return unavailable(messageOf(cause));
    }
  }

  async write(key: Uint8Array): Promise<SecretWrite> {
    try {
      writeFileAtomically(this.#path, await sealKey(key, this.#passphrase()));
      return { type: 'done' };
    } catch (cause) {
      return { type: 'unavailable', detail: messageOf(cause) };
    }
  }

  describe(): string {
    return `an encrypted file (key under a passphrase in ${belowHome(this.#path)})`;
  }

  async #unsealed(sealed: string): Promise<KeyRead> {
    const passphrase = this.#passphrase();
    const attempt = createHash('sha256').update(`${sealed}\n${passphrase}`).digest('base64url');
    if (attempt === this.#misfit) return this.#refused();
    const unsealed = await unsealKey(sealed, passphrase);
    if (unsealed.type === 'key') return { type: 'value', key: unsealed.key };
    if (unsealed.type === 'damaged') return unavailable(`"${this.#path}" is damaged. Move it away and sign in again`);
    this.#misfit = attempt;
    return this.#refused();
  }

  #refused(): KeyRead {
    const words = `The passphrase in "${this.#passphraseFile}" does not open "${this.#path}"`;
    return unavailable(`${words}. Correct it, or move that file away and sign in again`);
  }

  /** Read anew each time: it may come later than we do. Throws a sentence for the user. */
  #passphrase(): string {
    const path = this.#passphraseFile;
    if (path === null)
      throw new Error('Tokens are under a passphrase. Set CREDBROKER_PASSPHRASE_FILE and run: credbroker restart');
    const text = readPrivately(path, maxBytes)?.toString('utf8');
    if (text === undefined) throw new Error(`There is no passphrase in "${path}". Write it there`);
    // Editors end every line, and people do not mean it.
    const passphrase = text.replace(/\r?\n$/, '');
    if (passphrase === '') throw new Error(`"${path}" is empty. Write the passphrase there`);
    return passphrase;
  }
}

const unavailable = (detail: string): KeyRead => ({ type: 'unavailable', why: 'busy', detail });
