/** A Britive tenant: sign-in, catalogue, checkouts with all their conditions, approvals and second factors. */
import type { Keys } from '../keys.ts';
import type { Knobs } from '../knobs.ts';
import { ApiTokens } from './api-tokens.ts';
import { Approvals } from './approvals.ts';
import { Checkouts } from './checkouts.ts';
import { defaultTenantKnobs, type TenantKnobs } from './knobs.ts';
import { Logins } from './logins.ts';
import { Payloads } from './payloads.ts';
import { TenantPeople } from './people.ts';
import type { TenantParts } from './routes.ts';
import { Sessions } from './sessions.ts';
import { StepUps } from './step-ups.ts';

export interface Tenant {
  /** For `baseUrl`: `http://127.0.0.1:PORT` */
  readonly url: string;
  /** May be changed at any time, and counts from then on. */
  readonly knobs: TenantKnobs;
  readonly people: TenantPeople;
}

export interface TenantOptions {
  readonly people: Pick<Knobs, 'autoApprove' | 'userName'>;
  /** Where AWS keys come from, so that the emulated STS accepts them. */
  readonly keys: Keys;
  readonly now: () => number;
}

export function assembleTenant({ people, keys, now }: TenantOptions): TenantParts {
  const knobs = defaultTenantKnobs();
  const sessions = new Sessions(knobs, now);
  return {
    knobs,
    people,
    keys,
    now,
    sessions,
    logins: new Logins(sessions, knobs, now),
    apiTokens: new ApiTokens(now),
    checkouts: new Checkouts(knobs, now),
    payloads: new Payloads(knobs, keys, now),
    approvals: new Approvals(knobs, now),
    stepUps: new StepUps(knobs, now),
  };
}

export const tenantOf = (url: string, parts: TenantParts): Tenant => ({
  url,
  knobs: parts.knobs,
  people: new TenantPeople(parts),
});
