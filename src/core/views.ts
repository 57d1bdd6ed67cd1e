/** What the control plane shows. JSON shapes: times are ISO 8601 strings, absent things are null. */
import type { ErrorCode } from './errors.ts';
import type { LoginFlow } from './types.ts';

export type SessionStateName =
  | 'signed-out'
  | 'active'
  | 'expiring'
  | 'offline'
  | 'confirming'
  | 'login-pending'
  | 'login-required';

/** Whether an upstream is being asked: `open` leaves it alone for a while, `half-open` tries it with one call. */
export interface CircuitView {
  readonly state: 'closed' | 'open' | 'half-open';
  /** Calls in a row without an answer. */
  readonly failures: number;
  readonly retryInMs: number;
}

/** Whether a window would open by itself if a program needed a sign-in. */
export interface WindowView {
  /** Why it would not, null when it would. */
  readonly heldBack:
    | 'by-token'
    | 'signed-out'
    | 'manual'
    | 'no-browser'
    | 'daily-cap'
    | 'cooldown'
    | 'just-signed-in'
    | 'away'
    | null;
  /** When that ends by itself, null where it takes the person. */
  readonly until: string | null;
  /** When it was last looked whether somebody is there. */
  readonly lookedAt: string | null;
}

export interface SessionView {
  readonly name: string;
  readonly provider: string;
  /** Where one signs in: the access portal, or Britive's tenant. */
  readonly startUrl: string;
  /** Its upstream offers profiles by name, and lists what is checked out. */
  readonly countsCheckouts: boolean;
  readonly state: SessionStateName;
  readonly expiresAt: string | null;
  readonly refreshable: boolean;
  readonly nextRefreshAt: string | null;
  /** One sentence: what happens next, or what the person has to do. */
  readonly next: string;
  readonly lastError: string | null;
  /** Of the upstream that its profiles' credentials come from. */
  readonly upstream: CircuitView;
  readonly window: WindowView;
}

export type LeaseStateName = 'empty' | 'fresh' | 'due' | 'short' | 'spent' | 'unserved';

export type ApplicationKind = 'aws' | 'azure' | 'gcp' | 'kubernetes' | 'other';

export interface ProfileView {
  readonly name: string;
  readonly session: string | null;
  readonly accountId: string | null;
  readonly roleName: string | null;
  /** In its tenant's catalogue, as the settings name it; null where there is none. */
  readonly path: string | null;
  /** What its credentials are for, null while that is not known. */
  readonly kind: ApplicationKind | null;
  readonly region: string | null;
  readonly state: LeaseStateName;
  /** Whether anybody has asked for it since the daemon started. */
  readonly asked: boolean;
  /** It stands in no file: its tenant's catalogue offers it. */
  readonly implied: boolean;
  readonly expiresAt: string | null;
  readonly renewsAt: string | null;
  /** The checkout that is held, null where upstream counts none. */
  readonly transaction: string | null;
  readonly lastError: string | null;
  readonly lastErrorCode: ErrorCode | null;
}

/** What a client was told instead of credentials, which its SDK may not have shown. */
export interface ClientRefusal {
  /** The label of its grant. */
  readonly client: string;
  readonly profile: string;
  readonly message: string;
  readonly at: string;
}

export interface StatusView {
  readonly version: 1;
  readonly daemon: {
    readonly pid: number;
    readonly version: string;
    readonly startedAt: string;
    readonly url: string;
    /** How far the servers' clocks are ahead of this machine's, as far as that is known. */
    readonly clockOffsetMs: number;
  };
  readonly storage: string;
  readonly sessions: readonly SessionView[];
  readonly profiles: readonly ProfileView[];
  readonly refusals: readonly ClientRefusal[];
  /** `file:line key: message`, as `config check` prints them. */
  readonly problems: readonly string[];
}

/** One line each of the streamed answer to `POST /v1/sessions/{name}/login`. */
export type LoginEvent =
  | { readonly event: 'prompt'; readonly kind: 'browser'; readonly url: string; readonly opened: boolean }
  | {
      readonly event: 'prompt';
      readonly kind: 'device';
      readonly verificationUri: string;
      readonly verificationUriComplete: string | null;
      readonly userCode: string;
      readonly opened: boolean;
      readonly expiresAt: string;
    }
  /** `expiresAt` is null for what lasts until upstream ends it. */
  | { readonly event: 'done'; readonly session: string; readonly expiresAt: string | null }
  | { readonly event: 'failed'; readonly code: string; readonly message: string };

export interface LoginBody {
  readonly flow: LoginFlow;
  readonly openBrowser: boolean;
  /** One that somebody made before, where upstream takes such. */
  readonly token: string | null;
}

export interface LogoutBody {
  /** Ends the session upstream too, where a sign-out would leave it to other programs. */
  readonly revoke: boolean;
}

/** What a name may mean. */
export interface MatchView {
  /** The name is one of theirs in full; otherwise it is only like one. */
  readonly exact: boolean;
  readonly candidates: readonly { readonly name: string; readonly path: string | null }[];
}

export interface CatalogueEntry {
  readonly session: string;
  /** Null where upstream does not say. */
  readonly accountId: string | null;
  readonly accountName: string;
  readonly roleName: string;
  /** What a profile's `profile` takes, null for Identity Center. */
  readonly path: string | null;
  /** The name by which it can be checked out without any configuration, null for Identity Center. */
  readonly alias: string | null;
  /** Null for Identity Center, which knows AWS alone. */
  readonly kind: ApplicationKind | null;
  /** The configured profile that serves it, null when none does. */
  readonly profile: string | null;
}

/** One line each of the streamed answer to `POST /v1/profiles/sync`. */
export type SyncEvent =
  | { readonly event: 'progress'; readonly session: string; readonly accounts: number; readonly done: number }
  | { readonly event: 'entries'; readonly entries: readonly CatalogueEntry[] }
  /** Without a session for what ends the whole of it. */
  | { readonly event: 'failed'; readonly session?: string; readonly code: string; readonly message: string };

export type GrantKind = 'install' | 'session' | 'container';

export interface GrantView {
  /** First characters of the token's hash: names the grant, opens nothing. */
  readonly id: string;
  readonly label: string;
  readonly kind: GrantKind;
  /** Profile names, or `*` for all. */
  readonly profiles: readonly string[] | '*';
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface GrantBody {
  readonly label: string;
  readonly kind: GrantKind;
  readonly profiles: readonly string[] | '*';
  /** Milliseconds from now, null for no end. */
  readonly lifetimeMs: number | null;
}

/** The only answer that ever holds a grant's token. */
export interface IssuedGrant extends GrantView {
  readonly token: string;
}
