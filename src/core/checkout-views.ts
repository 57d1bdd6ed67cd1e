/** What the control plane shows of checkouts. JSON shapes, as in `views.ts`. */
import type { Answers, ProgressName } from './wish.ts';

/** What a person asks `POST /v1/profiles/{name}/issue` for. */
export interface IssueBody {
  /** `credentials`: AWS's, as `credential_process` knows them; `payload`: whatever the application yields; `console`: a page. */
  readonly as: 'credentials' | 'payload' | 'console';
  /** New ones, even where that ends a checkout that others use. */
  readonly force: boolean;
  readonly answers: Answers;
}

/** What a checkout brought. */
export interface IssuedView {
  /** Null where upstream counts no checkouts. */
  readonly transaction: string | null;
  /** Null where upstream does not say. */
  readonly expiresAt: string | null;
  /** A `credential_process` document; `{kind, ...fields}` of an application; `{url}` of a console, as good as a password. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** One line each of the streamed answer to `POST /v1/profiles/{name}/issue`. */
export type IssueEvent =
  | { readonly event: 'progress'; readonly name: ProgressName; readonly detail: string | null }
  | ({ readonly event: 'done' } & IssuedView)
  | { readonly event: 'failed'; readonly code: string; readonly message: string };

/** What a tenant says is checked out. */
export interface CheckoutView {
  readonly session: string;
  /** The profile that serves it, null when none does. */
  readonly profile: string | null;
  /** What its tenant knows it by, for where nothing else names it. */
  readonly id: string;
  /** Its path in the tenant's catalogue, null for what is not in it any more. */
  readonly path: string | null;
  readonly access: 'programmatic' | 'console';
  /** As upstream words it, such as `checkedOut`. */
  readonly status: string;
  /** It can be given back. */
  readonly live: boolean;
  readonly expiresAt: string | null;
  readonly transaction: string;
}

export interface CheckoutsView {
  readonly checkouts: readonly CheckoutView[];
  /** Sessions that could not be asked, and why. */
  readonly failures: readonly { readonly session: string; readonly code: string; readonly message: string }[];
}
