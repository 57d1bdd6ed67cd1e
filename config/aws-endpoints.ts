/** Where AWS's services are reached instead of at the region's own addresses, as every AWS tool decides it. */
import { BrokerError } from '../src/core/errors.ts';
import { settingOf } from './aws-profile.ts';
import type { AwsConfig, AwsSection } from './aws-sections.ts';
import type { Env } from './environment.ts';
import { variable } from './environment.ts';

export interface SsoEndpoints {
  readonly oidc: string | null;
  readonly portal: string | null;
}

type Services = Pick<AwsConfig, 'services'>;

export const ssoEndpoints = (env: Env, profile: AwsSection | null, config: Services): SsoEndpoints => ({
  oidc: configuredEndpoint(env, profile, { ...config, name: 'AWS_ENDPOINT_URL_SSO_OIDC', id: 'sso_oidc' }),
  portal: configuredEndpoint(env, profile, { ...config, name: 'AWS_ENDPOINT_URL_SSO', id: 'sso' }),
});

/** The profile's STS, null for the region's own. */
export const stsEndpointOf = (
  env: Env,
  profile: AwsSection | null,
  { region, services }: Services & { readonly region: string | null },
): string | null => {
  const configured = configuredEndpoint(env, profile, { services, name: 'AWS_ENDPOINT_URL_STS', id: 'sts' });
  if (configured !== null) return configured;
  const chosen = (name: string, key: string): string | null =>
    (variable(env, name) ?? (profile && settingOf(profile, key)))?.toLowerCase() ?? null;
  const isLegacy = chosen('AWS_STS_REGIONAL_ENDPOINTS', 'sts_regional_endpoints') === 'legacy';
  const isFips = chosen('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint') === 'true';
  return isLegacy && !isFips && legacyStsRegions.has(region ?? 'aws-global') ? 'https://sts.amazonaws.com' : null;
};

/** Which `sts_regional_endpoints = legacy` sends to the one STS that stands in no region; from botocore. */
const legacyStsRegions: ReadonlySet<string> = new Set([
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1', 'aws-global'],
  ...['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['ap-northeast-1', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
]);

interface Service extends Services {
  /** Its environment variable. */
  readonly name: string;
  /** In a `services` section. */
  readonly id: string;
}

/** The environment's service, its all-services variable, the profile's `services` section, the profile's `endpoint_url`. */
const configuredEndpoint = (env: Env, profile: AwsSection | null, { services, name, id }: Service): string | null => {
  if (isIgnored(env, profile)) return null;
  const section = services.get((profile && settingOf(profile, 'services')) ?? '');
  return (
    variable(env, name) ??
    variable(env, 'AWS_ENDPOINT_URL') ??
    (section?.keys.get(id)?.nested?.get('endpoint_url')?.value || null) ??
    (profile && settingOf(profile, 'endpoint_url'))
  );
};

const serviceVariables = {
  eks: 'AWS_ENDPOINT_URL_EKS',
  signin: 'AWS_ENDPOINT_URL_SIGNIN',
  sts: 'AWS_ENDPOINT_URL_STS',
} as const;

/** For the whole machine, null for the region's own. Throws `ConfigInvalid` for an address that would be told secrets in the clear. */
export const serviceEndpoint = (env: Env, service: keyof typeof serviceVariables): string | null => {
  if (isIgnored(env, null)) return null;
  const name = variable(env, serviceVariables[service]) === null ? 'AWS_ENDPOINT_URL' : serviceVariables[service];
  const url = variable(env, name);
  if (url === null || isSafeUrl(url)) return url;
  throw new BrokerError('ConfigInvalid', `${name} has to begin with https://, or with http:// on this machine`);
};

const isIgnored = (env: Env, profile: AwsSection | null): boolean => {
  const own = profile && settingOf(profile, 'ignore_configured_endpoint_urls');
  return (variable(env, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS') ?? own)?.toLowerCase() === 'true';
};

/** Tokens travel over TLS, or do not leave the machine. */
export const isSafeUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
};

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
