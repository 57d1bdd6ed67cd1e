import type { SsoSessionSettings } from '../../core/settings.ts';

/** First match wins. https://docs.aws.amazon.com/general/latest/gr/sso.html and the partitions file of botocore. */
const suffixes: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'amazonaws.com.cn'],
  [/^eusc-/, 'amazonaws.eu'],
  [/^us-iso-/, 'c2s.ic.gov'],
  [/^us-isob-/, 'sc2s.sgov.gov'],
  [/^us-isof-/, 'csp.hci.ic.gov'],
  [/^eu-isoe-/, 'cloud.adc-e.uk'],
  [/^/, 'amazonaws.com'],
];

const dnsSuffix = (region: string): string => suffixes.find(([prefix]) => prefix.test(region))?.[1] ?? 'amazonaws.com';

/** A region becomes part of a host name, and one of them comes from a file that any tool may write. */
export const isRegion = (value: string | null): value is string =>
  value !== null && /^[a-z][a-z0-9-]{3,40}$/.test(value);

type Endpoints = Pick<SsoSessionSettings, 'oidcEndpoint' | 'portalEndpoint'>;

/** Without a trailing slash, so that a path can follow. */
export const oidcUrl = (endpoints: Endpoints, region: string): string =>
  baseUrl(endpoints.oidcEndpoint ?? `https://oidc.${region}.${dnsSuffix(region)}`);

/** Without a trailing slash, so that a path can follow. */
export const portalUrl = (endpoints: Endpoints, region: string): string =>
  baseUrl(endpoints.portalEndpoint ?? `https://portal.sso.${region}.${dnsSuffix(region)}`);

// An endpoint override may carry a path prefix, which `new URL('/token', base)` would drop.
const baseUrl = (endpoint: string): string => {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname.replace(/\/+$/, '');
};
