import type { Clock } from '../../src/core/ports.ts';
import { epoch, type SessionRecord } from '../../src/core/types.ts';
import { hours, seconds } from '../support/fake-clock.ts';

/** Mulberry32: the same numbers for the same seed. */
export const numbersOf = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/** What the identity system takes: one sign-in at a time, rotating refresh tokens with a leeway of 30 s. */
export class RandomServer {
  readonly #clock: Pick<Clock, 'now' | 'mono'>;
  readonly #random: () => number;
  readonly #tokens = new Map<string, { readonly expiresAt: number; readonly family: number }>();
  #serial = 0;
  #family = 0;
  #endsAt = 0;
  #current = '';
  #previous = { token: '', until: 0 };
  #issuedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'now' | 'mono'>, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  tick = (): number => ++this.#serial;

  signIn(): SessionRecord {
    this.#family += 1;
    this.#endsAt = this.#clock.now() + hours(1 + Math.floor(this.#random() * 12));
    this.#current = '';
    return this.issue();
  }

  issue(): SessionRecord {
    const serial = this.tick();
    const expiresAt = epoch(Math.min(this.#clock.now() + hours(1), this.#endsAt));
    this.#previous = { token: this.#current, until: this.#clock.now() + seconds(30) };
    this.#current = `refresh-${serial}`;
    this.#issuedAt = this.#clock.mono();
    this.#tokens.set(`access-${serial}`, { expiresAt, family: this.#family });
    const tokens = { accessToken: `access-${serial}`, refreshToken: this.#current };
    return { ...tokens, expiresAt, client: null, region: 'us-east-1' };
  }

  endSession(): void {
    this.#endsAt = 0;
  }

  /** A token refused right after its refresh leads to a sign-in by intent; that rule is not under test here. */
  revokeTokens(): void {
    if (this.#clock.mono() - this.#issuedAt > seconds(70)) this.#tokens.clear();
  }

  takesAccess(record: SessionRecord | null, marginMs = 0): boolean {
    const token = record && this.#tokens.get(record.accessToken);
    if (!token || token.family !== this.#family) return false;
    return Math.min(token.expiresAt, this.#endsAt) > this.#clock.now() + marginMs;
  }

  takesRefresh(record: SessionRecord | null): boolean {
    if (!record?.refreshToken || this.#endsAt <= this.#clock.now()) return false;
    const { token, until } = this.#previous;
    return record.refreshToken === this.#current || (record.refreshToken === token && this.#clock.now() < until);
  }
}
