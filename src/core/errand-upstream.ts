/** What upstream is asked beside the leases, for a person and once each. */
import type { Issue, IssueKind } from './api.ts';
import type { CheckoutView } from './checkout-views.ts';
import type { Offer } from './offers.ts';
import type { ServedProfileSettings, SessionSettings } from './settings.ts';
import type { EpochMs, SessionRecord, Verdict } from './types.ts';
import type { CatalogueEntry } from './views.ts';
import type { Wish } from './wish.ts';

export interface ErrandRequest {
  readonly record: SessionRecord;
  readonly signal: AbortSignal;
}

export interface CatalogueRequest extends ErrandRequest {
  /** Called once the number of accounts is known, and after each account. */
  readonly progress: (accounts: number, done: number) => void;
}

export interface CatalogueRole extends Pick<CatalogueEntry, 'accountId' | 'accountName' | 'roleName'> {
  /** Null where roles have no names of their own. */
  readonly offer: Offer | null;
}

export interface IssueRequest extends ErrandRequest {
  readonly as: IssueKind;
  readonly wish: Wish | null;
}

/** As a tenant lists it; nothing says yet which profile serves it. */
export interface CheckedOut extends Omit<CheckoutView, 'session' | 'profile' | 'expiresAt'> {
  readonly expiresAt: EpochMs | null;
}

/** For whose credentials the AWS console is to be opened. */
export interface ConsoleRequest {
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string };
  /** `chained` are those of a role that was assumed with another role's. */
  readonly standing: 'role' | 'chained';
  readonly region: string | null;
  readonly signal: AbortSignal;
}

/**
 * `S` are a session's settings, `P` a profile's. Never throws. Sessions that are no tenant's offer nothing by name and
 * have nothing checked out.
 */
export interface ErrandUpstream<S = SessionSettings, P = ServedProfileSettings> {
  /** What is no SDK's: an application's keys, a console's page. */
  readonly issue: (profile: P, session: S, request: IssueRequest) => Promise<Verdict<Issue>>;
  /** Every account and role the session may use, always asked. */
  readonly catalogue: (session: S, request: CatalogueRequest) => Promise<Verdict<readonly CatalogueRole[]>>;
  /** As last read, without asking anybody. */
  readonly offers: (session: S) => readonly Offer[];
  /** Reads what is offered where that was never done, or not for a day. */
  readonly recall: (session: S, request: ErrandRequest) => Promise<Verdict<void>>;
  /** Everything that has not come to its end, always asked. */
  readonly checkouts: (session: S, request: ErrandRequest) => Promise<Verdict<readonly CheckedOut[]>>;
  /**
   * Before its end, whoever made it. What has been given back already is given back; denied as `not-found` where it is
   * unknown.
   */
  readonly giveBack: (session: S, request: ErrandRequest & { readonly transaction: string }) => Promise<Verdict<void>>;
}

export interface ConsoleUpstream {
  /** The address of the AWS console for these credentials, as good as a password. Never throws. */
  readonly console: (request: ConsoleRequest) => Promise<Verdict<string>>;
}
