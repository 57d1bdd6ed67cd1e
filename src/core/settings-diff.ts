/** Which settings mean the same: what a reload has to take down, and which profile serves a role. */
import type { ProfileSettings, Settings, SsoProfileSettings } from './settings.ts';

/** A new description or region changes nothing about the credentials held. */
export const sameRole = (one: SsoProfileSettings, other: ProfileSettings | undefined): boolean =>
  other?.kind === 'sso' &&
  one.session === other.session &&
  one.accountId === other.accountId &&
  one.roleName === other.roleName;

/** Settings are plain data; where they came from does not make them different. */
export function alike(a: object | undefined, b: object | undefined): boolean {
  const plain = (value: object | undefined): string => JSON.stringify({ ...value, origin: null });
  return plain(a) === plain(b);
}

/** The first profile that serves this role of the session, null when none does. */
export function profileFor(
  settings: Settings,
  session: string,
  role: Pick<SsoProfileSettings, 'accountId' | 'roleName'>,
): string | null {
  const serves = (profile: ProfileSettings): boolean =>
    profile.kind === 'sso' &&
    profile.session === session &&
    profile.accountId === role.accountId &&
    profile.roleName === role.roleName;
  return [...settings.profiles.values()].find(serves)?.name ?? null;
}
