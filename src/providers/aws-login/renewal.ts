/** A sign-in renewed where it was made: any other region refuses it as if it were unknown. */
import type { Verdict } from '../../core/types.ts';
import { epoch } from '../../core/types.ts';
import { isRegion } from '../aws-endpoints.ts';
import type { DpopKey } from './dpop-key.ts';
import { readDpopKey } from './dpop-key.ts';
import { signinUrl } from './endpoint.ts';
import { signedOut } from './refusal.ts';
import type { RenewedLogin } from './token.ts';
import { parseRenewal, requestRenewal } from './token.ts';
import type { AwsLoginDependencies, AwsLoginProfile, LoginRecord, LoginRefresh } from './types.ts';

export interface RenewalRequest {
  readonly profile: AwsLoginProfile;
  readonly signal: AbortSignal;
}

interface Renewing extends RenewalRequest {
  readonly dependencies: AwsLoginDependencies;
  readonly refresh: LoginRefresh;
  readonly key: DpopKey;
}

/** The clock was that wrong when the server's date set it right: a proof made before was of another time. */
const skewMs = 30_000;

export const renew = async (
  dependencies: AwsLoginDependencies,
  record: LoginRecord,
  request: RenewalRequest,
): Promise<Verdict<LoginRecord>> => {
  const { profile } = request;
  const { refresh } = record;
  if (refresh === null) return signedOut(profile.name, 'the sign-in cannot be renewed');
  const key = await readDpopKey(refresh.dpopKey);
  if (key === null) return signedOut(profile.name, "the sign-in's key cannot be read");
  const renewed = await renewSomewhere(regionsOf(dependencies, profile, record), {
    dependencies,
    refresh,
    key,
    ...request,
  });
  if (renewed.type !== 'ok') return renewed;
  const { lifetimeMs, refreshToken, ...keys } = renewed.value;
  const expiresAt = epoch(dependencies.clock.now() + lifetimeMs);
  const next = { ...refresh, refreshToken: refreshToken ?? refresh.refreshToken };
  return { type: 'ok', value: { ...record, ...keys, expiresAt, refresh: next } };
};

/** Where it was made, as far as is known; then where it was last renewed, if that is another endpoint. */
const regionsOf = (
  { regions, endpointOf }: AwsLoginDependencies,
  { loginSession, region, signInRegion }: AwsLoginProfile,
  record: LoginRecord,
): readonly string[] => {
  const named = [record.signInRegion, signInRegion, region].find(isRegion) ?? null;
  const urlOf = (one: string): string => signinUrl(endpointOf(one), one);
  const [first, second] = [named, regions.recall(loginSession)].filter(isRegion);
  if (first === undefined) return [];
  return second === undefined || urlOf(first) === urlOf(second) ? [first] : [first, second];
};

const renewSomewhere = async (
  [first, second]: readonly string[],
  renewing: Renewing,
): Promise<Verdict<RenewedLogin>> => {
  if (first === undefined) {
    const detail = `it is not known where the sign-in was made. Set "region" in profile "${renewing.profile.name}"`;
    return { type: 'denied', why: 'bad-request', detail };
  }
  const verdict = await renewOnTime(first, renewing);
  const isUnknownThere = verdict.type === 'rejected' && verdict.why === 'invalid_grant';
  if (second === undefined || !isUnknownThere) return verdict;
  const elsewhere = await renewOnTime(second, renewing);
  return elsewhere.type === 'rejected' && elsewhere.why === 'invalid_grant' ? verdict : elsewhere;
};

const renewOnTime = async (region: string, renewing: Renewing): Promise<Verdict<RenewedLogin>> => {
  const { clock } = renewing.dependencies;
  const before = clock.anchored();
  const verdict = await renewOnce(region, renewing);
  const wasOff = Math.abs(clock.anchored() - before) > skewMs;
  return wasOff && verdict.type === 'rejected' ? renewOnce(region, renewing) : verdict;
};

const renewOnce = async (
  region: string,
  { dependencies, profile, refresh, key, signal }: Renewing,
): Promise<Verdict<RenewedLogin>> => {
  const endpoint = signinUrl(dependencies.endpointOf(region), region);
  const call = { http: dependencies, endpoint, key, signal };
  const verdict = parseRenewal(await requestRenewal(call, refresh), profile.name);
  if (verdict.type === 'ok') dependencies.regions.remember(profile.loginSession, region);
  return verdict;
};
