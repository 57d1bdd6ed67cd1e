/** The settings of profiles of the AWS files that ask STS for a role, and the region and endpoint of the STS they ask. */
import type { RoleProfileSettings, WebIdentityProfileSettings } from '../src/core/settings.ts';
import type { LinkedProfile, ResolvedChain } from './aws-chain.ts';
import { isSafeUrl, stsEndpointOf } from './aws-endpoints.ts';
import type { BaseSource, Problem } from './aws-profile.ts';
import { problemAt, settingOf } from './aws-profile.ts';
import type { AwsConfig, AwsSection } from './aws-sections.ts';
import type { Env } from './environment.ts';
import { variable } from './environment.ts';

export interface RoleContext {
  readonly env: Env;
  readonly config: Pick<AwsConfig, 'services'>;
  readonly region: string | null;
}

type RoleParts = Pick<RoleProfileSettings, 'region' | 'roleArn' | 'sessionName' | 'durationMs' | 'stsEndpoint'>;

type Nameless<Settings> = Omit<Settings, 'name' | 'description' | 'origin'>;

export const assumedRole = (
  profile: AwsSection,
  source: string,
  context: RoleContext,
): Nameless<RoleProfileSettings> | Problem => {
  const parts = rolePartsOf(profile, context);
  if ('type' in parts) return parts;
  return {
    ...{ kind: 'role', source, ...parts },
    ...{ externalId: settingOf(profile, 'external_id'), mfaSerial: settingOf(profile, 'mfa_serial') },
    // The AWS files have no keys for these.
    ...{ sourceIdentity: null, tags: {} },
  };
};

export const webIdentityRole = (
  { profile, tokenFile }: Extract<BaseSource, { readonly type: 'web-identity' }>,
  context: RoleContext,
): Nameless<WebIdentityProfileSettings> | Problem => {
  const parts = rolePartsOf(profile, context);
  return 'type' in parts ? parts : { kind: 'web-identity', tokenFile, ...parts };
};

const rolePartsOf = (profile: AwsSection, context: RoleContext): RoleParts | Problem => {
  const fault = (key: string, message: string): Problem =>
    problemAt(profile, key, `Profile "${profile.name}" ${message}`);
  const seconds = settingOf(profile, 'duration_seconds');
  if (seconds !== null && !isDuration(seconds))
    return fault('duration_seconds', 'needs 900 to 43200 as its duration_seconds');
  const place = stsPlace(profile, context, (message) => fault('region', message));
  if ('type' in place) return place;
  return {
    roleArn: settingOf(profile, 'role_arn') ?? '',
    sessionName: settingOf(profile, 'role_session_name'),
    durationMs: seconds === null ? null : Number(seconds) * 1_000,
    ...place,
  };
};

/** Which STS is asked; `profile` is null for one of `config.yaml`. */
export const stsPlace = (
  profile: AwsSection | null,
  { env, config, region }: RoleContext,
  fault: (message: string) => Problem,
): StsPlace | Problem => {
  // It becomes part of a host name that keys are sent to.
  if (region !== null && !isRegion(region)) return fault('needs a region such as us-east-1, without quotes');
  const stsEndpoint = stsEndpointOf(env, profile, { ...config, region });
  if (stsEndpoint === null || isSafeUrl(stsEndpoint)) return { region, stsEndpoint };
  return fault(`is sent to endpoint "${stsEndpoint}"; name one with https, or http on loopback`);
};

type StsPlace = Pick<RoleProfileSettings, 'region' | 'stsEndpoint'>;

const isDuration = (text: string): boolean => /^\d+$/.test(text) && Number(text) >= 900 && Number(text) <= 43_200;

const isRegion = (text: string): boolean => /^[a-z]+(-[a-z0-9]+)+$/.test(text);

interface RegionSources {
  readonly env: Env;
  /** Of Identity Center, where the chain begins with it. */
  readonly ssoRegion: string | null;
}

/** The profile's, the nearest source's, Identity Center's, the environment's. */
export const regionOf = (
  start: LinkedProfile,
  { base, hops }: ResolvedChain,
  { env, ssoRegion }: RegionSources,
): string | null => {
  const sources = hops.map(({ profile }) => profile).toReversed();
  const first = base.type === 'own' ? base.settings.region : settingOf(base.profile, 'region');
  const stated = [...[start, ...sources].map(ownRegion), first, ssoRegion].find((region) => region !== null);
  return stated ?? variable(env, 'AWS_REGION') ?? variable(env, 'AWS_DEFAULT_REGION');
};

const ownRegion = (profile: LinkedProfile): string | null =>
  'settings' in profile ? profile.settings.region : settingOf(profile, 'region');
