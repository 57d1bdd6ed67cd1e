import type { Knobs } from './knobs.ts';
import { accessKeyId, secretAccessKey, sessionToken } from './random.ts';

/** Who a key speaks for. */
export interface Principal {
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
}

export interface IssuedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Null for an IAM user's static keys. */
  readonly sessionToken: string | null;
  readonly expiresAt: number;
  readonly principal: Principal;
}

/** Every access key that STS accepts: those which the portal and STS issued, and the static ones of the knobs. */
export class Keys {
  readonly #issued = new Map<string, IssuedKeys>();
  readonly #knobs: Knobs;
  readonly #now: () => number;

  constructor(knobs: Knobs, now: () => number) {
    this.#knobs = knobs;
    this.#now = now;
  }

  issue(principal: Principal, lifeMs: number): IssuedKeys & { readonly sessionToken: string } {
    const keys = {
      accessKeyId: accessKeyId(),
      secretAccessKey: secretAccessKey(),
      sessionToken: sessionToken(),
      // Whole seconds: STS answers without fractions, and both services must mean the same moment.
      expiresAt: Math.floor((this.#now() + lifeMs) / 1000) * 1000,
      principal,
    };
    this.#issued.set(keys.accessKeyId, keys);
    return keys;
  }

  find(id: string): IssuedKeys | undefined {
    return this.#issued.get(id) ?? this.#findStatic(id);
  }

  /** Nobody knows the key any more. */
  revoke(id: string): void {
    this.#issued.delete(id);
  }

  #findStatic(id: string): IssuedKeys | undefined {
    const user = this.#knobs.userKeys.find((keys) => keys.accessKeyId === id);
    if (user === undefined) return undefined;
    const principal = { accountId: user.arn.split(':')[4] ?? '', arn: user.arn, userId: `AIDA${id.slice(4)}` };
    return { ...user, sessionToken: null, expiresAt: Number.POSITIVE_INFINITY, principal };
  }
}
