import type { Knobs } from './knobs.ts';
import { accessKeyId, secretAccessKey, sessionToken } from './random.ts';

/** Who a key speaks for. */
export interface Principal {
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
}

/** How keys came to be, which decides what STS lets them do. */
export interface Standing {
  /**
   * `session` is a user's own, made by GetSessionToken; `federated` is GetFederationToken's; `chained` is a role's that was
   * not assumed with keys of a user.
   */
  readonly kind: 'user' | 'session' | 'role' | 'chained' | 'federated';
  /** A second factor was shown. */
  readonly mfa: boolean;
  /** Stays with every role assumed from here. */
  readonly sourceIdentity: string | null;
}

const plainRole: Standing = { kind: 'role', mfa: false, sourceIdentity: null };

export interface IssuedKeys extends Standing {
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

  issue(
    principal: Principal,
    lifeMs: number,
    standing: Standing = plainRole,
  ): IssuedKeys & { readonly sessionToken: string } {
    const keys = {
      ...standing,
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
    const standing = { kind: 'user', mfa: false, sourceIdentity: null } as const;
    return { ...user, ...standing, sessionToken: null, expiresAt: Number.POSITIVE_INFINITY, principal };
  }
}
