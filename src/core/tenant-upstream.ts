/** What a tenant can be asked that offers profiles by name and counts checkouts. */
import type { CheckoutView } from './checkout-views.ts';
import type { ErrandRequest } from './errands.ts';
import type { Offer } from './offers.ts';
import type { SessionSettings } from './settings.ts';
import type { EpochMs, Verdict } from './types.ts';

/** As the tenant lists it; nothing says yet which profile serves it. */
export interface CheckedOut extends Omit<CheckoutView, 'session' | 'profile' | 'expiresAt'> {
  readonly expiresAt: EpochMs | null;
}

/** Never throws. Sessions of other systems offer nothing and have nothing checked out. */
export interface TenantUpstream {
  /** As last read, without asking anybody. */
  readonly offers: (session: SessionSettings) => readonly Offer[];
  /** Reads what is offered where that was never done, or not for a day. */
  readonly recall: (session: SessionSettings, request: ErrandRequest) => Promise<Verdict<void>>;
  /** Everything that has not come to its end. */
  readonly checkouts: (session: SessionSettings, request: ErrandRequest) => Promise<Verdict<readonly CheckedOut[]>>;
  /** Before its end, whoever made it. What is gone already has been given back. */
  readonly giveBack: (
    session: SessionSettings,
    request: ErrandRequest & { readonly transaction: string },
  ) => Promise<Verdict<void>>;
}
