/** The session, account and role that a profile of Identity Center names. */
import type { SsoProfileSettings, SsoSessionSettings } from '../src/core/settings.ts';
import type { Problem } from './aws-profile.ts';
import { problemAt, settingOf } from './aws-profile.ts';
import type { AwsSection } from './aws-sections.ts';
import type { SsoSessions } from './aws-sso.ts';
import { legacyUrl } from './aws-sso.ts';
import { didYouMean } from './closest.ts';

interface SsoTarget extends Pick<SsoProfileSettings, 'accountId' | 'roleName'> {
  readonly session: SsoSessionSettings;
}

/** All of it has to be there, as in botocore. */
export const ssoTarget = (profile: AwsSection, sessions: SsoSessions): SsoTarget | Problem => {
  const accountId = settingOf(profile, 'sso_account_id');
  const roleName = settingOf(profile, 'sso_role_name');
  const fault = (key: string, message: string): Problem =>
    problemAt(profile, key, `Profile "${profile.name}" ${message}`);
  if (accountId === null) return fault('sso_role_name', 'has sso_role_name without sso_account_id; add the account');
  if (roleName === null) return fault('sso_account_id', 'has sso_account_id without sso_role_name; add the role');
  if (!/^\d{12}$/.test(accountId)) return fault('sso_account_id', 'needs twelve digits as its sso_account_id');
  const session = sessionOf(profile, sessions);
  return 'type' in session ? session : { session, accountId, roleName };
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
