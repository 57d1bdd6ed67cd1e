/** Reads the configuration of bctl and, where it has one, its cache of profiles, which is where bctl syncs them to. */
import { parse } from 'yaml';
import { BrokerError } from '../src/core/errors.ts';
import type { Imported, ImportedProfile } from './import-britive.ts';
import { profileOf, tenantOf } from './import-britive.ts';

export interface BctlFiles {
  /** `config.yaml`. */
  readonly config: string;
  /** `profiles.json`, null when it is not there. */
  readonly cache: string | null;
}

/** Throws a `BrokerError` for a configuration that is no YAML or names no tenant. */
export const importBctl = ({ config, cache }: BctlFiles): Imported => {
  const settings = parsed(config);
  const tenant = tenantOf(textOf(settings, 'tenant'));
  if (tenant === null)
    throw new BrokerError('ConfigInvalid', 'The configuration of bctl names no tenant. Run: bctl init');
  const defaultRegion = textOf(settings, 'default_region');
  const notes: string[] = [];
  if (textOf(mapOf(settings.get('auth')), 'method') === 'token') {
    notes.push(`bctl's API token stays where it is. Run: credbroker login ${tenant} --token`);
  }
  const profiles = new Map<string, ImportedProfile>();
  for (const [alias, fields] of profilesOf(settings, cache)) {
    const region = textOf(fields, 'region') || defaultRegion;
    const profile = profileOf(alias, { session: tenant, path: textOf(fields, 'britive_path'), region });
    if (typeof profile === 'string') notes.push(profile);
    else {
      profiles.set(alias, profile);
      notes.push(...notesOn(alias, fields));
    }
  }
  return { sessions: new Map([[tenant, { provider: 'britive', tenant }]]), profiles, notes };
};

type Fields = ReadonlyMap<string, unknown>;

/** What the user wrote wins over what was synced. */
const profilesOf = (settings: Fields, cache: string | null): ReadonlyMap<string, Fields> => {
  const all = new Map<string, Fields>();
  for (const [alias, value] of mapOf(cachedProfiles(cache))) all.set(alias, snakeCased(mapOf(value)));
  for (const [alias, value] of mapOf(settings.get('profiles'))) {
    const [written, synced] = [mapOf(value), all.get(alias) ?? new Map<string, unknown>()];
    all.set(alias, new Map([...synced, ...[...written].filter(([, field]) => field !== '')]));
  }
  return all;
};

/** A damaged cache is no cache. */
const cachedProfiles = (cache: string | null): unknown => {
  try {
    return mapOf(parse(cache ?? '', { mapAsMap: true })).get('profiles');
  } catch {
    return null;
  }
};

/** Go writes the cache with the names of its own fields. */
const goNames = new Map([
  ['BritivePath', 'britive_path'],
  ['AWSProfile', 'aws_profile'],
  ['EKSClusters', 'eks_clusters'],
]);

const snakeCased = (fields: Fields): Fields =>
  new Map([...fields].map(([name, value]) => [goNames.get(name) ?? name.toLowerCase(), value]));

const notesOn = (alias: string, fields: Fields): readonly string[] => {
  const section = textOf(fields, 'aws_profile');
  const clusters = fields.get('eks_clusters');
  return [
    ...(section === '' || section === alias
      ? []
      : [`bctl wrote "${alias}" to the section "${section}"; credbroker writes it to "${alias}"`]),
    ...(Array.isArray(clusters) && clusters.length > 0
      ? [`The clusters of "${alias}" are found anew. Run: credbroker eks connect ${alias}`]
      : []),
  ];
};

const parsed = (text: string): Fields => {
  try {
    return mapOf(parse(text, { mapAsMap: true }));
  } catch (cause) {
    throw new BrokerError('ConfigInvalid', 'The configuration of bctl is no valid YAML. Correct it first', { cause });
  }
};

const mapOf = (value: unknown): Fields =>
  value instanceof Map ? new Map([...value].map(([key, inner]) => [String(key), inner])) : new Map();

const textOf = (fields: Fields, name: string): string => {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
};
