/**
 * Follows `source_profile` from a profile to the credentials it begins with, as the SDKs do: from the second profile
 * on, static keys end the chain; a profile may name itself when it has static keys; any other way back is a loop. A
 * `credential_process` that asks credbroker is followed like a source, or two processes could ask each other for ever.
 * The way may lead from one file to the other and back.
 */
import { posix } from 'node:path';
import type { Origin, ServedProfileSettings } from '../src/core/settings.ts';
import { shellWords } from '../src/core/shell-words.ts';
import type { BaseSource, Problem } from './aws-profile.ts';
import { assumesRole, baseOf, hasStaticKeys, problemAt, settingOf, staticKeys } from './aws-profile.ts';
import type { AwsSection } from './aws-sections.ts';
import { didYouMean } from './closest.ts';
import { isDots } from './names.ts';

/** A profile of `config.yaml`. */
export interface OwnProfile {
  readonly settings: ServedProfileSettings;
  /** Where its source is named, or itself. */
  readonly sourceAt: Origin;
}

export interface LinkedProfiles {
  readonly aws: ReadonlyMap<string, AwsSection>;
  /** They come first where a name stands in both. */
  readonly own: ReadonlyMap<string, OwnProfile>;
}

export type LinkedProfile = AwsSection | OwnProfile;

/** One role on the way from the base to the profile. */
interface RoleHop {
  readonly profile: LinkedProfile;
  /** The profile that it is assumed with. */
  readonly source: string;
}

type ChainBase = BaseSource | (OwnProfile & { readonly type: 'own' });

export interface ResolvedChain {
  readonly type: 'chain';
  readonly base: ChainBase;
  /** In the order in which the roles are assumed. */
  readonly hops: readonly RoleHop[];
}

const maxHops = 8;

export const resolveChain = (profiles: LinkedProfiles, start: LinkedProfile): ResolvedChain | Problem => {
  const path = [nameOf(start)];
  const hops: RoleHop[] = [];
  for (let profile = start; ; ) {
    const step = 'settings' in profile ? ownStep(profile) : awsStep(profile, path.length > 1);
    if (step.type === 'problem') return step;
    if (step.isRole) hops.unshift({ profile, source: step.next });
    if (step.type === 'base') return { type: 'chain', base: step.base, hops };
    if (path.includes(step.next)) return loop(step, path);
    const next = profiles.own.get(step.next) ?? profiles.aws.get(step.next);
    if (next === undefined) return missing(profile, step, { profiles, hops });
    if (path.push(step.next) > maxHops + 1) return tooLong(step, path);
    profile = next;
  }
};

/** The profile for which a command asks credbroker, null for any other command. */
export const brokerProfile = (command: string): string | null => {
  // A shell would drop the backslashes of a Windows path.
  const words = shellWords(command.replace(/\\(?=\w)/g, '/')) ?? [];
  const at = words.indexOf('credential-process');
  const asksUs = words.slice(0, Math.max(at, 0)).some((word) => programs.has(posix.basename(word)));
  return asksUs ? (words.slice(at + 1).find((word) => !word.startsWith('-')) ?? null) : null;
};

const programs = new Set(['credbroker', 'credbroker.exe', 'credbroker.cmd', 'credbroker.cjs']);

const nameOf = (profile: LinkedProfile): string => ('settings' in profile ? profile.settings.name : profile.name);

interface Follow {
  readonly type: 'follow';
  readonly next: string;
  readonly key: string;
  /** Else another name for the same profile. */
  readonly isRole: boolean;
  readonly fault: (message: string) => Problem;
}

type Step =
  | { readonly type: 'base'; readonly base: ChainBase; readonly isRole: boolean; readonly next: string }
  | Follow
  | Problem;

const ownStep = (profile: OwnProfile): Step => {
  const { settings, sourceAt } = profile;
  const { name } = settings;
  if (settings.kind !== 'role') return { type: 'base', base: { type: 'own', ...profile }, isRole: false, next: name };
  const key = 'sourceProfile';
  const inFile = `profiles.${name}.${key}`;
  const fault = (message: string): Problem => ({
    type: 'problem',
    message,
    origin: sourceAt,
    key: inFile,
    isOwn: true,
  });
  return { type: 'follow', next: settings.source, key, isRole: true, fault };
};

const awsStep = (profile: AwsSection, isSource: boolean): Step => {
  const { name } = profile;
  if (isSource && isDots(name)) return problemAt(profile, '', `Profile "${name}" cannot be a source; rename it`);
  const isRole = assumesRole(profile);
  if (isRole && !(isSource && hasStaticKeys(profile))) return roleStep(profile);
  const base = isRole ? staticKeys(profile) : baseOf(profile);
  if (base.type === 'problem') return base;
  if (base.type === 'none' && isSource) {
    return problemAt(profile, '', `Profile "${name}" is a source_profile but holds no credentials; add some`);
  }
  const next = base.type === 'process' ? brokerProfile(base.command) : null;
  return next === null
    ? { type: 'base', base, isRole: false, next: name }
    : followFrom(profile, next, 'credential_process');
};

const followFrom = (profile: AwsSection, next: string, key: 'source_profile' | 'credential_process'): Follow => ({
  type: 'follow',
  next,
  key,
  isRole: key === 'source_profile',
  fault: (message) => problemAt(profile, key, message),
});

const roleStep = (profile: AwsSection): Step => {
  const next = settingOf(profile, 'source_profile');
  const source = settingOf(profile, 'credential_source');
  const name = `Profile "${profile.name}"`;
  if (next !== null && source !== null) {
    return problemAt(profile, 'credential_source', `${name} has both source_profile and credential_source; keep one`);
  }
  const own = { isRole: true, next: profile.name };
  if (source !== null) return { type: 'base', base: { type: 'named', profile, source }, ...own };
  if (next === null) {
    return problemAt(profile, 'role_arn', `${name} has role_arn without source_profile or credential_source; add one`);
  }
  if (next !== profile.name || !hasStaticKeys(profile)) return followFrom(profile, next, 'source_profile');
  const base = staticKeys(profile);
  return base.type === 'problem' ? base : { type: 'base', base, ...own };
};

interface Sofar {
  readonly profiles: LinkedProfiles;
  readonly hops: readonly RoleHop[];
}

const missing = (profile: LinkedProfile, step: Follow, { profiles, hops }: Sofar): ResolvedChain | Problem => {
  const { next, key, isRole, fault } = step;
  // A catalogue may offer it, so asking for it is no mistake.
  if (!isRole && 'keys' in profile) return { type: 'chain', base: { type: 'broker', profile, asked: next }, hops };
  const hint = didYouMean(next, [...profiles.own.keys(), ...profiles.aws.keys()]);
  const what = `Profile "${nameOf(profile)}" has ${key} "${next}", which does not exist`;
  return fault(`${what}${hint}; add it or correct the name`);
};

const loop = ({ next, key, fault }: Follow, path: readonly string[]): Problem =>
  fault(`Profile "${path[0]}" goes in a loop, ${[...path, next].join(' -> ')}; change ${key}`);

const tooLong = ({ fault }: Follow, path: readonly string[]): Problem =>
  fault(`Profile "${path[0]}" takes more than ${maxHops} steps, ${path.join(' -> ')}; shorten the chain`);
