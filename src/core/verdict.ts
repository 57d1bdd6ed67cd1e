/** What one upstream attempt proved. */
import type { EpochMs } from './types.ts';

export type TransientWhy =
  | 'dns'
  | 'connect'
  | 'tls'
  | 'proxy'
  | 'captive-portal'
  | '5xx'
  /** `detail` is what upstream tells its users. */
  | 'maintenance'
  | '429'
  | 'bad-body'
  | 'timeout'
  | 'aborted';

type RejectedWhy = 'invalid_grant' | 'invalid_client' | 'unauthorized_client' | 'client_expired' | 'session_ended';

type DeniedWhy =
  | 'forbidden'
  | 'not-found'
  | 'not-assigned'
  | 'needs-justification'
  | 'needs-ticket'
  | 'needs-approval'
  | 'needs-otp'
  /** It has no credentials for programs, only a page for a person. */
  | 'console-only'
  /** Of these two, `detail` says what became of the checkout or of its approval: "was rejected". */
  | 'checkout-failed'
  | 'not-approved'
  | 'bad-request';

/**
 * What one upstream attempt proved; an adapter answers with exactly one. When in doubt it is `transient`.
 * `rejected` (this grant is dead) needs a well-formed refusal from the configured issuer.
 */
export type Verdict<T> =
  | { readonly type: 'ok'; readonly value: T }
  | {
      readonly type: 'transient';
      readonly why: TransientWhy;
      readonly detail: string;
      readonly retryAfterMs: number | null;
    }
  /** A call that is not idempotent may have taken effect. */
  | { readonly type: 'ambiguous'; readonly detail: string }
  | { readonly type: 'rejected'; readonly why: RejectedWhy; readonly detail: string }
  /** The access token was refused here. */
  | { readonly type: 'unauthorized'; readonly detail: string }
  | { readonly type: 'denied'; readonly why: DeniedWhy; readonly detail: string }
  /** An exclusive upstream whose old transaction still runs. */
  | { readonly type: 'not-yet'; readonly retryAt: EpochMs };
