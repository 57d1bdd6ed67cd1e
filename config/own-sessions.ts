/** The sessions of `config.yaml` over those of the AWS files. */
import type { Diagnostic, SessionSettings, SsoSessionSettings } from '../src/core/settings.ts';
import { isSafeUrl, ssoEndpoints } from './aws-endpoints.ts';
import { britiveSession, isBritive } from './britive.ts';
import { didYouMean } from './closest.ts';
import type { ConfigFile } from './config-yaml.ts';
import { defaults } from './defaults.ts';
import { refuseIfAny } from './diagnostics.ts';
import type { Env } from './environment.ts';
import { isOidc, oidcSession } from './oidc.ts';
import type { SessionYaml } from './schema.ts';

type Sessions = ReadonlyMap<string, SsoSessionSettings>;

interface MergedSessions {
  readonly sessions: ReadonlyMap<string, SessionSettings>;
  /** The new name of each session of the AWS files that has one. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** Throws a `ConfigError` for names that do not exist and sessions that would share one token file. */
export const mergeSessions = (aws: Sessions, file: ConfigFile, env: Env): MergedSessions => {
  const own = Object.entries(file.config.sessions ?? {});
  const built = own.map(([name, yaml]) => buildSession({ name, yaml, aws, file, env }));
  const faults = built.flatMap((result) => ('severity' in result ? [result] : []));
  refuseIfAny([...faults, ...sharedTokens(own, file), ...takenNames(aws, file)]);
  const renamed = new Map(
    own.flatMap(([name, { ssoSession }]) => (ssoSession === undefined ? [] : [[ssoSession, name]])),
  );
  const sessions = new Map<string, SessionSettings>([...aws].filter(([name]) => !renamed.has(name)));
  for (const session of built) if (!('severity' in session)) sessions.set(session.name, session);
  return { sessions, renamed };
};

interface SessionParts {
  readonly name: string;
  readonly yaml: SessionYaml;
  readonly aws: Sessions;
  readonly file: ConfigFile;
  readonly env: Env;
}

const buildSession = ({ name, yaml, aws, file, env }: SessionParts): SessionSettings | Diagnostic => {
  if (isBritive(yaml)) return britiveSession(name, yaml, file);
  if (isOidc(yaml)) return oidcSession(name, yaml, file);
  const path = ['sessions', name];
  const tokenCache = yaml.tokenCache ?? file.config.tokenCache ?? defaults.tokenCache;
  const own = { name, tokenCache, origin: file.originOf(path) };
  if (yaml.ssoSession !== undefined) {
    const base = aws.get(yaml.ssoSession);
    if (base !== undefined) return { ...base, ...own, scopes: yaml.scopes ?? base.scopes };
    const hint = didYouMean(yaml.ssoSession, aws.keys()) || '; add it there, or give startUrl and region';
    const message = `~/.aws/config has no usable [sso-session ${yaml.ssoSession}]${hint}`;
    return file.complaint([...path, 'ssoSession'], message);
  }
  const { oidc, portal } = ssoEndpoints(env, null, { services: new Map() });
  const unsafe = [yaml.startUrl, oidc, portal].find((url) => url !== null && !isSafeUrl(url));
  if (unsafe !== undefined) return file.complaint(path, `It takes https, or http on loopback, not "${unsafe}"`);
  const { startUrl, region, scopes = defaults.scopes } = yaml;
  const endpoints = { oidcEndpoint: oidc, portalEndpoint: portal };
  return { provider: 'aws-sso', ...own, cacheKey: name, startUrl, region, scopes, ...endpoints };
};

/** Refresh tokens rotate: of two sessions with one token file, each would spoil the other's. */
const sharedTokens = (own: readonly (readonly [string, SessionYaml])[], file: ConfigFile): readonly Diagnostic[] => {
  const firstOf = new Map<string, string>();
  return own.flatMap(([name, { provider, ssoSession }]) => {
    if (provider !== 'aws-sso') return [];
    const key = ssoSession ?? name;
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, name);
    return first === undefined
      ? []
      : [file.complaint(['sessions', name], `It is the same sign-in as "${first}"; keep one`)];
  });
};

/** Profiles of `~/.aws/config` would follow the name to a system where nothing is theirs. */
const takenNames = (aws: Sessions, { config, complaint }: ConfigFile): readonly Diagnostic[] =>
  Object.entries(config.sessions ?? {})
    .filter(([name, yaml]) => yaml.provider !== 'aws-sso' && aws.has(name))
    .map(([name]) => complaint(['sessions', name], `~/.aws/config has a session "${name}" too; rename this one`));
