/**
 * A key under a passphrase: a compact JWE, `dir` with A256GCM, under what scrypt (RFC 7914) makes of the passphrase. Its
 * header has the parameters, is refused before any work when they are not within bounds, and is authenticated with the rest.
 */
import { randomBytes, scrypt } from 'node:crypto';
import type { CompactJWEHeaderParameters } from 'jose';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { keyBytes } from './secret-store.ts';

export type UnsealedKey =
  | { readonly type: 'key'; readonly key: Uint8Array }
  /** A wrong passphrase cannot be told from bytes that were changed. */
  | { readonly type: 'refused' }
  /** Not of this form, or with parameters that nobody here has chosen. */
  | { readonly type: 'damaged' };

/** Memory is 1 KiB times this: 128 MiB, for half a second. */
const cost = 2 ** 17;
const costs = { least: 2 ** 14, most: 2 ** 18 };
const blockSize = 8;
const parallelization = 1;
const saltBytes = 16;

export const sealKey = async (key: Uint8Array, passphrase: string): Promise<string> => {
  const salt = randomBytes(saltBytes);
  const header = { alg: 'dir', enc: 'A256GCM', kdf: 'scrypt', n: cost, r: blockSize, p: parallelization };
  return new CompactEncrypt(key)
    .setProtectedHeader({ ...header, salt: salt.toString('base64url') })
    .encrypt(await derive(passphrase, { n: cost, salt }));
};

export const unsealKey = async (sealed: string, passphrase: string): Promise<UnsealedKey> => {
  const stretching = stretchingOf(sealed);
  if (stretching === null) return { type: 'damaged' };
  const derived = await derive(passphrase, stretching);
  try {
    const { plaintext } = await compactDecrypt(sealed, derived, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return plaintext.length === keyBytes ? { type: 'key', key: plaintext } : { type: 'damaged' };
  } catch {
    return { type: 'refused' };
  }
};

interface Stretching {
  readonly n: number;
  readonly salt: Buffer;
}

/** Null for a header that is not ours. */
const stretchingOf = (sealed: string): Stretching | null => {
  const { alg, enc, kdf, n, r, p, salt } = headerOf(sealed);
  if (alg !== 'dir' || enc !== 'A256GCM' || kdf !== 'scrypt') return null;
  if (r !== blockSize || p !== parallelization || !isCost(n) || typeof salt !== 'string') return null;
  const bytes = Buffer.from(salt, 'base64url');
  return bytes.length === saltBytes ? { n, salt: bytes } : null;
};

const headerOf = (sealed: string): CompactJWEHeaderParameters | Record<string, never> => {
  try {
    return decodeProtectedHeader(sealed) as CompactJWEHeaderParameters;
  } catch {
    return {};
  }
};

const isCost = (n: unknown): n is number =>
  typeof n === 'number' && n >= costs.least && n <= costs.most && Number.isInteger(Math.log2(n));

/** On a thread of its own: half a second of the event loop would be half a second of every client. */
const derive = (passphrase: string, { n, salt }: Stretching): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const memory = 128 * n * blockSize * parallelization;
    // A megabyte for the rest of what scrypt needs.
    const options = { N: n, r: blockSize, p: parallelization, maxmem: memory + 2 ** 20 };
    scrypt(passphrase, salt, keyBytes, options, (failed, key) => (failed === null ? resolve(key) : reject(failed)));
  });
