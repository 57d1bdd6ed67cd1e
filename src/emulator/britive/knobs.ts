/** What a test or a demo may turn in the emulated tenant while it runs. Durations are milliseconds. */
import type { Application } from './catalogue.ts';
import { defaultCatalogue } from './default-catalogue.ts';

/** The checks of a checkout after the one that the profile exists. */
export type Check = 'entitled' | 'accessType' | 'active' | 'stepUp' | 'justification' | 'ticket' | 'approval';

/** Who is believed without a sign-in: the bearer of an OIDC token, or the owner of AWS keys. */
export type Workload =
  | { readonly type: 'oidc'; readonly issuer: string; readonly audience: string | null; readonly userName: string }
  | { readonly type: 'aws'; readonly accountId: string; readonly userName: string };

export interface TenantKnobs {
  applications: readonly Application[];

  /** What `idp` may be at `/sso`. */
  identityProviders: readonly string[];
  /** How long a login page that was opened can still be answered, and its tokens be fetched. */
  loginLifeMs: number;
  /** The answer to a poll before anybody signed in; with 200 it only lacks the token. */
  pendingStatus: 200 | 400 | 401 | 404;
  sessionLifeMs: number;
  /** Whether the JWT tells when it expires. */
  isExpiryClaimed: boolean;
  /** How long a new session is still refused. */
  loginLagMs: number;
  /** How a dead session is refused: without a code, with one, or by a page. */
  unauthorized: 'plain' | 'E0000' | 'AU-0007' | 'html';
  workloads: readonly Workload[];

  /** `GET /api/access` answers with this shape whatever was asked for. */
  accessShape: 'asked' | 'A' | 'B' | 'C';
  /** How many accesses shape B holds where no `size` asks for more. */
  truncateAt: number | null;
  /** Sent as `next-page` with lists that have pages: a client must not follow it anywhere else. */
  nextLink: string | null;

  checkOrder: readonly Check[];
  /** How long a new checkout is missing from the status list. */
  visibilityDelayMs: number;
  /** How long the tokens are not there yet although the checkout is done. */
  tokensDelayMs: number;
  expired: 'vanishes' | 'checkedInExpired';
  isAccessTypeShown: boolean;
  timestamps: 'utc' | 'fraction' | 'offset' | 'naive' | 'garbage';
  /** Whether AWS keys that are fetched again are the same. */
  refetchedKeys: 'same' | 'new';
  /** Azure shows a secret at its creation only. */
  isAzureSecretShownOnce: boolean;
  consoleUrl: 'object' | 'string' | 'text';

  /** Requests are granted without a person, and say nothing. */
  alreadyApproved: boolean;
  timeToApproveMs: number;
  /** How long an approval can be used. */
  approvalLifeMs: number;
  approvalList: 'array' | 'result' | 'data';

  otp: string;
  wrongOtp: '401' | 'FAILED' | 'CHALLENGE';
  stepUp:
    | { readonly remember: 'window'; readonly windowMs: number }
    | { readonly remember: 'cookie'; readonly maxAgeMs: number };
  factors: readonly string[];

  /** The message of a tenant that is down for maintenance. */
  maintenance: string | null;
  features: readonly { readonly name: string; readonly enabled: boolean }[];
  banner: { readonly messageType: 'INFO' | 'WARNING' | 'CAUTION'; readonly message: string } | null;
  /** Every object has a field nobody knows. */
  extraFields: boolean;
}

const minutes = (count: number): number => count * 60_000;

export const defaultTenantKnobs = (): TenantKnobs => ({
  applications: defaultCatalogue,
  identityProviders: ['Corporate-SAML'],
  loginLifeMs: minutes(10),
  pendingStatus: 401,
  sessionLifeMs: minutes(480),
  isExpiryClaimed: true,
  loginLagMs: 0,
  unauthorized: 'plain',
  workloads: [],
  accessShape: 'asked',
  truncateAt: null,
  nextLink: null,
  checkOrder: ['entitled', 'accessType', 'active', 'stepUp', 'justification', 'ticket', 'approval'],
  visibilityDelayMs: 0,
  tokensDelayMs: 0,
  expired: 'vanishes',
  isAccessTypeShown: true,
  timestamps: 'utc',
  refetchedKeys: 'same',
  isAzureSecretShownOnce: true,
  consoleUrl: 'object',
  alreadyApproved: false,
  timeToApproveMs: minutes(10),
  approvalLifeMs: minutes(60),
  approvalList: 'array',
  otp: '000000',
  wrongOtp: '401',
  stepUp: { remember: 'window', windowMs: minutes(15) },
  factors: ['TOTP'],
  maintenance: null,
  features: [{ name: 'server-access', enabled: false }],
  banner: null,
  extraFields: false,
});
