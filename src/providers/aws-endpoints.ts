/** Where AWS's services are. https://docs.aws.amazon.com/general/latest/gr/rande.html */

/** First match wins; from the partitions file of botocore. */
const suffixes: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'amazonaws.com.cn'],
  [/^eusc-/, 'amazonaws.eu'],
  [/^us-iso-/, 'c2s.ic.gov'],
  [/^us-isob-/, 'sc2s.sgov.gov'],
  [/^us-isof-/, 'csp.hci.ic.gov'],
  [/^eu-isoe-/, 'cloud.adc-e.uk'],
  [/^/, 'amazonaws.com'],
];

export const dnsSuffix = (region: string): string =>
  suffixes.find(([prefix]) => prefix.test(region))?.[1] ?? 'amazonaws.com';

/** A region becomes part of a host name, and some come from files that any tool may write. */
export const isRegion = (value: string | null): value is string =>
  value !== null && /^[a-z][a-z0-9-]{3,40}$/.test(value);

/** Without a trailing slash, so that a path can follow: an endpoint override may have one, which `new URL('/x', base)` would drop. */
export const baseUrl = (endpoint: string): string => {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname.replace(/\/+$/, '');
};
