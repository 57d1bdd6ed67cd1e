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

/** The environment's service, its all-services variable, the profile's `services` section, the profile's `endpoint_url`. */
export const ssoEndpoints = (
  env: Env,
  profile: AwsSection | null,
  { services }: Pick<AwsConfig, 'services'>,
): SsoEndpoints => {
  if (isIgnored(env, profile)) return { oidc: null, portal: null };
  const section = services.get((profile && settingOf(profile, 'services')) ?? '');
  const endpoint = (name: string, id: string): string | null =>
    variable(env, name) ??
    variable(env, 'AWS_ENDPOINT_URL') ??
    (section?.keys.get(id)?.nested?.get('endpoint_url')?.value || null) ??
    (profile && settingOf(profile, 'endpoint_url'));
  return {
    oidc: endpoint('AWS_ENDPOINT_URL_SSO_OIDC', 'sso_oidc'),
    portal: endpoint('AWS_ENDPOINT_URL_SSO', 'sso'),
  };
};

const serviceVariables = { eks: 'AWS_ENDPOINT_URL_EKS', sts: 'AWS_ENDPOINT_URL_STS' } as const;

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
