/** Who has proved a second factor, and for how long that counts. */
import type { Call } from '../call.ts';
import { opaque } from '../random.ts';
import type { Caller } from './admit.ts';
import type { TenantKnobs } from './knobs.ts';

const cookieName = 'britive-step-up';

interface Proof {
  readonly owner: string;
  readonly until: number;
}

export class StepUps {
  readonly #windows = new Map<string, number>();
  readonly #cookies = new Map<string, Proof>();
  readonly #knobs: TenantKnobs;
  readonly #now: () => number;

  constructor(knobs: TenantKnobs, now: () => number) {
    this.#knobs = knobs;
    this.#now = now;
  }

  /** Remembers a right answer; returns the cookie that proves it, where a cookie does. */
  prove(caller: Caller): string | null {
    const { stepUp } = this.#knobs;
    const owner = ownerOf(caller);
    if (stepUp.remember === 'window') {
      this.#windows.set(owner, this.#now() + stepUp.windowMs);
      return null;
    }
    const value = opaque(24);
    this.#cookies.set(value, { owner, until: this.#now() + stepUp.maxAgeMs });
    return `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(stepUp.maxAgeMs / 1000)}`;
  }

  isProved(caller: Caller, call: Call): boolean {
    const owner = ownerOf(caller);
    if (this.#knobs.stepUp.remember === 'window') return this.#now() < (this.#windows.get(owner) ?? 0);
    return cookies(call)
      .map((value) => this.#cookies.get(value))
      .some((proof) => proof?.owner === owner && this.#now() < proof.until);
  }
}

/** A proof counts for the session it was given in. */
const ownerOf = (caller: Caller): string => (caller.scheme === 'Bearer' ? caller.session.id : caller.person.userId);

const cookies = ({ headers }: Call): readonly string[] =>
  (headers['cookie'] ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .flatMap(([name, value = '']) => (name === cookieName ? [value] : []));
