/**
 * The encrypted file: a compact JWE, `dir` with A256GCM, nonce fresh for every write. Its header names the key by a
 * hash, so that a wrong key is told from a damaged file.
 */
import type { CryptoKey } from 'jose';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { objectOf } from '../json.ts';

/** `foreign-key`: written under another key. `newer`: by a later version of ours. `damaged`: altered, cut, or something else. */
export type Opened =
  | { readonly type: 'values'; readonly values: ReadonlyMap<string, string> }
  | { readonly type: 'foreign-key' }
  | { readonly type: 'newer' }
  | { readonly type: 'damaged' };

const version = 1;

export interface FileKey {
  readonly key: CryptoKey;
  readonly kid: string;
}

export const importFileKey = async (bytes: Uint8Array): Promise<FileKey> => {
  const raw = Uint8Array.from(bytes);
  const digest = await crypto.subtle.digest('SHA-256', raw);
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return { key, kid: Buffer.from(digest).toString('hex').slice(0, 16) };
};

export const seal = async ({ key, kid }: FileKey, values: ReadonlyMap<string, string>): Promise<string> => {
  const payload = new TextEncoder().encode(JSON.stringify({ version, values: [...values] }));
  return new CompactEncrypt(payload).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid }).encrypt(key);
};

export const open = async ({ key, kid }: FileKey, sealed: string): Promise<Opened> => {
  try {
    const header = decodeProtectedHeader(sealed);
    if (typeof header.kid === 'string' && header.kid !== kid) return { type: 'foreign-key' };
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return parsePayload(JSON.parse(new TextDecoder().decode(plaintext)));
  } catch {
    return { type: 'damaged' };
  }
};

const parsePayload = (payload: unknown): Opened => {
  const { version: written, values } = objectOf(payload) ?? {};
  if (written === undefined) throw new Error('"version" is missing');
  if (written !== version) return { type: 'newer' };
  if (!Array.isArray(values)) throw new Error('"values" is missing');
  return { type: 'values', values: new Map(values.map(parseEntry)) };
};

const parseEntry = (entry: unknown): readonly [string, string] => {
  if (!Array.isArray(entry)) throw new Error('an entry is malformed');
  const [name, value]: readonly unknown[] = entry;
  if (typeof name !== 'string' || typeof value !== 'string') throw new Error('an entry is malformed');
  return [name, value];
};
