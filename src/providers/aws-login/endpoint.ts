import { baseUrl, dnsSuffix } from '../aws-endpoints.ts';

/** First match wins; where `aws login` is, from the endpoint rules of botocore. Elsewhere it is named like any service. */
const hosts: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'signin.amazonaws.cn'],
  [/^us-gov-/, 'signin.amazonaws-us-gov.com'],
  [/^(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/, 'signin.aws.amazon.com'],
];

/** Without a trailing slash, so that a path can follow. */
export const signinUrl = (override: string | null, region: string): string => {
  const host = hosts.find(([pattern]) => pattern.test(region))?.[1];
  const own = host === undefined ? `signin.${region}.${dnsSuffix(region)}` : `${region}.${host}`;
  return baseUrl(override ?? `https://${own}`);
};
