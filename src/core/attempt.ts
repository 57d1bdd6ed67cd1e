/** The last thing that was asked of upstream and what came of it, for a person who wants to know why. */
import type { EpochMs, Verdict } from './types.ts';

export interface Attempt {
  readonly at: EpochMs;
  readonly what: 'credentials' | 'refresh' | 'probe';
  readonly verdict: Verdict<unknown>['type'];
  /** Null where there is nothing to add. */
  readonly detail: string | null;
}

export function attemptOf(at: EpochMs, what: Attempt['what'], verdict: Verdict<unknown>): Attempt {
  return { at, what, verdict: verdict.type, detail: 'detail' in verdict ? verdict.detail : null };
}
