/** Every profile of both files with what it builds on: one that is served, or one that says why it is not. */
import type { ProfileSettings, ServedProfileSettings, SessionSettings } from '../src/core/settings.ts';
import type { LinkedProfile, LinkedProfiles, OwnProfile, ResolvedChain } from './aws-chain.ts';
import { resolveChain } from './aws-chain.ts';
import type { Problem } from './aws-profile.ts';
import { originOf, settingOf } from './aws-profile.ts';
import { assumedRole, type RoleContext, regionOf, stsPlace, webIdentityRole } from './aws-roles.ts';
import type { AwsConfig } from './aws-sections.ts';
import type { SsoSessions } from './aws-sso.ts';
import { ssoTarget } from './aws-sso-profile.ts';
import { isServed, type ServedBase, unserved, unservedReason } from './aws-unserved.ts';
import type { Env } from './environment.ts';
import { isDots } from './names.ts';

export interface Linking {
  readonly env: Env;
  readonly config: AwsConfig;
  readonly sso: SsoSessions;
  readonly own: LinkedProfiles['own'];
  /** Those that the profiles of `config.yaml` name. */
  readonly sessions: ReadonlyMap<string, SessionSettings>;
}

export type Settled = { readonly type: 'settled'; readonly profile: ProfileSettings } | Problem;

export const settle = (profile: LinkedProfile, linking: Linking): Settled => {
  const named = namedOf(profile);
  const { name, description, origin } = named;
  if (isDots(name)) {
    const problem = `Profile "${name}" is not served: a URL takes its name for a folder; rename it`;
    return { type: 'settled', profile: unserved(named, problem, false) };
  }
  const chain = resolveChain({ aws: linking.config.profiles, own: linking.own }, profile);
  if (chain.type === 'problem') return chain;
  const { base, hops } = chain;
  if (!isServed(base)) {
    const problem = unservedReason(name, base, hops.length > 0);
    return { type: 'settled', profile: unserved(named, problem, yieldsName(profile, chain)) };
  }
  const source = sourceOf(chain, linking);
  const below = source === null ? null : settle(source, linking);
  if (below?.type === 'problem') return below;
  const parts = partsOf(profile, { chain, base, linking });
  return 'type' in parts ? parts : { type: 'settled', profile: { ...parts, name, description, origin } };
};

export const namedOf = (profile: LinkedProfile): Named => {
  if ('settings' in profile) {
    const { name, region, description, origin } = profile.settings;
    return { name, region, description, origin };
  }
  const { name } = profile;
  return { name, region: settingOf(profile, 'region'), description: null, origin: originOf(profile) };
};

type Named = Pick<ProfileSettings, 'name' | 'region' | 'description' | 'origin'>;

/** It has nothing of its own that lasts. */
const yieldsName = (profile: LinkedProfile, { base, hops }: ResolvedChain): boolean => {
  if (hops.length > 0 || 'settings' in profile) return false;
  const isTemporary = base.type === 'static' && settingOf(profile, 'aws_session_token') !== null;
  return isTemporary || base.type === 'none' || base.type === 'broker';
};

const sourceOf = ({ hops }: ResolvedChain, { own, config }: Linking): LinkedProfile | null => {
  const name = hops.at(-1)?.source ?? '';
  return own.get(name) ?? config.profiles.get(name) ?? null;
};

interface Found {
  readonly chain: ResolvedChain;
  readonly base: ServedBase;
  readonly linking: Linking;
}

type Nameless<Settings> = Settings extends unknown ? Omit<Settings, 'name' | 'description' | 'origin'> : never;
type Parts = Nameless<ServedProfileSettings>;

const partsOf = (profile: LinkedProfile, { chain, base, linking }: Found): Parts | Problem => {
  const { env } = linking;
  const region = regionOf(profile, chain, { env, ssoRegion: ssoRegionOf(base, linking) });
  const context = { ...linking, region };
  const hop = chain.hops.at(-1);
  if (hop === undefined) return baseParts(base, namedOf(profile).region, context);
  return 'settings' in hop.profile ? placed(hop.profile, context) : assumedRole(hop.profile, hop.source, context);
};

const ssoRegionOf = (base: ServedBase, { sso, sessions }: Linking): string | null => {
  if (base.type === 'sso') {
    const target = ssoTarget(base.profile, sso);
    return 'type' in target ? null : target.session.region;
  }
  const session = base.type === 'own' && base.settings.kind === 'sso' ? sessions.get(base.settings.session) : undefined;
  return session?.provider === 'aws-sso' ? session.region : null;
};

const baseParts = (base: ServedBase, own: string | null, context: Linking & RoleContext): Parts | Problem => {
  switch (base.type) {
    case 'own': {
      const parts = placed(base, context);
      return 'type' in parts ? parts : { ...parts, region: own ?? parts.region };
    }
    case 'web-identity':
      return webIdentityRole(base, context);
    case 'login':
      return { kind: 'aws-login', loginSession: base.loginSession, region: context.region };
    case 'process':
      return { kind: 'process', command: base.command, region: own };
    case 'sso': {
      const target = ssoTarget(base.profile, context.sso);
      if ('type' in target) return target;
      return { kind: 'sso', ...target, session: target.session.name, region: own };
    }
  }
};

/** One of `config.yaml`, which says nothing of the STS itself. */
const placed = ({ settings, sourceAt }: OwnProfile, context: RoleContext): Parts | Problem => {
  if (settings.kind !== 'role' && settings.kind !== 'web-identity') return settings;
  const { name } = settings;
  const where = { origin: sourceAt, key: `profiles.${name}`, isOwn: true };
  const fault = (what: string): Problem => ({ type: 'problem', message: `Profile "${name}" ${what}`, ...where });
  const place = stsPlace(null, context, fault);
  return 'type' in place ? place : { ...settings, ...place };
};
