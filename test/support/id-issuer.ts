import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** Issues ID tokens for the subject "repo:build" and the audience "sts.amazonaws.com". */
export class IdIssuer {
  readonly url = 'https://issuer.example';
  readonly #keys: { readonly privateKey: CryptoKey; readonly jwk: JWK; readonly alg: string };

  private constructor(keys: { readonly privateKey: CryptoKey; readonly jwk: JWK; readonly alg: string }) {
    this.#keys = keys;
  }

  static async create(alg = 'ES256'): Promise<IdIssuer> {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    return new IdIssuer({ privateKey, alg, jwk: { ...(await exportJWK(publicKey)), kid: 'key-1' } });
  }

  /** As STS knows it. */
  get provider() {
    return { issuer: this.url, audiences: ['sts.amazonaws.com'], keys: [this.#keys.jwk] };
  }

  token(expiresAt: number, claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return new SignJWT({
      iss: this.url,
      aud: 'sts.amazonaws.com',
      sub: 'repo:build',
      exp: Math.floor(expiresAt / 1000),
      ...claims,
    })
      .setProtectedHeader({ alg: this.#keys.alg, kid: 'key-1' })
      .sign(this.#keys.privateKey);
  }
}
