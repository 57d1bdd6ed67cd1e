/** What upstream allows each profile at the moment, and what the user wants done with it. */
import type { VirtualTime } from './virtual-time.ts';

export class Permissions {
  /** Profiles upstream denies, and profiles it answers 401 although the sign-in is good. */
  readonly denied = new Set<string>();
  readonly refused = new Set<string>();
  /** Profiles that the user has wished to give back, or to have anew. */
  readonly checkins = new Set<string>();
  readonly renewals = new Set<string>();
  readonly #time: VirtualTime;
  readonly #allowedAt = new Map<string, number>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  allow(set: Set<string>, profile: string): void {
    if (set.delete(profile)) this.#allowedAt.set(profile, this.#time.mono());
  }

  allowAll(): void {
    for (const set of [this.denied, this.refused]) for (const profile of set) this.allow(set, profile);
  }

  /** Upstream refuses it now, or did within that time. */
  isForbidden(profile: string, withinMs: number): boolean {
    if (this.denied.has(profile) || this.refused.has(profile)) return true;
    return this.#time.mono() - (this.#allowedAt.get(profile) ?? Number.NEGATIVE_INFINITY) < withinMs;
  }
}
