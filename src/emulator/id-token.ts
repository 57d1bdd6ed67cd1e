/** Whether a JWT was signed with one of the keys. RFC 7515 and 7518, at once: handlers here do not wait. */
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';

/** Those which STS takes. */
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];

export interface IdToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly isSignedBy: (key: JsonWebKey) => boolean;
}

/** Null for what is no JWT. */
export function readIdToken(token: string): IdToken | null {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.');
  const read = { header: objectIn(header), claims: objectIn(payload) };
  if (read.header === null || read.claims === null || signature === '' || rest.length > 0) return null;
  const { alg } = read.header;
  const isSignedBy = (jwk: JsonWebKey): boolean => {
    if (typeof alg !== 'string' || !algorithms.includes(alg)) return false;
    if (jwk.kty !== (alg.startsWith('RS') ? 'RSA' : 'EC')) return false;
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    return verify(
      `sha${alg.slice(2)}`,
      signed,
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
  };
  return { header: read.header, claims: read.claims, isSignedBy };
}

function objectIn(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
