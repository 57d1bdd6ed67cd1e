/** Every default there is. The numbers under `refresh` are a contract that the README documents. */
import type { RefreshNumbers } from '../src/core/settings.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const refresh: RefreshNumbers = {
  lead: [
    { upToMs: 20 * minute, minMs: 6 * minute, maxMs: 7 * minute },
    // A life of exactly 90 minutes is a long one.
    { upToMs: 90 * minute - 1, minMs: 17 * minute, maxMs: 20 * minute },
    { upToMs: Number.POSITIVE_INFINITY, minMs: 65 * minute, maxMs: 75 * minute },
  ],
  softMs: 5 * minute,
  floorMs: minute,
  exclusiveFloorMs: 5 * second,
  retry: { firstMs: 10 * second, capMs: 5 * minute },
  emptyRetry: { firstMs: 2 * second, thenMs: 10 * second, capMs: 30 * second },
  circuit: { failures: 5, firstMs: 10 * second, capMs: 30 * second },
  budget: { perSecond: 5, burst: 10, reserved: 0.2 },
  retryAfterCapMs: 15 * minute,
  denied: { firstMs: minute, capMs: 15 * minute },
  acquireTimeoutMs: 15 * second,
  refreshTimeoutMs: 8 * second,
  loginTimeoutMs: 5 * minute,
  minRenewalGapMs: minute,
  maxWaiters: 2_000,
  hold: {
    defaultMs: 800,
    botocoreMs: 1_700,
    rustRubyMs: 4_500,
    goMs: 10 * second,
    helperMs: 120 * second,
    credentialProcessMs: 55 * second,
  },
  login: {
    cooldownsMs: [30 * minute, 2 * hour, 8 * hour],
    maxUnansweredPerDay: 3,
    afterSuccessMs: minute,
    offerBeforeMs: 10 * minute,
    remindBeforeMs: [30 * minute, 5 * minute],
    remindEveryMs: 4 * hour,
  },
  keepAliveMs: 8 * hour,
  wakeSpreadMs: 20 * second,
};

export const defaults = {
  listen: { host: '127.0.0.1', port: 9911 },
  login: 'on-demand',
  tokenCache: 'shared',
  refresh,
  /** Without it Identity Center issues no refresh token. */
  scopes: ['sso:account:access'],
  /** `offline_access` is what a refresh token is asked for with (OpenID Connect Core section 11). */
  oidc: { scopes: ['openid', 'offline_access'], flow: 'pkce' },
} as const;
