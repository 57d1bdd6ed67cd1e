/** Where a checkout is on its way: a function of time alone. */
import type { Step } from './catalogue.ts';
import type { Checkout } from './checkouts.ts';

export interface Progress {
  readonly status: string;
  /** When it came to this. */
  readonly since: number;
  readonly errorMessage: string | null;
}

/** `stuck` is a check-in that failed: the access may still be there. */
export type Phase = 'coming' | 'live' | 'failed' | 'leaving' | 'stuck' | 'gone';

const phases: Readonly<Record<string, Phase>> = {
  checkedOut: 'live',
  checkOutFailed: 'failed',
  checkOutTimeOut: 'failed',
  checkInSubmitted: 'leaving',
  checkInInProgress: 'leaving',
  checkInFailed: 'stuck',
  checkInTimeOut: 'stuck',
  checkedIn: 'gone',
  checkedInExpired: 'gone',
};

/** What no list names is on its way to something. */
export const phaseOf = (status: string): Phase => phases[status] ?? 'coming';

export function progressAt({ profile, startedAt, expiresAt, checkedInAt }: Checkout, now: number): Progress {
  if (checkedInAt !== null) return stepAt(profile.checkin, checkedInAt, now);
  const reached = stepAt(profile.checkout, startedAt, now);
  const hasExpired = now >= expiresAt && phaseOf(reached.status) !== 'failed';
  return hasExpired ? { status: 'checkedInExpired', since: expiresAt, errorMessage: null } : reached;
}

/** The first step needs no time to be reached; an empty way is done at once. */
function stepAt(steps: readonly Step[], startedAt: number, now: number): Progress {
  let reached: Progress = { status: 'checkedOut', since: startedAt, errorMessage: null };
  let at = startedAt;
  for (const { status, afterMs, errorMessage } of steps) {
    at += afterMs;
    if (at > now) break;
    reached = { status, since: at, errorMessage };
  }
  return reached;
}
