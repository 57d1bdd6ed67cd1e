/** What the edges (`routes/`, `src/daemon.ts`) may ask of the core. `Broker` implements it. */
import type { CheckoutView } from './checkout-views.ts';
import type { ExplainView } from './explain-view.ts';
import type { Settings } from './settings.ts';
import type { EpochMs, LoginFlow, LoginPrompt } from './types.ts';
import type { CatalogueEntry, MatchView, ProfileView, SessionView } from './views.ts';
import type { Wish } from './wish.ts';

/** One generation of a profile's credentials, serialised once; handing it out copies nothing. */
export interface Served {
  readonly profile: string;
  readonly generation: number;
  readonly expiresAt: EpochMs;
  /** Last four characters of the access key id, for logs. */
  readonly keySuffix: string;
  /** Where upstream counts checkouts, the one these belong to. */
  readonly transaction: string | null;
  /** Container credentials document, with `Token`. */
  readonly container: Uint8Array;
  /** `credential_process` document, with `SessionToken` and `Version: 1`. */
  readonly process: Uint8Array;
}

export interface GetOptions {
  /** How long the caller can wait when nothing can be handed out; milliseconds. */
  readonly holdMs: number;
  /** Aborted when the caller hangs up: frees its place, changes nothing else. */
  readonly signal: AbortSignal;
  /** A person's, who can be asked in turn; absent for a program. */
  readonly wish?: Wish;
}

export interface TokenOptions extends Pick<GetOptions, 'holdMs' | 'signal'> {
  /** A token with less life left is refreshed first, where that is possible; milliseconds. */
  readonly minLifeMs: number;
}

export interface AccessToken {
  readonly accessToken: string;
  /** Null for what lasts until upstream ends it. */
  readonly expiresAt: EpochMs | null;
}

export interface LoginOptions {
  readonly flow: LoginFlow;
  readonly openBrowser: boolean;
  /** One that somebody made before, where upstream takes such; nothing is opened then. */
  readonly token: string | null;
  readonly prompt: (prompt: LoginPrompt) => void;
  /** Aborting leaves the flow; the last to leave a flow cancels it. */
  readonly signal: AbortSignal;
}

export interface LogoutOptions {
  /** Ends it upstream, too, where a sign-out leaves it to the person's other programs. */
  readonly revoke: boolean;
}

export interface SignedIn {
  /** Null for what lasts until upstream ends it. */
  readonly expiresAt: EpochMs | null;
}

/** What a checkout yields that is no AWS credentials of a lease. */
export interface Issue {
  /** Null where upstream counts no checkouts. */
  readonly transaction: string | null;
  /** Null where upstream does not say. */
  readonly expiresAt: EpochMs | null;
  /** `{kind, ...fields}` of an application, `{url}` of a console page. A secret either way. */
  readonly document: Readonly<Record<string, unknown>>;
}

export type IssueKind = 'payload' | 'console';

export interface IssueOptions {
  readonly as: IssueKind;
  /** Null for a program. */
  readonly wish: Wish | null;
  readonly signal: AbortSignal;
}

/** What a person asks of a session once. Each rejects with `LoginRequired` where that takes a sign-in first. */
export interface ErrandsApi {
  /** Whatever an application yields, or its console's page; asked for each time. */
  readonly issue: (profile: string, options: IssueOptions) => Promise<Issue>;
  /** Accounts and roles upstream offers this session; reports after each account. */
  readonly catalogue: (
    session: string,
    progress: (accounts: number, done: number) => void,
    signal: AbortSignal,
  ) => Promise<readonly CatalogueEntry[]>;
  /** What upstream says is checked out. */
  readonly checkouts: (session: string, signal: AbortSignal) => Promise<readonly CheckoutView[]>;
  /** Any checkout that upstream lists, whoever made it; what a lease holds is given back with `checkin`. */
  readonly giveBack: (session: string, transaction: string, signal: AbortSignal) => Promise<void>;
  /** Which profiles a name may mean. Asks for what is offered where that is not known, or of yesterday. */
  readonly match: (name: string, signal: AbortSignal) => Promise<MatchView>;
}

export interface BrokerApi {
  /**
   * The warm path: synchronous, no I/O, no timer. Null when the caller has to wait with `get`.
   * Throws `ProfileNotFound`, or `ConfigInvalid` for a profile that cannot be served.
   */
  readonly peek: (profile: string) => Served | null;
  /** Joins or starts the one flight of this profile. Rejects with a `BrokerError` within the hold. */
  readonly get: (profile: string, options: GetOptions) => Promise<Served>;
  /** New credentials at the user's wish, whatever is held; no gate of ours stands in its way. */
  readonly renew: (profile: string, options: GetOptions) => Promise<Served>;
  /** Forgets the credentials and gives the checkout back where upstream counts them; resolves when it has been. */
  readonly checkin: (profile: string) => Promise<boolean>;
  /** The user's own wish: always allowed, clears cooldowns. Resolves when signed in. */
  readonly login: (session: string, options: LoginOptions) => Promise<SignedIn>;
  /**
   * Forgets tokens and credentials; nothing under way can bring them back. Resolves with whether upstream could be told;
   * rejects when the stored tokens could not be deleted.
   */
  readonly logout: (session: string, options?: LogoutOptions) => Promise<boolean>;
  /** An OAuth session's access token. Rejects within the hold, as `get` does, and never with a token that still works in hand. */
  readonly token: (session: string, options: TokenOptions) => Promise<AccessToken>;
  readonly sessions: () => readonly SessionView[];
  readonly profiles: () => readonly ProfileView[];
  /** Why a profile is as it is, and what comes next. Throws `ProfileNotFound`. */
  readonly explain: (profile: string) => ExplainView;
  readonly errands: ErrandsApi;
  /** Calls back after any change that `sessions` or `profiles` would show. Returns how to stop. */
  readonly watch: (changed: () => void) => () => void;
  readonly settings: () => Settings;
}
