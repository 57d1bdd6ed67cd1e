/** Sign-ins of command line tools: the browser brings a challenge, the tool that knows its pre-image fetches the tokens, once. */
import { hash } from 'node:crypto';
import type { TenantKnobs } from './knobs.ts';
import { personOf, type Session, type Sessions } from './sessions.ts';

export interface Login {
  /** What the tool's secret hashes to. */
  readonly challenge: string;
  readonly userName: string;
  readonly openedAt: number;
  readonly state: 'waiting' | 'allowed' | 'denied' | 'fetched';
}

export type Fetched =
  | { readonly type: 'session'; readonly session: Session }
  | { readonly type: 'pending' | 'refused' };

/** Base64url of the SHA-512 of the secret's text. */
const challengeOf = (verifier: string): string => hash('sha512', verifier, 'base64url');

export class Logins {
  readonly #byChallenge = new Map<string, Login>();
  readonly #sessions: Sessions;
  readonly #knobs: TenantKnobs;
  readonly #now: () => number;

  constructor(sessions: Sessions, knobs: TenantKnobs, now: () => number) {
    this.#sessions = sessions;
    this.#knobs = knobs;
    this.#now = now;
  }

  /** A page that is opened again finds the sign-in as it is. */
  open(challenge: string, userName: string): Login {
    const known = this.#byChallenge.get(challenge);
    if (known !== undefined) return known;
    return this.#put({ challenge, userName, openedAt: this.#now(), state: 'waiting' });
  }

  waiting(): readonly Login[] {
    return [...this.#byChallenge.values()].filter((login) => login.state === 'waiting' && !this.#isOver(login));
  }

  decide(login: Login, allow: boolean): void {
    this.#put({ ...login, state: allow ? 'allowed' : 'denied' });
  }

  fetch(verifier: string): Fetched {
    const login = this.#byChallenge.get(challengeOf(verifier));
    if (login === undefined || login.state === 'waiting') return { type: 'pending' };
    if (login.state !== 'allowed' || this.#isOver(login)) return { type: 'refused' };
    this.#put({ ...login, state: 'fetched' });
    return { type: 'session', session: this.#sessions.start(personOf(login.userName)) };
  }

  #put(login: Login): Login {
    this.#byChallenge.set(login.challenge, login);
    return login;
  }

  #isOver({ openedAt }: Login): boolean {
    return this.#now() >= openedAt + this.#knobs.loginLifeMs;
  }
}
