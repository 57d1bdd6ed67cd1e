import { SignJWT } from 'jose';
import type { EpochMs } from '../../core/types.ts';
import type { DpopKey } from './dpop-key.ts';

/** A proof of possession for one POST to this URL (RFC 9449 section 4.2). */
export const dpopProof = ({ privateKey, x, y }: DpopKey, url: string, at: EpochMs): Promise<string> =>
  new SignJWT({ htm: 'POST', htu: url })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x, y } })
    .setJti(crypto.randomUUID())
    .setIssuedAt(Math.floor(at / 1000))
    .sign(privateKey);
