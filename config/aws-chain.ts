/**
 * Follows `source_profile` from a profile to the credentials it begins with, as the SDKs do: from the second profile
 * on, static keys end the chain; a profile may name itself when it has static keys; any other way back is a loop. A
 * `credential_process` that asks credbroker is followed like a source, or two processes could ask each other for ever.
 */
import { posix } from 'node:path';
import type { BaseSource, Problem } from './aws-profile.ts';
import { assumesRole, baseOf, hasStaticKeys, problemAt, settingOf } from './aws-profile.ts';
import type { AwsSection } from './aws-sections.ts';
import { shellWords } from './shell-words.ts';

/** One role on the way from the base to the profile. */
interface RoleHop {
  readonly profile: string;
  readonly roleArn: string;
  readonly sessionName: string | null;
  readonly externalId: string | null;
  readonly mfaSerial: string | null;
}

export type Chain =
  | {
      readonly type: 'chain';
      readonly base: BaseSource;
      /** In the order in which the roles are assumed. */
      readonly hops: readonly RoleHop[];
    }
  | Problem;

const maxHops = 8;

export const resolveChain = (profiles: ReadonlyMap<string, AwsSection>, start: AwsSection): Chain => {
  const path = [start.name];
  const hops: RoleHop[] = [];
  for (let profile = start; ; ) {
    const step = stepFrom(profile, path.length > 1);
    if (step.type === 'problem') return step;
    if (step.hop !== null) hops.unshift(step.hop);
    if (step.type === 'base') return { type: 'chain', base: step.base, hops };
    if (path.includes(step.next)) return loop(profile, step, path);
    const next = profiles.get(step.next);
    if (next === undefined) return missing(profile, step, hops);
    if (path.push(step.next) > maxHops + 1) return tooLong(profile, step, path);
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

/** `hop` is null where no role is assumed on the way. */
type Step =
  | { readonly type: 'base'; readonly base: BaseSource; readonly hop: RoleHop | null }
  | { readonly type: 'follow'; readonly next: string; readonly key: string; readonly hop: RoleHop | null }
  | Problem;

type Follow = Extract<Step, { type: 'follow' }>;

const stepFrom = (profile: AwsSection, isSource: boolean): Step => {
  if (assumesRole(profile) && !(isSource && hasStaticKeys(profile))) return roleStep(profile);
  const base = baseOf(profile);
  if (base.type === 'problem') return base;
  if (base.type === 'none' && isSource) {
    return problemAt(profile, '', `Profile "${profile.name}" is a source_profile but holds no credentials; add some`);
  }
  const next = base.type === 'process' ? brokerProfile(base.command) : null;
  if (next === null) return { type: 'base', base, hop: null };
  return { type: 'follow', next, key: 'credential_process', hop: null };
};

const roleStep = (profile: AwsSection): Step => {
  const next = settingOf(profile, 'source_profile');
  const source = settingOf(profile, 'credential_source');
  const name = `Profile "${profile.name}"`;
  if (next !== null && source !== null) {
    return problemAt(profile, 'credential_source', `${name} has both source_profile and credential_source; keep one`);
  }
  const hop = hopOf(profile);
  if (source !== null) return { type: 'base', base: { type: 'named', profile, source }, hop };
  if (next === null) {
    return problemAt(profile, 'role_arn', `${name} has role_arn without source_profile or credential_source; add one`);
  }
  if (next !== profile.name || !hasStaticKeys(profile)) return { type: 'follow', next, key: 'source_profile', hop };
  const base = baseOf(profile);
  return base.type === 'problem' ? base : { type: 'base', base, hop };
};

const hopOf = (profile: AwsSection): RoleHop => ({
  profile: profile.name,
  roleArn: settingOf(profile, 'role_arn') ?? '',
  sessionName: settingOf(profile, 'role_session_name'),
  externalId: settingOf(profile, 'external_id'),
  mfaSerial: settingOf(profile, 'mfa_serial'),
});

const missing = (profile: AwsSection, { next, key, hop }: Follow, hops: readonly RoleHop[]): Chain => {
  // Profiles of config.yaml are ours alone, so asking for one is no mistake.
  if (hop === null) return { type: 'chain', base: { type: 'broker', profile, asked: next }, hops };
  const message = `Profile "${profile.name}" has source_profile "${next}", which does not exist; add it or correct the name`;
  return problemAt(profile, key, message);
};

const loop = (profile: AwsSection, { next, key }: Follow, path: readonly string[]): Problem => {
  const round = [...path, next].join(' -> ');
  return problemAt(profile, key, `Profile "${path[0]}" goes in a loop, ${round}; change ${key}`);
};

const tooLong = (profile: AwsSection, { key }: Follow, path: readonly string[]): Problem => {
  const way = path.join(' -> ');
  return problemAt(profile, key, `Profile "${path[0]}" takes more than ${maxHops} steps, ${way}; shorten the chain`);
};
