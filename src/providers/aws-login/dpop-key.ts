/**
 * The key of a sign-in. The AWS CLI writes it as SEC1 (`EC PRIVATE KEY`, RFC 5915), other tools as PKCS#8 (`PRIVATE KEY`,
 * RFC 5958). Web Cryptography reads PKCS#8 alone, which is SEC1 in an envelope that names the curve.
 */
import type { CryptoKey } from 'jose';

export interface DpopKey {
  readonly privateKey: CryptoKey;
  /** Of the public half. */
  readonly x: string;
  readonly y: string;
}

/** Null for what is no readable private key of P-256. */
export const readDpopKey = async (pem: string): Promise<DpopKey | null> => {
  // OpenSSL may write the curve in a block of its own before the key.
  const [, label, body] = /-----BEGIN ((?:EC )?PRIVATE KEY)-----([^-]+)-----END \1-----/.exec(pem) ?? [];
  if (label === undefined || body === undefined) return null;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  try {
    const der = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
    const pkcs8 = label === 'PRIVATE KEY' ? der : envelope(der);
    const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
    const { x, y } = await crypto.subtle.exportKey('jwk', privateKey);
    return x === undefined || y === undefined ? null : { privateKey, x, y };
  } catch {
    return null;
  }
};

type Bytes = Uint8Array<ArrayBuffer>;

/** `PrivateKeyInfo` version 0, for a key of `id-ecPublicKey` on `prime256v1`. */
const envelope = (sec1: Bytes): Bytes => element(sequence, [...version0, ...p256, ...element(octetString, [...sec1])]);

const sequence = 0x30;
const octetString = 0x04;
const version0 = [0x02, 1, 0];
// SEQUENCE { OBJECT IDENTIFIER 1.2.840.10045.2.1, OBJECT IDENTIFIER 1.2.840.10045.3.1.7 }
const p256 = [0x30, 19, 0x06, 7, 42, 134, 72, 206, 61, 2, 1, 0x06, 8, 42, 134, 72, 206, 61, 3, 1, 7];

/** Of DER: a tag, the length in as few bytes as will do, the content. Such keys have up to 121 bytes, and never 2¹⁶. */
const element = (tag: number, content: readonly number[]): Bytes => {
  const { length } = content;
  const lengthBytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Uint8Array.from([tag, ...lengthBytes, ...content]);
};
