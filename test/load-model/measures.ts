/** What a day brought, as its callers saw it. */
import type { Outage } from './upstream.ts';
import { isWithin } from './upstream.ts';

export class Measures {
  /** Each try of each caller. */
  localRequests = 0;
  starts = 0;
  /** Of these nobody could be served at once: no credentials had been issued for their profile yet. */
  coldStartsWaited = 0;
  warmStartsWaited = 0;
  /** Starts and signatures without a set of their own, for a profile for which none had been issued yet. */
  coldFailures = 0;
  /** All the others. */
  readonly failed = { starts: 0, signatures: 0 };
  readonly duringOutage = { starts: 0, failedStarts: 0, signatures: 0, failedSignatures: 0 };
  /** By profile. */
  readonly lastUse = new Map<number, number>();
  readonly #outage: Outage | null;

  constructor(outage: Outage | null) {
    this.#outage = outage;
  }

  asked(profile: number, at: number): void {
    this.localRequests += 1;
    this.lastUse.set(profile, at);
  }

  started(at: number): void {
    this.starts += 1;
    if (isWithin(this.#outage, at)) this.duringOutage.starts += 1;
  }

  startFailed(at: number, cold: boolean): void {
    if (cold) {
      this.coldFailures += 1;
      return;
    }
    this.failed.starts += 1;
    if (isWithin(this.#outage, at)) this.duringOutage.failedStarts += 1;
  }

  startWaited(cold: boolean): void {
    if (cold) this.coldStartsWaited += 1;
    else this.warmStartsWaited += 1;
  }

  /** `first`, then one every `everyMs` before `end`: what a signer was going to do. */
  signs(first: number, everyMs: number, end: number): void {
    const before = (at: number): number => Math.max(0, Math.ceil((Math.min(at, end) - first) / everyMs));
    if (this.#outage) this.duringOutage.signatures += before(this.#outage.to) - before(this.#outage.from);
  }

  signatureFailed(at: number, cold: boolean): void {
    if (cold) {
      this.coldFailures += 1;
      return;
    }
    this.failed.signatures += 1;
    if (isWithin(this.#outage, at)) this.duringOutage.failedSignatures += 1;
  }
}
