/**
 * The Identity Center sign-ins of the AWS files. A session is known by its name and nothing else: two that share a
 * start URL stay two, and no profile changes one. A legacy profile, with the start URL inline, belongs to a session
 * named after the URL's host, shared with the profiles of the very same URL.
 */
import type { Diagnostic, SsoSessionSettings } from '../src/core/settings.ts';
import { isSafeUrl, ssoEndpoints } from './aws-endpoints.ts';
import type { Problem } from './aws-profile.ts';
import { hasSso, originOf, problemAt, settingOf } from './aws-profile.ts';
import type { AwsConfig, AwsSection } from './aws-sections.ts';
import { defaults } from './defaults.ts';
import type { Env } from './environment.ts';

export interface SsoContext {
  readonly env: Env;
  readonly config: AwsConfig;
  readonly tokenCache: SsoSessionSettings['tokenCache'];
}

type SsoSession = SsoSessionSettings | Problem;

export interface SsoSessions {
  /** By the name in `[sso-session name]`. */
  readonly named: ReadonlyMap<string, SsoSession>;
  /** By the start URL as the AWS tools hash it. */
  readonly legacy: ReadonlyMap<string, SsoSession>;
  readonly warnings: readonly Diagnostic[];
}

export const ssoSessions = (context: SsoContext): SsoSessions => {
  const warnings: Diagnostic[] = [];
  const profiles = [...context.config.profiles.values()];
  const named = new Map<string, SsoSession>();
  const users = groupBy(profiles, (profile) => settingOf(profile, 'sso_session'));
  for (const section of context.config.ssoSessions.values()) {
    const own = users.get(section.name) ?? [];
    warnings.push(...disagreements(section.name, own, context));
    named.set(section.name, namedSession(section, own, context));
  }
  const names = new Set(named.keys());
  const legacy = new Map<string, SsoSession>();
  for (const [url, [first, ...others]] of groupBy(profiles, legacyUrl)) {
    const name = legacyName(settingOf(first, 'sso_start_url') ?? url, names);
    names.add(name);
    warnings.push(...disagreements(name, [first, ...others], context));
    legacy.set(url, legacySession(name, [first, ...others], context));
  }
  return { named, legacy, warnings };
};

/** The start URL of a legacy profile as botocore hashes it, comment and all; null for any other profile. */
export const legacyUrl = (profile: AwsSection): string | null =>
  hasSso(profile) && settingOf(profile, 'sso_session') === null ? profile.keys.get('sso_start_url')?.raw || null : null;

const namedSession = (section: AwsSection, users: readonly AwsSection[], context: SsoContext): SsoSession => {
  const scopes = settingOf(section, 'sso_registration_scopes')?.split(',') ?? defaults.scopes;
  return checkedSession(section, `Session "${section.name}"`, {
    name: section.name,
    cacheKey: section.name,
    scopes: scopes.map((scope) => scope.trim()).filter((scope) => scope !== ''),
    tokenCache: context.tokenCache,
    ...chosenEndpoints(users, context),
    origin: originOf(section),
  });
};

const legacySession = (name: string, users: Users, context: SsoContext): SsoSession => {
  const [first] = users;
  return checkedSession(first, `Profile "${first.name}"`, {
    name,
    cacheKey: legacyUrl(first) ?? '',
    scopes: null,
    tokenCache: context.tokenCache,
    ...chosenEndpoints(users, context),
    origin: originOf(first),
  });
};

type SessionParts = Omit<SsoSessionSettings, 'provider' | 'startUrl' | 'region'>;

/** The part that both kinds share: a start URL, a region and endpoints that can be used. */
const checkedSession = (section: AwsSection, what: string, parts: SessionParts): SsoSession => {
  const startUrl = settingOf(section, 'sso_start_url');
  const region = settingOf(section, 'sso_region');
  const fault = (key: string, message: string): Problem => problemAt(section, key, `${what} ${message}`);
  if (startUrl === null) return fault('sso_start_url', 'has no sso_start_url; add the URL of the access portal');
  if (!isSafeUrl(startUrl)) return fault('sso_start_url', 'needs an https URL, without quotes, as its sso_start_url');
  if (region === null) return fault('sso_region', 'has no sso_region; add the region of Identity Center');
  // The region becomes part of a host name that tokens are sent to.
  if (!/^[a-z]+(-[a-z0-9]+)+$/.test(region))
    return fault('sso_region', 'needs a region such as us-east-1, without quotes');
  const unsafe = [parts.oidcEndpoint, parts.portalEndpoint].find((url) => url !== null && !isSafeUrl(url));
  if (unsafe !== undefined)
    return fault('', `is sent to endpoint "${unsafe}"; name one with https, or http on loopback`);
  return { provider: 'aws-sso', ...parts, startUrl, region };
};

const chosenEndpoints = (users: readonly AwsSection[], { env, config }: SsoContext): EndpointParts => {
  const all = (users.length === 0 ? [null] : users).map((profile) => ssoEndpoints(env, profile, config));
  return {
    oidcEndpoint: all.find(({ oidc }) => oidc !== null)?.oidc ?? null,
    portalEndpoint: all.find(({ portal }) => portal !== null)?.portal ?? null,
  };
};

type EndpointParts = Pick<SsoSessionSettings, 'oidcEndpoint' | 'portalEndpoint'>;

/** A session has one region and one pair of endpoints, whereas each AWS tool takes those of the profile at hand. */
const disagreements = (
  name: string,
  users: readonly AwsSection[],
  { env, config }: SsoContext,
): readonly Diagnostic[] => {
  const [first, ...others] = users;
  if (first === undefined) return [];
  const settingsOf = (profile: AwsSection): string =>
    JSON.stringify([settingOf(profile, 'sso_region'), ssoEndpoints(env, profile, config)]);
  const other = others.find((profile) => settingsOf(profile) !== settingsOf(first));
  if (other === undefined) return [];
  const message = `Profiles "${first.name}" and "${other.name}" share session "${name}" but differ in region or endpoint; make them equal`;
  return [{ severity: 'warning', ...originOf(other), key: other.name, message }];
};

/** The host where it is free; else more of the URL, which stays the same whatever else is added to the file. */
const legacyName = (url: string, taken: ReadonlySet<string>): string => {
  const host = URL.canParse(url) ? new URL(url).host : url;
  const candidates = [host, url.replace(/^https?:\/\//, ''), url];
  return candidates.find((name) => !taken.has(name)) ?? `${url} (legacy)`;
};

type Users = readonly [AwsSection, ...AwsSection[]];

const groupBy = (
  profiles: readonly AwsSection[],
  keyOf: (profile: AwsSection) => string | null,
): Map<string, Users> => {
  const groups = new Map<string, Users>();
  for (const profile of profiles) {
    const key = keyOf(profile);
    if (key === null) continue;
    const group = groups.get(key);
    groups.set(key, group === undefined ? [profile] : [...group, profile]);
  }
  return groups;
};
