/** Turns every profile of the AWS files into one that is served, or one that says why it is not. */
import type {
  Diagnostic,
  ProfileSettings,
  SsoProfileSettings,
  SsoSessionSettings,
  UnservedProfileSettings,
} from '../src/core/settings.ts';
import type { Chain } from './aws-chain.ts';
import { resolveChain } from './aws-chain.ts';
import type { BaseSource, Problem } from './aws-profile.ts';
import { hasSso, hasStaticKeys, originOf, problemAt, settingOf } from './aws-profile.ts';
import type { AwsSection } from './aws-sections.ts';
import type { SsoContext, SsoSessions } from './aws-sso.ts';
import { legacyUrl, ssoSessions } from './aws-sso.ts';
import { didYouMean } from './closest.ts';
import { isDots } from './names.ts';

export interface AwsSettings {
  readonly sessions: ReadonlyMap<string, SsoSessionSettings>;
  readonly profiles: ReadonlyMap<string, ProfileSettings>;
  readonly diagnostics: readonly Diagnostic[];
}

export const awsSettings = (context: SsoContext): AwsSettings => {
  const found = ssoSessions(context);
  const sessions = new Map<string, SsoSessionSettings>();
  // A fault that several profiles share is complained of once.
  const problems = new Map<Problem, string>();
  for (const [name, session] of [...found.named, ...found.legacy]) {
    if ('type' in session) problems.set(session, name);
    else sessions.set(session.name, session);
  }
  const profiles = new Map<string, ProfileSettings>();
  for (const profile of context.config.profiles.values()) {
    const settings = settle(profile, resolveChain(context.config.profiles, profile), found);
    if (settings.type === 'problem' && !problems.has(settings)) problems.set(settings, profile.name);
    profiles.set(profile.name, settings.type === 'problem' ? broken(profile, settings) : settings.profile);
  }
  const errors = [...problems].map(([problem, key]) => errorOf(problem, key));
  const warnings = [...context.config.profiles.values()].flatMap(profileWarnings);
  return { sessions, profiles, diagnostics: [...errors, ...found.warnings, ...warnings] };
};

type Settled = { readonly type: 'settled'; readonly profile: ProfileSettings } | Problem;

const settle = (profile: AwsSection, chain: Chain, sessions: SsoSessions): Settled => {
  if (isDots(profile.name)) {
    const problem = `Profile "${profile.name}" is not served: a URL takes its name for a folder; rename it`;
    return { type: 'settled', profile: unserved(profile, problem, false) };
  }
  if (chain.type === 'problem') return chain;
  const { base, hops } = chain;
  if (base.type === 'sso') {
    const target = ssoTarget(base.profile, sessions);
    if ('type' in target) return target;
    if (hops.length === 0) return { type: 'settled', profile: { kind: 'sso', ...baseFields(profile), ...target } };
  }
  const reason = unservedReason(profile, base, hops.length > 0);
  return { type: 'settled', profile: unserved(profile, reason, hops.length === 0 && hasNothing(profile, base)) };
};

/** Of its own, and to last. */
const hasNothing = (profile: AwsSection, { type }: BaseSource): boolean =>
  type === 'none' || type === 'broker' || (type === 'static' && settingOf(profile, 'aws_session_token') !== null);

type SsoTarget = Pick<SsoProfileSettings, 'session' | 'accountId' | 'roleName'>;

/** All of it has to be there, as in botocore. */
const ssoTarget = (profile: AwsSection, sessions: SsoSessions): SsoTarget | Problem => {
  const accountId = settingOf(profile, 'sso_account_id');
  const roleName = settingOf(profile, 'sso_role_name');
  const fault = (key: string, message: string): Problem =>
    problemAt(profile, key, `Profile "${profile.name}" ${message}`);
  if (accountId === null) return fault('sso_role_name', 'has sso_role_name without sso_account_id; add the account');
  if (roleName === null) return fault('sso_account_id', 'has sso_account_id without sso_role_name; add the role');
  if (!/^\d{12}$/.test(accountId)) return fault('sso_account_id', 'needs twelve digits as its sso_account_id');
  const session = sessionOf(profile, sessions);
  return 'type' in session ? session : { session: session.name, accountId, roleName };
};

const sessionOf = (profile: AwsSection, { named, legacy }: SsoSessions): SsoSessionSettings | Problem => {
  const what = `Profile "${profile.name}"`;
  const name = settingOf(profile, 'sso_session');
  if (name === null) {
    const own = legacy.get(legacyUrl(profile) ?? '');
    return own ?? problemAt(profile, '', `${what} has neither sso_session nor sso_start_url; add sso_session`);
  }
  const session = named.get(name);
  if (session === undefined) {
    const message = `${what} has sso_session "${name}", which does not exist${didYouMean(name, named.keys())}; add [sso-session ${name}]`;
    return problemAt(profile, 'sso_session', message);
  }
  if ('type' in session) return session;
  return conflict(profile, session) ?? session;
};

const conflict = (profile: AwsSection, session: SsoSessionSettings): Problem | null => {
  const stated = { sso_start_url: session.startUrl, sso_region: session.region };
  for (const [key, value] of Object.entries(stated)) {
    const own = settingOf(profile, key);
    if (own === null || own === value) continue;
    const message = `Profile "${profile.name}" and session "${session.name}" differ in ${key}; remove it from the profile`;
    return problemAt(profile, key, message);
  }
  return null;
};

const unservedReason = (profile: AwsSection, base: BaseSource, assumesRole: boolean): string => {
  const what = `Profile "${profile.name}"`;
  if (assumesRole) return `${what} assumes a role, ${notYet}`;
  switch (base.type) {
    case 'none':
      return `${what} holds no credentials; add sso_session, sso_account_id and sso_role_name`;
    case 'sso-token':
      return `${what} has sso_session but no role; add sso_account_id and sso_role_name`;
    case 'broker':
      return `${what} asks credbroker for "${base.asked}"; ask for "${base.asked}" itself`;
    default:
      return `${what} ${nature[base.type]}, ${notYet}`;
  }
};

/** Short, with what to do at its end: the data plane cuts a message at `maxProblem` characters. */
const notYet = 'not served yet; use it with the AWS tools directly';

const nature = {
  sso: 'signs in to Identity Center',
  static: 'holds static access keys',
  'web-identity': 'exchanges a web identity token',
  login: 'uses the console sign-in of "aws login"',
  process: 'runs a credential_process',
  named: 'takes credentials from the machine it runs on',
} as const;

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

const baseFields = (profile: AwsSection): Omit<UnservedProfileSettings, 'kind' | 'problem' | 'yields'> => ({
  name: profile.name,
  region: settingOf(profile, 'region'),
  description: null,
  origin: originOf(profile),
});

const unserved = (profile: AwsSection, problem: string, yields: boolean): UnservedProfileSettings => ({
  kind: 'unserved',
  ...baseFields(profile),
  problem,
  yields,
});

const maxProblem = 100;

/** What is wrong without how to mend it, which the diagnostics say together with the place. */
const broken = (profile: AwsSection, { message }: Problem): UnservedProfileSettings => {
  const next = 'Run: credbroker config check';
  const [what = message] = message.split(/; |, did you mean /);
  const fits = what.length + '. '.length + next.length <= maxProblem;
  return unserved(
    profile,
    fits ? `${what}. ${next}` : `${what.slice(0, maxProblem - next.length - 2)}… ${next}`,
    false,
  );
};

const errorOf = ({ message, origin }: Problem, key: string): Diagnostic => ({
  severity: 'error',
  ...origin,
  key,
  message,
});
