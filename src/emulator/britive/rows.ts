/** A checkout as the tenant tells of it. */
import type { Checkout, Checkouts } from './checkouts.ts';
import type { TenantKnobs } from './knobs.ts';
import { timestamp } from './timestamps.ts';

export interface RowParts {
  readonly knobs: TenantKnobs;
  readonly checkouts: Checkouts;
}

export function row({ knobs, checkouts }: RowParts, checkout: Checkout) {
  const { status, errorMessage } = checkouts.progress(checkout);
  const at = (ms: number | null): string | null => (ms === null ? null : timestamp(ms, knobs.timestamps));
  return {
    transactionId: checkout.transactionId,
    papId: checkout.profile.papId,
    appContainerId: checkout.application.appId,
    environmentId: checkout.environment.environmentId,
    userId: checkout.userId,
    ...(knobs.isAccessTypeShown && { accessType: checkout.accessType }),
    status,
    statusText: textOf(status),
    checkedOut: at(checkout.startedAt),
    checkedIn: at(checkout.checkedInAt),
    expiration: at(checkout.expiresAt),
    currentExtensionIndex: checkout.extensions,
    policyConditionEndTime: null,
    errorMessage,
  };
}

/** `checkOutSubmitted` is `Check Out Submitted`. */
const textOf = (status: string): string =>
  status.replaceAll(/[A-Z]/g, ' $&').replace(/^./, (letter) => letter.toUpperCase());
