/** What a sign-in at the tenant is worth. CLI and browser share it: who signs out in one is out in both. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hexOf } from '../random.ts';
import { signJwt } from './jwt.ts';
import type { TenantKnobs } from './knobs.ts';

export interface Person {
  readonly userId: string;
  /** Begins with `SAML` for those who came through SAML. */
  readonly userName: string;
}

export interface Session {
  readonly id: string;
  readonly token: string;
  readonly person: Person;
  readonly startedAt: number;
  readonly lifeMs: number;
}

export const personOf = (userName: string): Person => ({ userId: hexOf(`user/${userName}`, 20), userName });

export class Sessions {
  readonly #byToken = new Map<string, Session>();
  readonly #key = randomBytes(32);
  readonly #knobs: TenantKnobs;
  readonly #now: () => number;

  constructor(knobs: TenantKnobs, now: () => number) {
    this.#knobs = knobs;
    this.#now = now;
  }

  start(person: Person): Session {
    const [id, startedAt, lifeMs] = [randomUUID(), this.#now(), this.#knobs.sessionLifeMs];
    const iat = Math.floor(startedAt / 1000);
    const claims = { iat, jti: id, username: person.userName, sub: person.userId };
    const exp = Math.floor((startedAt + lifeMs) / 1000);
    const token = signJwt(this.#knobs.isExpiryClaimed ? { ...claims, exp } : claims, this.#key);
    const session = { id, token, person, startedAt, lifeMs };
    this.#byToken.set(token, session);
    return session;
  }

  /** The session of this token, where it may be used now. */
  find(token: string): Session | null {
    const session = this.#byToken.get(token);
    if (session === undefined) return null;
    const age = this.#now() - session.startedAt;
    return age >= this.#knobs.loginLagMs && age < session.lifeMs ? session : null;
  }

  end(isMeant: (session: Session) => boolean): void {
    for (const session of [...this.#byToken.values()].filter(isMeant)) this.#byToken.delete(session.token);
  }
}
