/** What `explain` shows of one profile. JSON shape as in `views.ts`. */
import type { Attempt } from './attempt.ts';
import type { ErrorCode } from './errors.ts';
import type { LeaseStateName, SessionView } from './views.ts';

export interface AttemptView extends Omit<Attempt, 'at'> {
  readonly at: string;
}

/** How long before their end credentials are renewed; milliseconds. */
export interface LeadView {
  readonly ms: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Where in the range, from 0 to 1; the same for this generation whenever one looks. */
  readonly draw: number;
}

export interface HeldView {
  readonly generation: number;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly renewsAt: string;
  /** From then on a request waits a little for newer ones. */
  readonly shortAt: string;
  /** From then on they are handed out to nobody. */
  readonly spentAt: string;
  readonly lead: LeadView;
}

/** What keeps upstream from being asked now; where several do, the one that opens last. */
export interface GateView {
  /** `turn`: callers come first, and others did before. `checkout`: one at a time, and ours still runs. */
  readonly whose: 'profile' | 'session' | 'upstream' | 'turn' | 'checkout';
  readonly until: string;
  /** Failed attempts in a row that led to it. */
  readonly failures: number;
  readonly why: string | null;
}

export interface NextView {
  readonly what: /** Upstream is being asked; given up at `at`. */
    | 'fetching'
    /** A checkout is being given back; given up at `at`. */
    | 'checking-in'
    /** The session is looked into, or being renewed, before upstream is asked. */
    | 'session'
    /** Upstream is asked at `at`, without anybody's doing. */
    | 'renewal'
    /** A request has to come; none leads to an attempt before `at`. */
    | 'request'
    /** A person has to sign in; a renewal is due at `at`. */
    | 'sign-in'
    /** The profile cannot be served as it is configured. */
    | 'configuration';
  readonly at: string | null;
}

/** What a program with an SDK's usual patience would get if it asked now. */
export type CallerView =
  | { readonly answer: 'served' }
  | {
      readonly answer: 'waits';
      readonly for: 'upstream' | 'check-in' | 'refresh' | 'probe' | 'sign-in' | 'pause';
    }
  | { readonly answer: 'refused'; readonly code: string; readonly message: string };

export interface ExplainedSession extends SessionView {
  readonly last: AttemptView | null;
  /** No attempt to refresh before it, null when nothing is in the way. */
  readonly retryAt: string | null;
}

export interface ExplainView {
  readonly version: 1;
  readonly profile: string;
  readonly state: LeaseStateName;
  /** Whether anybody has asked for it since the daemon started. */
  readonly asked: boolean;
  readonly held: HeldView | null;
  readonly caller: CallerView;
  readonly next: NextView;
  readonly gate: GateView | null;
  /** The last thing upstream was asked for this profile. */
  readonly last: AttemptView | null;
  readonly lastError: string | null;
  readonly lastErrorCode: ErrorCode | null;
  /** Whether it would be renewed once without being asked; `never` where that bothers a person or ends a checkout. */
  readonly credit: 'left' | 'spent' | 'never';
  readonly session: ExplainedSession | null;
}
