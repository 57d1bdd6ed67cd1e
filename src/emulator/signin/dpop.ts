/** Proofs of possession as RFC 9449 section 4.3 has them checked, by Node's own cryptography. */
import { createPublicKey, hash, type JsonWebKey, verify } from 'node:crypto';
import type { Call } from '../call.ts';
import { signinError } from './errors.ts';

/** How far a proof's time may be from ours, either way. */
const maxSkewMs = 5 * 60_000;

type Claims = Readonly<Record<string, unknown>>;

interface Coordinates {
  readonly x: string;
  readonly y: string;
}

export class Proofs {
  readonly #seen = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The thumbprint (RFC 7638) of the key that made the call's proof. Throws for any that is not good, or was used before. */
  check(call: Call): string {
    const [header = '', payload = '', signature = '', ...rest] = (call.headers['dpop'] ?? '').split('.');
    const { typ, alg, jwk } = decoded(header);
    if (rest.length > 0 || typ !== 'dpop+jwt' || alg !== 'ES256') throw refused('is missing, or not of the right kind');
    const key = coordinates(jwk);
    if (!isSigned(`${header}.${payload}`, signature, key)) throw refused('has a bad signature');
    this.#checkClaims(call, decoded(payload));
    return thumbprint(key);
  }

  #checkClaims(call: Call, { htm, htu, iat, jti }: Claims): void {
    if (htm !== call.method) throw refused('is for another method');
    if (htu !== `http://${call.headers['host']}${call.path}`) throw refused('is for another URL');
    const now = this.#now();
    if (typeof iat !== 'number' || Math.abs(iat * 1000 - now) > maxSkewMs) throw refused('is of another time');
    if (typeof jti !== 'string' || jti === '' || this.#seen.has(jti)) throw refused('was used before');
    for (const [old, at] of this.#seen) if (at < now - 2 * maxSkewMs) this.#seen.delete(old);
    this.#seen.set(jti, now);
  }
}

function coordinates(jwk: unknown): Coordinates {
  if (typeof jwk !== 'object' || jwk === null || 'd' in jwk) throw refused('has no public key');
  const { kty, crv, x, y } = jwk as Claims;
  if (kty === 'EC' && crv === 'P-256' && typeof x === 'string' && typeof y === 'string') return { x, y };
  throw refused('has no key of the curve P-256');
}

function isSigned(text: string, signature: string, key: Coordinates): boolean {
  const jwk: JsonWebKey = { kty: 'EC', crv: 'P-256', ...key };
  try {
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    const bytes = Buffer.from(signature, 'base64url');
    // A signature of JWS is r and s, 32 bytes each (RFC 7518 section 3.4), never DER.
    return verify('sha256', Buffer.from(text), { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes);
  } catch {
    return false;
  }
}

const thumbprint = ({ x, y }: Coordinates): string =>
  hash('sha256', JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }), 'base64url');

function decoded(part: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    if (typeof value === 'object' && value !== null) return value as Claims;
  } catch {
    // Said below.
  }
  throw refused('is missing, or cannot be read');
}

const refused = (what: string) => signinError('INVALID_REQUEST', `The DPoP proof ${what}`);
