/** Reads `pybritive.config`, whose every name and value is the same in upper and lower case. */
import { BrokerError } from '../src/core/errors.ts';
import type { IniSection } from './aws-ini.ts';
import { parseIni } from './aws-ini.ts';
import type { Imported, ImportedProfile, ImportedSession } from './import-britive.ts';
import { profileOf, tenantOf } from './import-britive.ts';

/** Throws a `BrokerError` for a file that names no tenant. */
export const importPybritive = (text: string): Imported => {
  const sections = parseIni(text, '').sections.map((section) => ({ ...section, header: section.header.toLowerCase() }));
  const notes: string[] = [];
  const sessions = new Map<string, ImportedSession>();
  for (const section of sections.filter(({ header }) => header.startsWith(tenantPrefix))) {
    const session = sessionOf(section);
    if (typeof session === 'string') notes.push(session);
    else sessions.set(section.header.slice(tenantPrefix.length), session);
  }
  if (sessions.size === 0) throw new BrokerError('ConfigInvalid', 'The configuration of pybritive names no tenant');
  const profiles = new Map<string, ImportedProfile>();
  const session = defaultSession(sections, sessions);
  for (const [alias, path] of aliasesOf(sections)) {
    const profile = session === null ? noTenant(alias) : profileOf(alias, { session, path, region: '' });
    if (typeof profile === 'string') notes.push(profile);
    else profiles.set(alias, profile);
  }
  return { sessions, profiles, notes: [...notes, ...unused(sections)] };
};

const tenantPrefix = 'tenant-';

const noTenant = (alias: string): string =>
  `Profile "${alias}" was left out: there are several tenants and no default_tenant. Add it under the right session`;

const sessionOf = (section: IniSection): ImportedSession | string => {
  const alias = section.header.slice(tenantPrefix.length);
  const name = keyOf(section, 'name') || alias;
  const tenant = tenantOf(name);
  if (tenant === null) return `Tenant "${alias}" was left out: "${name}" is no tenant`;
  const idp = keyOf(section, 'sso_idp');
  return { provider: 'britive', tenant, ...(idp === '' ? {} : { idp }) };
};

/** Aliases say nothing of a tenant: they are the default one's, or the only one's. It may be called by either name. */
const defaultSession = (
  sections: readonly IniSection[],
  sessions: ReadonlyMap<string, ImportedSession>,
): string | null => {
  const global = sections.find(({ header }) => header === 'global');
  const chosen = global === undefined ? '' : keyOf(global, 'default_tenant').toLowerCase();
  const names = [...sessions].filter(([name, { tenant }]) => name === chosen || tenant === tenantOf(chosen));
  if (chosen === '') return sessions.size === 1 ? ([...sessions.keys()][0] ?? null) : null;
  return names.find(([name]) => name === chosen)?.[0] ?? names[0]?.[0] ?? null;
};

const aliasesOf = (sections: readonly IniSection[]): readonly (readonly [alias: string, path: string])[] =>
  sections
    .filter(({ header }) => header === 'profile-aliases')
    .flatMap(({ keys }) => [...keys].map(([alias, { raw }]) => [alias, raw] as const));

/** How pybritive prints and keeps things has no like here; the rest may matter to somebody. */
const unused = (sections: readonly IniSection[]): readonly string[] =>
  sections.flatMap(({ header, keys }) => {
    const known = header.startsWith(tenantPrefix) ? ['name', 'sso_idp'] : header === 'global' ? ['default_tenant'] : [];
    const left = header === 'profile-aliases' ? [] : [...keys.keys()].filter((key) => !known.includes(key));
    return left.length === 0 ? [] : [`Not taken over from [${header}]: ${left.join(', ')}`];
  });

const keyOf = (section: IniSection, key: string): string => section.keys.get(key)?.raw ?? '';
