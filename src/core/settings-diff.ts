/** Which settings mean the same: what a reload has to take down, and which profile serves a role. */
import { joinPath } from './britive-path.ts';
import type { Offer } from './offers.ts';
import type { BritiveProfileSettings, ProfileSettings, SessionProfileSettings, Settings } from './settings.ts';
import type { CatalogueEntry } from './views.ts';

/** What is handed out under a name, in a word, down to what it builds on: a new description changes nothing about it. */
export function meaningOf(settings: Settings, name: string): string | null {
  const profile = settings.profiles.get(name);
  if (!profile || profile.kind === 'unserved') return null;
  const { description: _d, origin: _o, region, ...own } = profile;
  switch (profile.kind) {
    case 'sso':
    case 'britive': {
      const session = plain(settings.sessions.get(profile.session));
      return JSON.stringify([profile.kind === 'sso' ? own : pathOf(profile), session]);
    }
    case 'role':
      return JSON.stringify([own, region, meaningOf(settings, profile.source)]);
    default:
      return JSON.stringify([own, region]);
  }
}

const pathOf = ({ session, application, environment, access }: BritiveProfileSettings): string =>
  JSON.stringify([session, joinPath([application, environment, access]).toLowerCase()]);

/** The session that somebody may have to sign in to for this profile, null where there is none. */
export function sessionBelow(settings: Settings, profile: ProfileSettings): string | null {
  if (profile.kind === 'sso' || profile.kind === 'britive') return profile.session;
  const source = profile.kind === 'role' ? settings.profiles.get(profile.source) : undefined;
  return source ? sessionBelow(settings, source) : null;
}

/** Settings are plain data; where they came from does not make them different. */
export const alike = (a: object | undefined, b: object | undefined): boolean => plain(a) === plain(b);

const plain = (value: object | undefined): string => JSON.stringify({ ...value, origin: null });

type Role = Pick<CatalogueEntry, 'accountId' | 'roleName'> & { readonly offer: Offer | null };

/** The first profile that serves this role of the session, an implied one last; null when none does. */
export function profileFor(settings: Settings, session: string, role: Role): SessionProfileSettings | null {
  const serves = (profile: ProfileSettings): profile is SessionProfileSettings => {
    if ((profile.kind !== 'sso' && profile.kind !== 'britive') || profile.session !== session) return false;
    if (profile.kind === 'britive') return role.offer !== null && profile.offer?.id === role.offer.id;
    return profile.accountId === role.accountId && profile.roleName === role.roleName;
  };
  return [...settings.profiles.values()].find(serves) ?? null;
}
