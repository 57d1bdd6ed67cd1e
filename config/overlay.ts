/** Lays the sessions and profiles of `config.yaml` over those of the AWS files. */
import type { Diagnostic, ProfileSettings, SessionSettings, SsoSessionSettings } from '../src/core/settings.ts';
import type { Problem } from './aws-profile.ts';
import { allProfiles } from './aws-profiles.ts';
import { type SsoContext, ssoSessions } from './aws-sso.ts';
import type { ConfigFile } from './config-yaml.ts';
import { refuseIfAny } from './diagnostics.ts';
import { type Linking, settle } from './link-profiles.ts';
import { isDots } from './names.ts';
import { ownProfiles } from './own-profiles.ts';
import { mergeSessions } from './own-sessions.ts';

/** Throws a `ConfigError` for whatever `config.yaml` may not say. */
export const overlay = (context: SsoContext, file: ConfigFile): Merged => {
  refuseIfAny([...dots('sessions', file), ...dots('profiles', file)]);
  const { env, config } = context;
  const sso = ssoSessions(context);
  const aws = usable([...sso.named.values(), ...sso.legacy.values()]);
  const { sessions, renamed } = mergeSessions(aws, file, env);
  const own = ownProfiles(file, sessions);
  const linking = { env, config, sso, own, sessions };
  const { profiles, diagnostics, refused } = allProfiles(linking);
  refuseIfAny(refused);
  return {
    sessions,
    profiles: new Map(
      [...profiles].map(([name, profile]) => [name, own.has(name) ? profile : moved(profile, renamed)]),
    ),
    diagnostics: [...sso.warnings, ...diagnostics, ...shadowed({ sessions: aws, linking }, file)],
  };
};

const usable = (found: readonly (SsoSessionSettings | Problem)[]): ReadonlyMap<string, SsoSessionSettings> =>
  new Map(found.flatMap((session) => ('type' in session ? [] : [[session.name, session]])));

interface Merged {
  readonly sessions: ReadonlyMap<string, SessionSettings>;
  readonly profiles: ReadonlyMap<string, ProfileSettings>;
  readonly diagnostics: readonly Diagnostic[];
}

const dots = (kind: 'sessions' | 'profiles', { config, complaint }: ConfigFile): readonly Diagnostic[] =>
  Object.keys(config[kind] ?? {})
    .filter(isDots)
    .map((name) => complaint([kind, name], `A URL takes the name "${name}" for a folder; choose another`));

const moved = (profile: ProfileSettings, renamed: ReadonlyMap<string, string>): ProfileSettings =>
  profile.kind === 'sso' ? { ...profile, session: renamed.get(profile.session) ?? profile.session } : profile;

interface Replaced {
  readonly sessions: ReadonlyMap<string, SsoSessionSettings>;
  readonly linking: Linking;
}

const shadowed = (replaced: Replaced, { config, complaint }: ConfigFile): readonly Diagnostic[] => {
  const warn = (path: readonly string[], what: string, { file, line }: { file: string; line: number }): Diagnostic => ({
    ...complaint(path, `It replaces the ${what} of the same name in ${file}:${line}; rename one of the two`),
    severity: 'warning',
  });
  return [
    ...Object.entries(config.sessions ?? {}).flatMap(([name, { ssoSession }]) => {
      const session = ssoSession === name ? undefined : replaced.sessions.get(name);
      return session === undefined ? [] : [warn(['sessions', name], 'session', session.origin)];
    }),
    ...Object.keys(config.profiles ?? {}).flatMap((name) => {
      const section = replaced.linking.config.profiles.get(name);
      const settled = section && settle(section, replaced.linking);
      // What we could not have served is not missed: static keys, as `checkout` writes them under this very name.
      if (settled?.type !== 'settled' || settled.profile.kind === 'unserved') return [];
      return [warn(['profiles', name], 'profile', settled.profile.origin)];
    }),
  ];
};
