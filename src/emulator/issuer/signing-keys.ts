/** The keys an issuer signs with, and the JSON web tokens made with them (RFC 7515, 7517, 7519). */
import { createHmac, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { opaque } from '../random.ts';
import type { IssuerKnobs } from './knobs.ts';

export type Claims = Readonly<Record<string, unknown>>;

interface SigningKey {
  readonly kid: string;
  readonly alg: 'ES256' | 'RS256';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface Jwks {
  readonly keys: readonly JsonWebKey[];
}

export class SigningKeys {
  /** The newest is last, and signs. */
  #published: readonly SigningKey[] = [];
  readonly #knobs: IssuerKnobs;

  constructor(knobs: IssuerKnobs) {
    this.#knobs = knobs;
  }

  jwks(): Jwks {
    this.#current();
    const keys = this.#published.map(({ publicKey, kid, alg }) => {
      const jwk = publicKey.export({ format: 'jwk' });
      return { ...jwk, kid, alg, use: 'sig' };
    });
    return { keys };
  }

  /** From now on another key signs; what the one before has signed stays good. */
  rotate(): void {
    this.#published = [...this.#published, newKey(this.#knobs.signingAlg)];
  }

  /** Only the key that signs is published any longer. */
  withdrawOld(): void {
    this.#published = this.#published.slice(-1);
  }

  signed(typ: string, claims: Claims): string {
    return signedBy(this.#current(), typ, claims);
  }

  /** Signed as nobody must accept it, where the knob says so. */
  signedAsTold(typ: string, claims: Claims): string {
    const payload = encode(claims);
    switch (this.#knobs.idTokenSignature) {
      case 'good':
        return this.signed(typ, claims);
      case 'none':
        return `${encode({ alg: 'none', typ })}.${payload}.`;
      case 'HS256': {
        const signed = `${encode({ alg: 'HS256', typ })}.${payload}`;
        return `${signed}.${createHmac('sha256', 'a secret that both sides know').update(signed).digest('base64url')}`;
      }
      case 'otherKey':
        return signedBy({ ...newKey(this.#knobs.signingAlg), kid: this.#current().kid }, typ, claims);
    }
  }

  #current(): SigningKey {
    const newest = this.#published.at(-1);
    if (newest?.alg === this.#knobs.signingAlg) return newest;
    const key = newKey(this.#knobs.signingAlg);
    this.#published = [...this.#published, key];
    return key;
  }
}

function newKey(alg: SigningKey['alg']): SigningKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid: opaque(8), alg, ...pair };
}

function signedBy({ kid, alg, privateKey }: SigningKey, typ: string, claims: Claims): string {
  const signed = `${encode({ alg, kid, typ })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
