/** AWS Security Token Service: assumed roles, web identities, and sessions of stored static keys. */
import type { Credentials, Verdict } from '../../core/types.ts';
import { isRegion } from '../aws-endpoints.ts';
import type { Http } from '../http.ts';
import type { SigningKeys } from '../sigv4.ts';
import { denied } from './errors.ts';
import { MfaSessions } from './mfa-sessions.ts';
import { OneTimePasswords } from './one-time-passwords.ts';
import {
  type CallerIdentity,
  type FederatedUser,
  parseCallerIdentity,
  parseFederationToken,
  requestCallerIdentity,
  requestFederationToken,
} from './operations.ts';
import { openRole } from './role.ts';
import { openKeys } from './stored-keys.ts';
import type { KeysSettings, RoleSettings, StsDependencies, StsLease, StsTarget, WebIdentitySettings } from './types.ts';
import { openWebIdentity } from './web-identity.ts';

export interface Sts {
  readonly openRole: (settings: RoleSettings) => StsLease;
  readonly openWebIdentity: (settings: WebIdentitySettings) => StsLease;
  readonly openKeys: (settings: KeysSettings) => StsLease;
}

/** All leases of one of these share MFA sessions, and remember together which codes are spent. */
export const awsSts = (dependencies: StsDependencies): Sts => {
  const passwords = new OneTimePasswords(dependencies.clock);
  const sessions = new MfaSessions(passwords, dependencies.clock);
  const parts = { dependencies, passwords, sessions };
  return {
    openRole: (settings) => guarded(settings, openRole(parts, settings)),
    openWebIdentity: (settings) => guarded(settings, openWebIdentity(parts, settings)),
    openKeys: (settings) => guarded(settings, openKeys(parts, settings)),
  };
};

/** Whose keys these are; no policy can forbid to ask. */
export const callerIdentity = async (http: Http, ask: StsAsk): Promise<Verdict<CallerIdentity>> =>
  regionProblem(ask.target) ?? parseCallerIdentity(await requestCallerIdentity({ http, ...ask }));

/** What opens AWS's web pages for an IAM user's keys. */
export const federationToken = async (
  http: Http,
  { user, ...ask }: StsAsk & { readonly user: FederatedUser },
): Promise<Verdict<Credentials>> =>
  regionProblem(ask.target) ?? parseFederationToken(await requestFederationToken({ http, ...ask }, user));

export interface StsAsk {
  readonly target: StsTarget;
  readonly keys: SigningKeys;
  readonly signal: AbortSignal;
}

const guarded = (target: StsTarget, lease: StsLease): StsLease => ({
  ...lease,
  acquire: async (request) => {
    const verdict = regionProblem(target) ?? (await lease.acquire(request));
    if (verdict.type === 'denied' && verdict.why === 'needs-otp') {
      request.wish?.progress({ event: 'gate.met', detail: verdict.detail });
    }
    return verdict;
  },
});

const regionProblem = ({ region }: StsTarget): Verdict<never> | null =>
  isRegion(region) ? null : denied('bad-request', 'its region is none that AWS could have');
