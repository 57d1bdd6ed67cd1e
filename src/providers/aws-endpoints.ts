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

/** Where a region's STS is, and for which region it is signed. GovCloud's is FIPS 140 as it is; elsewhere that is another host. */
export const stsEndpoint = (region: string, { fips }: { readonly fips: boolean }) => {
  // What old configurations say for the one endpoint that stands in no region.
  const signingRegion = region === 'aws-global' ? 'us-east-1' : region;
  if (region === 'aws-global' && !fips) return { url: 'https://sts.amazonaws.com', signingRegion };
  const host = fips && !region.startsWith('us-gov-') ? 'sts-fips' : 'sts';
  return { url: `https://${host}.${signingRegion}.${dnsSuffix(signingRegion)}`, signingRegion };
};

/** A region becomes part of a host name, and some come from files that any tool may write. */
export const isRegion = (value: string | null): value is string =>
  value !== null && /^[a-z][a-z0-9-]{3,40}$/.test(value);

/** Without a trailing slash, so that a path can follow: an endpoint override may have one, which `new URL('/x', base)` would drop. */
export const baseUrl = (endpoint: string): string => {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname.replace(/\/+$/, '');
};
