/** The variables by which SDKs find the daemon, and what else they need to get there. */
import type { ProfileView, StatusView } from '../core/views.ts';

export type Variables = Readonly<Record<string, string>>;

export interface Endpoint {
  readonly status: StatusView;
  readonly profile: string;
  /** The token itself, or the file that holds it: SDKs warn when they get both. */
  readonly authorization: { readonly token: string } | { readonly tokenFile: string };
}

const tokenVariable = 'AWS_CONTAINER_AUTHORIZATION_TOKEN';
const tokenFileVariable = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE';

/** Names that must not be left over from elsewhere. */
export const rivals = ({ authorization }: Endpoint): readonly string[] => [
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'token' in authorization ? tokenFileVariable : tokenVariable,
];

export function endpointVariables(endpoint: Endpoint): Variables {
  const { status, profile, authorization } = endpoint;
  const region = findProfile(status, profile)?.region ?? null;
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: credentialsUrl(status, profile),
    ...('token' in authorization
      ? { [tokenVariable]: authorization.token }
      : { [tokenFileVariable]: authorization.tokenFile }),
    // botocore reads only the second.
    ...(region === null ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
  };
}

export const credentialsUrl = ({ daemon }: StatusView, profile: string): string =>
  `${daemon.url}/credentials/${encodeName(profile)}`;

export const findProfile = ({ profiles }: StatusView, name: string): ProfileView | null =>
  profiles.find((profile) => profile.name === name) ?? null;

/** RFC 3986's unreserved characters stay: some clients mistake the others that `encodeURIComponent` leaves. */
const encodeName = (name: string): string =>
  encodeURIComponent(name).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const loopback = ['127.0.0.1', 'localhost', '::1'];

/** Keeps credential requests, and the grant in them, away from proxies. */
export function proxyExceptions(env: NodeJS.ProcessEnv): Variables {
  const { NO_PROXY: upper = '', no_proxy: lower = '' } = env;
  const extended = (list: string): string => {
    if (list.trim() === '*') return list;
    const names = list.split(',').filter((name) => name.trim() !== '');
    return [...names, ...loopback.filter((name) => !names.includes(name))].join(',');
  };
  return { NO_PROXY: extended(upper || lower), no_proxy: extended(lower || upper) };
}
