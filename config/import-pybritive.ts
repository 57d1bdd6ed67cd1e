/** Reads `pybritive.config`, whose every name and value is the same in upper and lower case. */
import type { IniSection } from './aws-ini.ts';
import { parseIni } from './aws-ini.ts';
import type { TextFile } from './import-bctl-cache.ts';
import type { Imported, ImportedProfile, ImportedSession } from './import-britive.ts';
import { profileOf, refusal, tenantOf } from './import-britive.ts';
import { isDots } from './names.ts';

/** Throws a `BrokerError` for a file that pybritive could not read, with the line, and for one that names no tenant. */
export const importPybritive = (file: TextFile): Imported => {
  const sections = sectionsOf(file);
  const notes: string[] = [];
  const sessions = new Map<string, ImportedSession>();
  for (const section of sections.filter(isTenant)) {
    const session = sessionOf(section);
    if (typeof session === 'string') notes.push(session);
    else sessions.set(aliasOf(section), session);
  }
  if (sessions.size === 0) {
    throw refusal({ file: file.path, line: 0 }, 'It names no Britive tenant. Run: pybritive configure tenant');
  }
  const profiles = new Map<string, ImportedProfile>();
  const session = defaultSession(sections, sessions);
  for (const [alias, path] of aliasesOf(sections)) {
    const profile = session === null ? noTenant(alias) : profileOf(alias, { session, path, region: '' });
    if (typeof profile === 'string') notes.push(profile);
    else profiles.set(alias, profile);
  }
  return { tool: 'pybritive', sessions, profiles, hasApiToken: false, notes: [...notes, ...unused(sections)] };
};

const sectionsOf = ({ path, text }: TextFile): readonly IniSection[] => {
  const { sections, diagnostics } = parseIni(text, path);
  const broken = diagnostics.find(({ severity }) => severity === 'error');
  if (broken !== undefined) {
    throw refusal(broken, 'pybritive cannot read this line: it takes key=value below a [section]. Correct it first');
  }
  return sections.map((section) => ({ ...section, header: section.header.toLowerCase() }));
};

const tenantPrefix = 'tenant-';

const isTenant = ({ header }: IniSection): boolean => header.startsWith(tenantPrefix);

/** What pybritive calls the tenant; its name where no session could be asked for by that. */
const aliasOf = (section: IniSection): string => {
  const alias = section.header.slice(tenantPrefix.length);
  return isDots(alias) || alias === '' ? keyOf(section, 'name') : alias;
};

const noTenant = (alias: string): string =>
  `Profile "${alias}" was left out: there are several tenants and no default_tenant. Add it under the right session`;

const sessionOf = (section: IniSection): ImportedSession | string => {
  const name = keyOf(section, 'name') || aliasOf(section);
  const tenant = tenantOf(name);
  if (tenant === null) return `Tenant "${aliasOf(section)}" was left out: "${name}" is no tenant. Add it by hand`;
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

const taken = new Set(['name', 'sso_idp', 'default_tenant']);

/** Where the same is said here. */
const instead = new Map([
  ['output_format', 'is chosen with each command here, for example: credbroker status --json'],
  ['credential_backend', 'is chosen by the variable CREDBROKER_KEYRING_BACKEND here'],
  ['ca_bundle', 'goes into the variable AWS_CA_BUNDLE here'],
  ['auto-refresh-profile-cache', 'needs no setting here: the catalogue is read anew every day'],
]);

const outputs = new Map([
  ['integrate', 'awscreds'],
  ['env', 'env'],
  ['env-nix', 'env'],
  ['env-winps', 'powershell'],
  ['awscredentialprocess', 'process'],
  ['json', 'json'],
]);

const unused = (sections: readonly IniSection[]): readonly string[] =>
  sections
    .filter(({ header }) => header !== 'profile-aliases')
    .flatMap(({ header, keys }) =>
      [...keys]
        .filter(([key]) => !taken.has(key))
        .map(([key, { raw }]) => `${key} "${raw}" of [${header}] ${adviceOn(key, raw)}`),
    );

const adviceOn = (key: string, value: string): string => {
  if (key !== 'default_checkout_mode') return instead.get(key) ?? 'has no like here';
  const output = outputs.get(value.toLowerCase());
  if (output === undefined) return 'has no like here. Run: credbroker checkout --help';
  return `is said with each checkout here: credbroker checkout PROFILE -o ${output}`;
};

const keyOf = (section: IniSection, key: string): string => section.keys.get(key)?.raw ?? '';
