/** A checkout under way: a state machine whose steps are in the files beside this one. */
import type { CheckoutInput } from './access.ts';
import { judgeOf } from './ask.ts';
import type { Call } from './connection.ts';
import type { NotOk, Parsed } from './reply.ts';
import { verdictOf } from './reply.ts';
import type { AccessKey, CheckoutRow } from './rows.ts';
import type { EpochMs, ProgressName, Verdict, Wish } from './types.ts';

/** What a checkout brought, and the transaction that it belongs to. */
export interface Issued<T> {
  readonly transaction: string;
  readonly expiresAt: EpochMs | null;
  readonly value: T;
}

/** `incomplete` lacks what only a new checkout shows. */
export type Collected<T> = 'incomplete' | 'given-back' | { readonly value: T; readonly expiresAt: EpochMs | null };

export interface Operation<T> {
  readonly call: Call;
  readonly key: AccessKey;
  readonly wish: Wish | null;
  /** The transaction that is held and may be prolonged, null for none. */
  readonly extend: string | null;
  /** Null while it is not ready. */
  readonly collect: (call: Call, row: Target) => Promise<Parsed<Collected<T> | null>>;
  readonly memory: Memory;
}

export type State<T> =
  | { readonly at: 'checking' }
  | { readonly at: 'extending'; readonly row: CheckoutRow }
  | { readonly at: 'checking-in'; readonly row: Target }
  | { readonly at: 'waiting-gone' }
  | { readonly at: 'posting' }
  | { readonly at: 'ambiguous'; readonly detail: string }
  | { readonly at: 'stepping-up' }
  | { readonly at: 'requesting-approval' }
  | { readonly at: 'resuming-approval'; readonly isOurs: boolean }
  | ({ readonly at: 'awaiting-approval' } & PendingApproval)
  | { readonly at: 'waiting-out'; readonly transaction: string }
  | { readonly at: 'fetching'; readonly row: Target }
  | Done<T>;

export interface PendingApproval {
  readonly requestId: string;
  /** This run made it, so that nobody else waits for it. */
  readonly isOurs: boolean;
}

export type Target = Pick<CheckoutRow, 'transaction' | 'expiresAt'>;

export interface Done<T> {
  readonly at: 'done';
  readonly verdict: Verdict<Issued<T>>;
  /** The ids may be of yesterday's catalogue. */
  readonly idsRefused: boolean;
}

/** What one checkout remembers, so that none of its loops runs for ever. */
export class Memory {
  /** What the person said, or what they had said when it was approved. */
  input: CheckoutInput;
  /** The step before this POST was an accepted one-time password. */
  steppedUp = false;
  readonly #times = new Map<string, number>();

  constructor(input: CheckoutInput) {
    this.input = input;
  }

  /** True for the first so many times. */
  allows(what: string, times = 1): boolean {
    return this.before(what) < times;
  }

  /** How often it has happened before this time. */
  before(what: string): number {
    const times = this.#times.get(what) ?? 0;
    this.#times.set(what, times + 1);
    return times;
  }
}

export const done = (verdict: Verdict<never>): Done<never> => ({ at: 'done', verdict, idsRefused: false });

export const failed = ({ call }: Pick<Operation<unknown>, 'call'>, notOk: NotOk): Done<never> => ({
  ...done(verdictOf(notOk, judgeOf(call))),
  idsRefused: notOk.type === 'refused' && (notOk.class === 'not-found' || notOk.class === 'bad-request'),
});

export const tell = (
  { wish }: Pick<Operation<unknown>, 'wish'>,
  event: ProgressName,
  detail: string | null = null,
): void => wish?.progress({ event, detail });
