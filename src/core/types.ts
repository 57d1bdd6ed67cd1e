/** The words the whole broker shares. Wire names stop at the `parse…` functions; times are milliseconds. */
import type { Verdict } from './verdict.ts';
import type { Wish } from './wish.ts';

/** Effective wall-clock time, milliseconds since the epoch. For expiry, leads, floors and login cooldowns. */
export type EpochMs = number & { readonly __epoch: unique symbol };
/** Monotonic time in milliseconds, meaningless in another process. For retry gates, holds and call time-outs. */
export type MonoMs = number & { readonly __mono: unique symbol };
/** What a server says the time is, milliseconds since the epoch. Good for setting our own clock by, and nothing else. */
export type ServerMs = number & { readonly __server: unique symbol };

export const epoch = (ms: number): EpochMs => ms as EpochMs;
export const mono = (ms: number): MonoMs => ms as MonoMs;
export const serverTime = (ms: number): ServerMs => ms as ServerMs;

/** AWS credentials as an upstream issued them. They live in memory alone. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: EpochMs;
  /** Twelve digits, where the upstream or the profile names it. */
  readonly accountId: string | null;
  readonly roleArn: string | null;
  /** Where upstream counts checkouts, the one these belong to. */
  readonly transaction: string | null;
}

/** What must be remembered of a checkout that upstream counts, so that a restart finds it again instead of a second one. */
export interface Checkout {
  readonly transaction: string;
  readonly expiresAt: EpochMs;
}

/** RFC 7591. Identity Center's live 90 days. */
export interface ClientRegistration {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly expiresAt: EpochMs;
}

/** Britive's `Authorization` schemes: a person's session, an API token, a workload's token. */
export type TokenType = 'Bearer' | 'TOKEN' | 'WorkloadToken';

/** The tokens of one sign-in, as a store keeps them. */
export interface SessionRecord {
  readonly accessToken: string;
  readonly expiresAt: EpochMs;
  /** The empty string is never stored; a session without one cannot be refreshed. */
  readonly refreshToken: string | null;
  readonly client: ClientRegistration | null;
  /** Where the tokens were issued; Identity Center refuses a refresh anywhere else. */
  readonly region: string | null;
  /** Null where upstream knows but one kind. */
  readonly tokenType: TokenType | null;
  /** The one that came with these tokens or before them; null where none did. */
  readonly idToken: string | null;
}

/** What a person has to do, as it happens. */
export type LoginPrompt =
  | { readonly kind: 'browser'; readonly url: string; readonly opened: boolean }
  | {
      readonly kind: 'device';
      readonly verificationUri: string;
      readonly verificationUriComplete: string | null;
      readonly userCode: string;
      readonly opened: boolean;
      readonly expiresAt: EpochMs;
    };

export type LoginFlow = 'browser' | 'device';

export interface LoginRequest {
  readonly flow: LoginFlow;
  /** False prints the URL and opens nothing. */
  readonly openBrowser: boolean;
  readonly prompt: (prompt: LoginPrompt) => void;
  readonly signal: AbortSignal;
  /** One that somebody made before; no browser is opened then. */
  readonly token: string | null;
}

export type LoginOutcome =
  | { readonly type: 'ok'; readonly record: SessionRecord; readonly lifetimeMs: number }
  | { readonly type: 'declined'; readonly detail: string }
  /** Nobody came: the window or the device code ran out. */
  | { readonly type: 'unanswered'; readonly detail: string }
  | { readonly type: 'failed'; readonly verdict: Exclude<Verdict<never>, { type: 'ok' }> };

/** New tokens and their life as the server states it (`expires_in`), so that a wrong local clock does no harm. */
export interface RefreshedTokens {
  readonly record: SessionRecord;
  readonly lifetimeMs: number;
}

/** One sign-in at an upstream. Made once from settings; told nothing else but what each call needs. */
export interface SessionUpstream {
  /** How long before its expiry an access token is refreshed, for a token of this life. */
  readonly refreshLeadMs: (lifetimeMs: number) => number;
  /** Not idempotent: tokens rotate. Never throws; every outcome is a verdict. */
  readonly refresh: (record: SessionRecord, signal: AbortSignal) => Promise<Verdict<RefreshedTokens>>;
  /** Cheap and read-only: does the server accept this token? With null: can the server be reached (`unauthorized` says yes)? */
  readonly probe: (record: SessionRecord | null, signal: AbortSignal) => Promise<Verdict<void>>;
  /** A 401 this soon after the server accepted the token is the profile's own; 0 where it is always about the token. */
  readonly trustMs: number;
  /** The only step that may wait for a person. Never throws. */
  readonly login: (request: LoginRequest) => Promise<LoginOutcome>;
  /** A sign-out here leaves the session upstream alone: other programs of the person share it. */
  readonly logoutIsLocal: boolean;
  /** Forgets what belongs to who signed in and is kept beside the tokens: they sign out, or another tool signed them out. */
  readonly forget?: () => void;
  /** Ends the session upstream where that exists. Never throws. */
  readonly logout: (record: SessionRecord, signal: AbortSignal) => Promise<Verdict<void>>;
}

/** How a renewal relates to what is held: beside it, as more of it, or only after its end. */
export type Renewal = 'overlap' | 'extend' | 'exclusive';

export interface AcquireRequest {
  /** The session's, null for a profile that needs none. */
  readonly record: SessionRecord | null;
  /** Of the profile that this one builds on, null for one that builds on none. */
  readonly source: Credentials | null;
  /** The checkout that is held or was before a restart: to be extended, or adopted where it still runs. */
  readonly checkout: Checkout | null;
  /** Null for a program, whom no gate can ask anything. */
  readonly wish: Wish | null;
  readonly signal: AbortSignal;
}

export interface ReleaseRequest {
  readonly record: SessionRecord | null;
  readonly checkout: Checkout;
  readonly signal: AbortSignal;
}

/** One profile's credentials. Never throws; every outcome is a verdict. */
export interface LeaseUpstream {
  readonly renewal: Renewal;
  /** False where a checkout bothers a person (approval, one-time password): never made before somebody asks. */
  readonly prefetch: boolean;
  /** How long `acquire` may take, null for as long as the settings say. */
  readonly timeoutMs: number | null;
  /** A checkout that nobody has asked for that long is given back; absent for never. */
  readonly idleMs?: number;
  readonly acquire: (request: AcquireRequest) => Promise<Verdict<Credentials>>;
  /** Gives a checkout back before its end. */
  readonly release: (request: ReleaseRequest) => Promise<Verdict<void>>;
}

/** Would somebody see a window that opens now? What cannot be known counts as yes. */
export type Presence = 'present' | 'away' | 'unknown';

export type { SaveOutcome, SessionStore, StoredSession } from './session-store.ts';
export type { TransientWhy, Verdict } from './verdict.ts';

export type Cancel = () => void;
