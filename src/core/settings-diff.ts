/** Which settings mean the same: what a reload has to take down, and which profile serves a role. */
import { joinPath } from './britive-path.ts';
import type { Offer } from './offers.ts';
import type { ProfileSettings, ServedProfileSettings, Settings } from './settings.ts';
import type { CatalogueEntry } from './views.ts';

/** What is handed out for it, in a word: a new description or region changes nothing about the credentials held. */
const roleOf = (profile: ServedProfileSettings): string =>
  profile.kind === 'sso'
    ? JSON.stringify(['sso', profile.session, profile.accountId, profile.roleName])
    : JSON.stringify(['britive', profile.session, pathOf(profile)]);

const pathOf = ({ application, environment, access }: Extract<ServedProfileSettings, { kind: 'britive' }>): string =>
  joinPath([application, environment, access]).toLowerCase();

export const sameRole = (one: ServedProfileSettings, other: ProfileSettings | undefined): boolean =>
  other !== undefined && other.kind !== 'unserved' && roleOf(one) === roleOf(other);

/** Settings are plain data; where they came from does not make them different. */
export function alike(a: object | undefined, b: object | undefined): boolean {
  const plain = (value: object | undefined): string => JSON.stringify({ ...value, origin: null });
  return plain(a) === plain(b);
}

type Role = Pick<CatalogueEntry, 'accountId' | 'roleName'> & { readonly offer: Offer | null };

/** The first profile that serves this role of the session, an implied one last; null when none does. */
export function profileFor(settings: Settings, session: string, role: Role): ServedProfileSettings | null {
  const serves = (profile: ProfileSettings): profile is ServedProfileSettings => {
    if (profile.kind === 'unserved' || profile.session !== session) return false;
    if (profile.kind === 'britive') return role.offer !== null && profile.offer?.id === role.offer.id;
    return profile.accountId === role.accountId && profile.roleName === role.roleName;
  };
  return [...settings.profiles.values()].find(serves) ?? null;
}
