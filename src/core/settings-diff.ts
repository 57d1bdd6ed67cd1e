/** What a reload has to take down, and what may go on. */
import type { ProfileSettings, SsoProfileSettings } from './settings.ts';

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
