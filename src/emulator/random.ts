/** Secrets and identifiers that look like AWS's, so that clients which check shapes are satisfied. */
import { createHmac, hash, randomBytes, randomInt } from 'node:crypto';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** No vowels: no words. */
const consonants = 'BCDFGHJKLMNPQRSTVWXZ';

const draw = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');

export const opaque = (bytes: number): string => randomBytes(bytes).toString('base64url');
export const accessToken = (): string => `aoaAAAAA${opaque(180)}`;
export const refreshToken = (): string => `aorAAAAA${opaque(180)}`;
export const userCode = (): string => `${draw(consonants, 4)}-${draw(consonants, 4)}`;

export const accessKeyId = (): string => `ASIA${draw(base32, 16)}`;
/** 40 characters. */
export const secretAccessKey = (): string => randomBytes(30).toString('base64');
export const sessionToken = (): string => `IQoJb3JpZ2luX2Vj${randomBytes(300).toString('base64')}`;

/** The same role has the same identifier in every answer. */
export const roleId = (arn: string): string =>
  `AROA${Array.from(hash('sha256', arn, 'buffer').subarray(0, 17), (byte) => base32[byte % 32]).join('')}`;

export const hexOf = (text: string, length: number): string => hash('sha256', text).slice(0, length);

/** A JWT of more than a kilobyte, as AWS's client secrets are: no client may assume a short one. */
export function clientSecret(clientId: string, expiresAt: number): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const serialized = JSON.stringify({ clientId: { value: clientId }, expiration: expiresAt, nonce: opaque(700) });
  const signed = `${encode({ kid: 'key-1564028099', alg: 'HS384' })}.${encode({ serialized })}`;
  return `${signed}.${createHmac('sha384', randomBytes(48)).update(signed).digest('base64url')}`;
}
