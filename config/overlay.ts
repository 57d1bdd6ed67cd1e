/** Lays the sessions and profiles of `config.yaml` over those of the AWS files. */
import type { Diagnostic, ProfileSettings, SessionSettings } from '../src/core/settings.ts';
import { isSafeUrl, ssoEndpoints } from './aws-endpoints.ts';
import type { AwsSettings } from './aws-profiles.ts';
import { britiveProfile, britiveSession, isBritive } from './britive.ts';
import { didYouMean } from './closest.ts';
import type { ConfigFile } from './config-yaml.ts';
import { defaults } from './defaults.ts';
import { refuseIfAny } from './diagnostics.ts';
import type { Env } from './environment.ts';
import { isDots } from './names.ts';
import type { ProfileYaml, SessionYaml } from './schema.ts';

/** Throws a `ConfigError` for names that do not exist and sessions that would share one token file. */
export const overlay = (aws: AwsSettings, file: ConfigFile, env: Env): Merged => {
  const own = Object.entries(file.config.sessions ?? {});
  refuseIfAny([...dots('sessions', file), ...dots('profiles', file)]);
  const faults: Diagnostic[] = [];
  const built = own.map(([name, yaml]) => buildSession({ name, yaml, aws, file, env }));
  for (const result of built) if ('severity' in result) faults.push(result);
  refuseIfAny([...faults, ...sharedTokens(own, file), ...takenNames(aws, file)]);

  const renamed = new Map(
    own.flatMap(([name, { ssoSession }]) => (ssoSession === undefined ? [] : [[ssoSession, name]])),
  );
  const sessions = new Map<string, SessionSettings>([...aws.sessions].filter(([name]) => !renamed.has(name)));
  for (const session of built) if (!('severity' in session)) sessions.set(session.name, session);

  const profiles = new Map<string, ProfileSettings>();
  for (const [name, profile] of aws.profiles) profiles.set(name, moved(profile, renamed));
  const added = Object.entries(file.config.profiles ?? {});
  refuseIfAny(added.flatMap(([name, yaml]) => unknownSession(name, yaml, { sessions, file })));
  const settled = added.map(([name, yaml]) => buildProfile(name, yaml, { sessions, file }));
  refuseIfAny(settled.flatMap((result) => ('severity' in result ? [result] : [])));
  for (const result of settled) if (!('severity' in result)) profiles.set(result.name, result);
  return { sessions, profiles, diagnostics: shadowed(aws, file) };
};

interface Merged {
  readonly sessions: ReadonlyMap<string, SessionSettings>;
  readonly profiles: ReadonlyMap<string, ProfileSettings>;
  readonly diagnostics: readonly Diagnostic[];
}

const dots = (kind: 'sessions' | 'profiles', { config, complaint }: ConfigFile): readonly Diagnostic[] =>
  Object.keys(config[kind] ?? {})
    .filter(isDots)
    .map((name) => complaint([kind, name], `A URL takes the name "${name}" for a folder; choose another`));

interface SessionParts {
  readonly name: string;
  readonly yaml: SessionYaml;
  readonly aws: AwsSettings;
  readonly file: ConfigFile;
  readonly env: Env;
}

const buildSession = ({ name, yaml, aws, file, env }: SessionParts): SessionSettings | Diagnostic => {
  if (isBritive(yaml)) return britiveSession(name, yaml, file);
  const path = ['sessions', name];
  const tokenCache = yaml.tokenCache ?? file.config.tokenCache ?? defaults.tokenCache;
  const own = { name, tokenCache, origin: file.originOf(path) };
  if (yaml.ssoSession !== undefined) {
    const base = aws.sessions.get(yaml.ssoSession);
    if (base !== undefined) return { ...base, ...own, scopes: yaml.scopes ?? base.scopes };
    const hint = didYouMean(yaml.ssoSession, aws.sessions.keys()) || '; add it there, or give startUrl and region';
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
    if (provider === 'britive') return [];
    const key = ssoSession ?? name;
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, name);
    return first === undefined
      ? []
      : [file.complaint(['sessions', name], `It is the same sign-in as "${first}"; keep one`)];
  });
};

/** Profiles of `~/.aws/config` would follow the name to a system where nothing is theirs. */
const takenNames = (aws: AwsSettings, { config, complaint }: ConfigFile): readonly Diagnostic[] =>
  Object.entries(config.sessions ?? {})
    .filter(([name, yaml]) => isBritive(yaml) && aws.sessions.has(name))
    .map(([name]) => complaint(['sessions', name], `~/.aws/config has a session "${name}" too; rename this one`));

const moved = (profile: ProfileSettings, renamed: ReadonlyMap<string, string>): ProfileSettings =>
  profile.kind === 'sso' ? { ...profile, session: renamed.get(profile.session) ?? profile.session } : profile;

interface Names {
  readonly sessions: ReadonlyMap<string, SessionSettings>;
  readonly file: ConfigFile;
}

const unknownSession = (name: string, { session }: ProfileYaml, { sessions, file }: Names): readonly Diagnostic[] => {
  if (sessions.has(session)) return [];
  const hint = didYouMean(session, sessions.keys()) || '; add it under sessions';
  return [file.complaint(['profiles', name, 'session'], `There is no session "${session}"${hint}`)];
};

const buildProfile = (name: string, yaml: ProfileYaml, { sessions, file }: Names): ProfileSettings | Diagnostic => {
  if (sessions.get(yaml.session)?.provider === 'britive') return britiveProfile(name, yaml, file);
  const { session, accountId, roleName, region = null, description = null } = yaml;
  const path = ['profiles', name];
  if (yaml.profile !== undefined) {
    const message = `The session "${session}" is one of Identity Center: it takes accountId and roleName`;
    return file.complaint([...path, 'profile'], message);
  }
  if (accountId === undefined) {
    return file.complaint(path, 'The key "accountId" is missing; it takes twelve digits in quotes');
  }
  if (roleName === undefined) {
    return file.complaint(path, 'The key "roleName" is missing; it takes a text that is not empty');
  }
  return { kind: 'sso', name, session, accountId, roleName, region, description, origin: file.originOf(path) };
};

const shadowed = (aws: AwsSettings, { config, complaint }: ConfigFile): readonly Diagnostic[] => {
  const warn = (path: readonly string[], what: string, { file, line }: { file: string; line: number }): Diagnostic => ({
    ...complaint(path, `It replaces the ${what} of the same name in ${file}:${line}; rename one of the two`),
    severity: 'warning',
  });
  return [
    ...Object.entries(config.sessions ?? {}).flatMap(([name, { ssoSession }]) => {
      const replaced = ssoSession === name ? undefined : aws.sessions.get(name);
      return replaced === undefined ? [] : [warn(['sessions', name], 'session', replaced.origin)];
    }),
    ...Object.keys(config.profiles ?? {}).flatMap((name) => {
      const replaced = aws.profiles.get(name);
      // What we could not have served is not missed: static keys, as `checkout` writes them under this very name.
      if (replaced === undefined || replaced.kind === 'unserved') return [];
      return [warn(['profiles', name], 'profile', replaced.origin)];
    }),
  ];
};
