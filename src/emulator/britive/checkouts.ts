/** What is checked out, and what becomes of it as time goes by. */
import { randomUUID } from 'node:crypto';
import { type Access, type AccessType, accesses } from './catalogue.ts';
import type { TenantKnobs } from './knobs.ts';
import { type Progress, phaseOf, progressAt } from './progress.ts';

export interface Checkout extends Access {
  readonly transactionId: string;
  readonly userId: string;
  readonly accessType: AccessType;
  readonly startedAt: number;
  readonly expiresAt: number;
  /** Null until it is checked in. */
  readonly checkedInAt: number | null;
  readonly extensions: number;
}

/** One checkout at a time for each of these. */
export type AccessKey = Access & Pick<Checkout, 'userId' | 'accessType'>;

export class Checkouts {
  readonly #byId = new Map<string, Checkout>();
  readonly #knobs: TenantKnobs;
  readonly #now: () => number;

  constructor(knobs: TenantKnobs, now: () => number) {
    this.#knobs = knobs;
    this.#now = now;
  }

  start(key: AccessKey): Checkout {
    for (const old of this.#of(key)) this.#byId.delete(old.transactionId);
    const startedAt = this.#now();
    // Whole seconds, as the AWS keys that belong to it.
    const expiresAt = Math.floor((startedAt + key.profile.lifeMs) / 1000) * 1000;
    const { application, environment, profile, userId, accessType } = key;
    const what = { application, environment, profile, userId, accessType };
    return this.#put({ ...what, transactionId: randomUUID(), startedAt, expiresAt, checkedInAt: null, extensions: 0 });
  }

  find(transactionId: string, userId: string): Checkout | null {
    const checkout = this.#byId.get(transactionId);
    return checkout?.userId === userId ? checkout : null;
  }

  progress(checkout: Checkout): Progress {
    return progressAt(checkout, this.#now());
  }

  /** The one that stands in the way of another, seen in the status list or not. */
  active(key: AccessKey): Checkout | null {
    const isActive = (checkout: Checkout): boolean =>
      !['gone', 'failed'].includes(phaseOf(this.progress(checkout).status));
    return this.#of(key).find(isActive) ?? null;
  }

  /** What the status list shows. */
  listed(userId: string): readonly Checkout[] {
    const isListed = (checkout: Checkout): boolean => {
      if (checkout.userId !== userId || this.#now() < checkout.startedAt + this.#knobs.visibilityDelayMs) return false;
      const { status } = this.progress(checkout);
      if (status === 'checkedInExpired') return this.#knobs.expired === 'checkedInExpired';
      return phaseOf(status) !== 'gone';
    };
    return [...this.#byId.values()].filter(isListed);
  }

  /** Of everybody. */
  all(): readonly Checkout[] {
    return [...this.#byId.values()];
  }

  /** Goes the way that the profile has for it now. */
  checkIn(checkout: Checkout): Checkout {
    const isProfile = ({ profile }: Access): boolean => profile.papId === checkout.profile.papId;
    const { profile } = accesses(this.#knobs.applications).find(isProfile) ?? checkout;
    return this.#put({ ...checkout, profile, checkedInAt: this.#now() });
  }

  extend(checkout: Checkout, byMs: number): Checkout {
    const [expiresAt, extensions] = [checkout.expiresAt + byMs, checkout.extensions + 1];
    return this.#put({ ...checkout, expiresAt, extensions });
  }

  #of({ userId, accessType, profile, environment }: AccessKey): readonly Checkout[] {
    return [...this.#byId.values()].filter(
      (one) =>
        one.userId === userId &&
        one.accessType === accessType &&
        one.profile.papId === profile.papId &&
        one.environment.environmentId === environment.environmentId,
    );
  }

  #put(checkout: Checkout): Checkout {
    this.#byId.set(checkout.transactionId, checkout);
    return checkout;
  }
}
