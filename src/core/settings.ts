/** What `config/` hands to the rest: checked, complete, with the place each thing came from. */
import type { Origin, ProfileSettings } from './profile-settings.ts';

export type {
  BritiveProfileSettings,
  Origin,
  ProfileSettings,
  RoleProfileSettings,
  ServedProfileSettings,
  SessionProfileSettings,
  SsoProfileSettings,
  UnservedProfileSettings,
  WebIdentityProfileSettings,
} from './profile-settings.ts';

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  /** The key or section it is about, empty when it is about the file. */
  readonly key: string;
  /** One sentence, no full stop, that says what to do. */
  readonly message: string;
}

/** Durations are milliseconds; the defaults are in `config/defaults.ts`. */
export interface RefreshNumbers {
  /** Renew behind when a credential of life up to `upToMs` has between `minMs` and `maxMs` left; ordered by `upToMs`. */
  readonly lead: readonly { readonly upToMs: number; readonly minMs: number; readonly maxMs: number }[];
  /** Above it no request ever waits on upstream. */
  readonly softMs: number;
  /** Below it nothing is handed out. */
  readonly floorMs: number;
  /** The floor of an exclusive upstream. */
  readonly exclusiveFloorMs: number;
  readonly retry: { readonly firstMs: number; readonly capMs: number };
  readonly emptyRetry: { readonly firstMs: number; readonly thenMs: number; readonly capMs: number };
  /** After that many calls in a row without an answer an upstream is left alone for the pause, then asked once. */
  readonly circuit: { readonly failures: number; readonly firstMs: number; readonly capMs: number };
  /** Calls that one upstream is asked for; the share `reserved` (0 to 1) of the burst is kept for callers who wait. */
  readonly budget: { readonly perSecond: number; readonly burst: number; readonly reserved: number };
  readonly retryAfterCapMs: number;
  readonly denied: { readonly firstMs: number; readonly capMs: number };
  readonly acquireTimeoutMs: number;
  readonly refreshTimeoutMs: number;
  readonly loginTimeoutMs: number;
  readonly minRenewalGapMs: number;
  readonly maxWaiters: number;
  readonly hold: {
    readonly defaultMs: number;
    readonly botocoreMs: number;
    readonly rustRubyMs: number;
    readonly goMs: number;
    readonly helperMs: number;
    readonly credentialProcessMs: number;
  };
  readonly login: {
    readonly cooldownsMs: readonly number[];
    readonly maxUnansweredPerDay: number;
    readonly afterSuccessMs: number;
    /** A sign-in that a used profile's renewal needs is offered when its credentials have this long to live. */
    readonly offerBeforeMs: number;
    /** How long before the end of a session that cannot be refreshed the person is told. */
    readonly remindBeforeMs: readonly number[];
    /** How often the person is told that programs wait for a sign-in. */
    readonly remindEveryMs: number;
  };
  /** A session is kept alive this long after its last demand. */
  readonly keepAliveMs: number;
  /** After a wake, renewals that nobody waits for are spread over this time. */
  readonly wakeSpreadMs: number;
}

export interface SsoSessionSettings {
  readonly provider: 'aws-sso';
  readonly name: string;
  readonly startUrl: string;
  readonly region: string;
  /** Null for a legacy profile's session: no scopes, hence no refresh token. */
  readonly scopes: readonly string[] | null;
  /** What the AWS tools hash for the cache file's name: the session's name, or the raw start URL of a legacy profile. */
  readonly cacheKey: string;
  readonly tokenCache: 'shared' | 'private';
  /** `AWS_ENDPOINT_URL_SSO_OIDC` and the like, null for the region's own. */
  readonly oidcEndpoint: string | null;
  readonly portalEndpoint: string | null;
  readonly origin: Origin;
}

export interface BritiveSessionSettings {
  readonly provider: 'britive';
  readonly name: string;
  readonly tenant: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Skips the page where one picks an identity provider. */
  readonly idp: string | null;
  /** Where a workload's token comes from, such as `github` or `aws`; null for people and API tokens. */
  readonly federation: string | null;
  /** A checkout that nobody has asked for that long is given back; null for never. */
  readonly idleCheckinMs: number | null;
  readonly origin: Origin;
}

/** A client that the user has registered at an OAuth 2.0 or OpenID Connect issuer. */
export interface OidcSessionSettings {
  readonly provider: 'oidc';
  readonly name: string;
  /** The issuer identifier; https, or http on loopback. */
  readonly issuer: string;
  readonly clientId: string;
  /** Null for a public client. */
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  /** Which API the access token is for, where the issuer wants to be told. */
  readonly audience: string | null;
  /** How a person signs in; `token`: somebody makes an access token and pastes it. */
  readonly flow: 'pkce' | 'device' | 'token';
  readonly origin: Origin;
}

/** A union that later providers extend. */
export type SessionSettings = SsoSessionSettings | BritiveSessionSettings | OidcSessionSettings;

export interface Settings {
  readonly listen: { readonly host: string; readonly port: number };
  /** `manual` never opens a browser unasked. */
  readonly login: 'on-demand' | 'manual';
  readonly refresh: RefreshNumbers;
  readonly sessions: ReadonlyMap<string, SessionSettings>;
  readonly profiles: ReadonlyMap<string, ProfileSettings>;
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read or looked for, to be watched. */
  readonly files: readonly string[];
}
