/** API tokens: opaque, shorter than 50 characters, and each use starts their life anew. */
import { opaque } from '../random.ts';
import { refusal } from './errors.ts';
import { type Person, personOf } from './sessions.ts';

export interface ApiTokenOptions {
  readonly userName: string;
  /** A SCIM token is refused where identities are told. */
  readonly type: 'DEFAULT' | 'SCIM' | 'ServiceIdentity';
  /** Since the last use. */
  readonly lifeMs: number;
}

export interface ApiToken {
  readonly token: string;
  readonly person: Person;
  readonly type: ApiTokenOptions['type'];
  readonly lifeMs: number;
  readonly usedAt: number;
  readonly isRevoked: boolean;
}

export class ApiTokens {
  readonly #byToken = new Map<string, ApiToken>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  issue({ userName, type, lifeMs }: ApiTokenOptions): string {
    const token = opaque(30);
    const usedAt = this.#now();
    this.#byToken.set(token, { token, person: personOf(userName), type, lifeMs, usedAt, isRevoked: false });
    return token;
  }

  use(token: string): ApiToken {
    const found = this.#byToken.get(token);
    if (found === undefined) throw refusal(401, 'AU-0015', 'API token not found');
    if (found.isRevoked) throw refusal(401, 'AU-0016', 'API token is revoked');
    if (this.#now() >= found.usedAt + found.lifeMs) throw refusal(401, 'AU-0017', 'API token has expired');
    const used = { ...found, usedAt: this.#now() };
    this.#byToken.set(token, used);
    return used;
  }

  revoke(token: string): void {
    const found = this.#byToken.get(token);
    if (found !== undefined) this.#byToken.set(token, { ...found, isRevoked: true });
  }
}
