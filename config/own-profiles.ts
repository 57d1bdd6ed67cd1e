/** The profiles of `config.yaml`, each by itself: what it builds on is for others to find. */
import type { Diagnostic, ServedProfileSettings, SessionSettings } from '../src/core/settings.ts';
import { brokerProfile, type LinkedProfiles } from './aws-chain.ts';
import { britiveProfile } from './britive.ts';
import { didYouMean } from './closest.ts';
import type { ConfigFile } from './config-yaml.ts';
import { refuseIfAny } from './diagnostics.ts';
import { ownRole, ownWebIdentity } from './own-roles.ts';
import type { ProfileYaml } from './schema.ts';

type Sessions = ReadonlyMap<string, SessionSettings>;

/** Throws a `ConfigError` for sessions that do not exist, and for keys that are missing or do not go together. */
export const ownProfiles = (file: ConfigFile, sessions: Sessions): LinkedProfiles['own'] => {
  const entries = Object.entries(file.config.profiles ?? {});
  refuseIfAny(entries.flatMap(([name, yaml]) => unknownSession(name, yaml, { sessions, file })));
  refuseIfAny(entries.flatMap(([name, yaml]) => foreignKeys(name, yaml, file)));
  const built = entries.map(([name, yaml]) => buildProfile(name, yaml, { sessions, file }));
  refuseIfAny(built.flatMap((result) => ('severity' in result ? [result] : [])));
  const profiles = built.filter((result) => 'kind' in result);
  return new Map(
    profiles.map((settings) => {
      const sourceAt = file.originOf(['profiles', settings.name, 'sourceProfile']);
      return [settings.name, { settings, sourceAt }];
    }),
  );
};

interface Names {
  readonly sessions: Sessions;
  readonly file: ConfigFile;
}

const unknownSession = (name: string, { session }: ProfileYaml, { sessions, file }: Names): readonly Diagnostic[] => {
  if (session === undefined || sessions.has(session)) return [];
  const hint = didYouMean(session, sessions.keys()) || '; add it under sessions';
  return [file.complaint(['profiles', name, 'session'], `There is no session "${session}"${hint}`)];
};

const roleKeys = ['roleArn', 'sessionName', 'duration'] as const;

/** What may stand beside the key that says of which kind a profile is. */
const companions = {
  session: ['accountId', 'roleName', 'profile'],
  sourceProfile: [...roleKeys, 'externalId', 'mfaSerial', 'sourceIdentity', 'tags'],
  webIdentityTokenFile: roleKeys,
  process: [],
} as const satisfies Partial<Record<keyof ProfileYaml, readonly (keyof ProfileYaml)[]>>;

/** The schema sees to it that there is exactly one. */
const kindOf = (yaml: ProfileYaml): keyof typeof companions =>
  (['session', 'sourceProfile', 'webIdentityTokenFile'] as const).find((key) => yaml[key] !== undefined) ?? 'process';

const foreignKeys = (name: string, yaml: ProfileYaml, file: ConfigFile): readonly Diagnostic[] => {
  const kind = kindOf(yaml);
  const known: readonly string[] = [...companions[kind], 'region', 'description'];
  return Object.keys(yaml)
    .filter((key) => key !== kind && !known.includes(key))
    .map((key) => {
      const message = `It does not go with "${kind}", which takes ${known.join(', ')} beside it`;
      return file.complaint(['profiles', name, key], message);
    });
};

const buildProfile = (name: string, yaml: ProfileYaml, names: Names): ServedProfileSettings | Diagnostic => {
  const { file } = names;
  const { session, sourceProfile, webIdentityTokenFile, process } = yaml;
  if (session !== undefined) return sessionProfile(name, { ...yaml, session }, names);
  if (sourceProfile !== undefined) return ownRole(name, { ...yaml, sourceProfile }, file);
  if (webIdentityTokenFile !== undefined) return ownWebIdentity(name, { ...yaml, webIdentityTokenFile }, file);
  return processProfile(name, { ...yaml, process: process ?? '' }, file);
};

type Having<Key extends keyof ProfileYaml> = ProfileYaml & { readonly [key in Key]: string };

const sessionProfile = (
  name: string,
  yaml: Having<'session'>,
  { sessions, file }: Names,
): ServedProfileSettings | Diagnostic => {
  const provider = sessions.get(yaml.session)?.provider;
  if (provider === 'britive') return britiveProfile(name, yaml, file);
  const { session, accountId, roleName, region = null, description = null } = yaml;
  const path = ['profiles', name];
  if (provider === 'oidc') {
    const message = `The session "${session}" is one of an OAuth issuer, which has access tokens and no profiles`;
    return file.complaint([...path, 'session'], message);
  }
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

const processProfile = (
  name: string,
  yaml: Having<'process'>,
  file: ConfigFile,
): ServedProfileSettings | Diagnostic => {
  const { process: command, region = null, description = null } = yaml;
  const path = ['profiles', name];
  const asked = brokerProfile(command);
  if (asked === null) return { kind: 'process', name, command, region, description, origin: file.originOf(path) };
  const message = `It asks credbroker for "${asked}" and would wait for itself; use "${asked}" in its place`;
  return file.complaint([...path, 'process'], message);
};
