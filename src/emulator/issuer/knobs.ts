/** What a test or a demo may turn in the emulated issuer while it runs. Durations are milliseconds. */

/** Registered at the issuer beforehand, as an administrator does it. */
export interface IssuerClient {
  readonly clientId: string;
  /** Null for a public client (RFC 6749, 2.1). */
  readonly clientSecret: string | null;
  readonly redirectUris: readonly string[];
  readonly grants: readonly string[];
  readonly scopes: readonly string[];
}

export interface IssuerKnobs {
  clients: readonly IssuerClient[];

  accessTokens: 'jwt' | 'opaque';
  accessTokenLifeMs: number;
  /** Whether an answer has `expires_in`. */
  isExpiryStated: boolean;

  /** Who gets a refresh token: whoever asks for `offline_access`, everybody, nobody. */
  refreshTokens: 'offline_access' | 'always' | 'never';
  /** Handed out in a refresh token's place, and good for nothing. */
  placeholder: string | null;
  /** What a refresh returns: a new refresh token, the same one, or none. */
  rotation: 'always' | 'never' | 'omit';
  /** What a replaced refresh token is worth. */
  oldToken: 'valid' | 'reject' | 'revokeFamily' | { readonly graceMs: number };
  /** After it a sign-in cannot be refreshed any longer. */
  sessionLifeMs: number;

  /** Which answers have an ID token, for those who asked for `openid`. */
  idTokens: 'always' | 'login' | 'never';
  idTokenLifeMs: number;
  /** Laid over the claims of an ID token; undefined leaves one out. */
  idTokenClaims: Readonly<Record<string, unknown>>;
  idTokenSignature: 'good' | 'none' | 'HS256' | 'otherKey';
  signingAlg: 'ES256' | 'RS256';
  /** How far the issuer's clock is ahead when it writes `iat` and `exp`. */
  clockOffsetMs: number;

  authorizationCodeLifeMs: number;
  /** The `iss` of the redirect (RFC 9207): the issuer's own, none, or that of somebody else. */
  callbackIssuer: 'own' | 'none' | { readonly other: string };

  deviceLifeMs: number;
  deviceIntervalMs: number;
  /** Whether the answer names the interval. */
  isIntervalStated: boolean;

  /** Which document is published: OpenID Connect's and RFC 8414's, only the latter, or neither. */
  discovery: 'both' | 'oauth' | 'none';
  /** Laid over the published document; undefined leaves a member out. The endpoints themselves stay. */
  metadata: Readonly<Record<string, unknown>>;

  /** How the API refuses an access token it does not accept. */
  apiRefusal: 401 | 403;
  /** The API refuses this person, whatever the access token. */
  isApiForbidden: boolean;
}

const seconds = (count: number): number => count * 1000;
const minutes = (count: number): number => seconds(count * 60);
const hours = (count: number): number => minutes(count * 60);

export const grants = {
  code: 'authorization_code',
  refresh: 'refresh_token',
  device: 'urn:ietf:params:oauth:grant-type:device_code',
} as const;

const scopes = ['openid', 'profile', 'email', 'offline_access', 'api'];
const native = { redirectUris: ['http://127.0.0.1/oauth/callback'], grants: Object.values(grants), scopes };

export const defaultIssuerKnobs = (): IssuerKnobs => ({
  clients: [
    { clientId: 'cli', clientSecret: null, ...native },
    { clientId: 'confidential', clientSecret: 'emulated+secret/of:a&client', ...native },
  ],
  accessTokens: 'jwt',
  accessTokenLifeMs: hours(1),
  isExpiryStated: true,
  refreshTokens: 'offline_access',
  placeholder: null,
  rotation: 'always',
  oldToken: 'revokeFamily',
  sessionLifeMs: hours(12),
  idTokens: 'always',
  idTokenLifeMs: hours(1),
  idTokenClaims: {},
  idTokenSignature: 'good',
  signingAlg: 'ES256',
  clockOffsetMs: 0,
  authorizationCodeLifeMs: minutes(1),
  callbackIssuer: 'own',
  deviceLifeMs: minutes(10),
  deviceIntervalMs: seconds(5),
  isIntervalStated: true,
  discovery: 'both',
  metadata: {},
  apiRefusal: 401,
  isApiForbidden: false,
});
