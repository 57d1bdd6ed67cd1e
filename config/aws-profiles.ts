/** All profiles of both files, and what is to be said of those of the AWS files. */
import type { Diagnostic, ProfileSettings } from '../src/core/settings.ts';
import type { LinkedProfile, OwnProfile } from './aws-chain.ts';
import type { Problem } from './aws-profile.ts';
import { hasSso, hasStaticKeys, problemAt, settingOf } from './aws-profile.ts';
import type { AwsSection } from './aws-sections.ts';
import { legacyUrl } from './aws-sso.ts';
import { broken } from './aws-unserved.ts';
import { type Linking, namedOf, type Settled, settle } from './link-profiles.ts';

interface AllProfiles {
  readonly profiles: ReadonlyMap<string, ProfileSettings>;
  readonly diagnostics: readonly Diagnostic[];
  /** Faults of `config.yaml`, which nobody may overlook. */
  readonly refused: readonly Diagnostic[];
}

export const allProfiles = (linking: Linking): AllProfiles => {
  const { config, own, sso } = linking;
  const problems = [...sso.named.values(), ...sso.legacy.values()].filter((session) => 'type' in session);
  const profiles = new Map<string, ProfileSettings>();
  const warnings = [...config.profiles.values()].flatMap(profileWarnings);
  for (const [name, profile] of new Map<string, LinkedProfile>([...config.profiles, ...own])) {
    const result = settle(profile, linking);
    if (result.type === 'problem') problems.push(result);
    profiles.set(name, result.type === 'problem' ? broken(namedOf(profile), result) : result.profile);
    if ('settings' in profile) warnings.push(...ownWarnings(profile, result));
  }
  const errors = diagnosticsOf(problems.filter(({ isOwn }) => !isOwn));
  return {
    profiles,
    diagnostics: [...errors, ...warnings],
    refused: diagnosticsOf(problems.filter(({ isOwn }) => isOwn)),
  };
};

/** A fault that several profiles share is complained of once. */
const diagnosticsOf = (problems: readonly Problem[]): readonly Diagnostic[] => {
  const all = problems.map(({ message, origin, key }) => ({ severity: 'error' as const, ...origin, key, message }));
  return [...new Map(all.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values()];
};

/** Whoever wrote it there wants it served. */
const ownWarnings = ({ settings: { name }, sourceAt }: OwnProfile, result: Settled): readonly Diagnostic[] => {
  const warn = (message: string): readonly Diagnostic[] => [
    { severity: 'warning', ...sourceAt, key: `profiles.${name}`, message },
  ];
  if (result.type === 'settled') return result.profile.kind === 'unserved' ? warn(result.profile.problem) : [];
  const { file, line } = result.origin;
  return result.isOwn ? [] : warn(`Profile "${name}" builds on what cannot be used; mend ${file}:${line}`);
};

/** The SDKs do not agree on which of the two counts; the hash of the cache file's name differs with the comment. */
const profileWarnings = (profile: AwsSection): readonly Diagnostic[] => {
  const warnings: Diagnostic[] = [];
  const warn = (key: string, message: string): void => {
    warnings.push({ severity: 'warning', ...problemAt(profile, key, message).origin, key: profile.name, message });
  };
  // Temporary keys were put there on purpose, as `checkout` does, and end by themselves.
  if (hasSso(profile) && hasStaticKeys(profile) && settingOf(profile, 'aws_session_token') === null) {
    warn(
      'aws_access_key_id',
      'The AWS CLI and credbroker use SSO here, some SDKs the static keys; remove one of the two',
    );
  }
  const hashed = legacyUrl(profile) === null ? 'sso_session' : 'sso_start_url';
  const key = profile.keys.get(hashed);
  if (key !== undefined && key.value !== key.raw) {
    warn(hashed, `The AWS CLI takes the comment behind ${hashed} as part of it; put the comment on its own line`);
  }
  return warnings;
};
