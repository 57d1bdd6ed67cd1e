/** Reads the configuration of bctl and, where it has one, its cache of profiles, which is where bctl syncs them to. */
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Fields, TextFile } from './import-bctl-cache.ts';
import { syncedProfiles } from './import-bctl-cache.ts';
import type { Imported, ImportedProfile } from './import-britive.ts';
import { profileOf, refusal, tenantOf } from './import-britive.ts';

export interface BctlFiles {
  /** `config.yaml`. */
  readonly config: TextFile;
  /** `profiles.json`, null when it is not there. */
  readonly cache: TextFile | null;
}

/** Throws a `BrokerError` for a configuration that bctl did not write, with the line. */
export const importBctl = ({ config, cache }: BctlFiles): Imported => {
  const { settings, refuse } = read(config);
  const tenant = tenantOf(textOf(settings, 'tenant'));
  if (tenant === null) throw refuse('tenant', 'It names no Britive tenant such as "acme". Run: bctl init');
  const synced = syncedProfiles(cache, tenant);
  const defaultRegion = textOf(settings, 'default_region');
  const notes = [...synced.notes];
  const profiles = new Map<string, ImportedProfile>();
  const all = merged(synced.profiles, writtenProfiles(settings, refuse));
  for (const [alias, fields] of all) {
    const region = isAws(fields) ? textOf(fields, 'region') || defaultRegion : '';
    const profile = profileOf(alias, { session: tenant, path: textOf(fields, 'britive_path'), region });
    if (typeof profile !== 'string') profiles.set(alias, profile);
    notes.push(...(typeof profile === 'string' ? [profile] : notesOn(alias, fields)));
  }
  const clustered = [...profiles.keys()].filter((alias) => hasClusters(all.get(alias) ?? new Map()));
  const hasApiToken = textOf(mapOf(settings.get('auth')), 'method') === 'token';
  return {
    tool: 'bctl',
    sessions: new Map([[tenant, { provider: 'britive', tenant }]]),
    profiles,
    hasApiToken,
    notes: [...notes, ...clusterNote(clustered)],
  };
};

type Refuse = (key: string, message: string) => Error;

const read = ({ path, text }: TextFile): { readonly settings: Fields; readonly refuse: Refuse } => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => ({ file: path, line: Math.max(1, lines.linePos(offset).line) });
  const [error] = document.errors;
  if (error !== undefined)
    throw refusal(at(error.pos[0]), `This is not valid YAML: ${error.message}. Correct it first`);
  const refuse: Refuse = (key, message) => {
    const items = isMap(document.contents) ? document.contents.items : [];
    const name = items.find((item) => isScalar(item.key) && item.key.value === key)?.key;
    return refusal(at(isNode(name) ? (name.range?.[0] ?? 0) : 0), message);
  };
  if (!isMap(document.contents)) throw refuse('', 'It is no configuration of bctl. Run: bctl init');
  try {
    return { settings: mapOf(document.toJS({ mapAsMap: true })), refuse };
  } catch {
    // Aliases that multiply are refused by the parser.
    throw refuse('', 'It is no configuration of bctl: its aliases cannot be resolved. Correct it first');
  }
};

const writtenProfiles = (settings: Fields, refuse: Refuse): ReadonlyMap<string, Fields> => {
  const written = settings.get('profiles') ?? new Map();
  const isKnown = written instanceof Map && [...written.values()].every((each) => each === null || each instanceof Map);
  if (!isKnown) throw refuse('profiles', 'It takes aliases with a britive_path each. Run: bctl profiles sync');
  return new Map([...mapOf(written)].map(([alias, fields]) => [alias, mapOf(fields)]));
};

/** What the user wrote wins over what was synced. */
const merged = (
  synced: ReadonlyMap<string, Fields>,
  written: ReadonlyMap<string, Fields>,
): ReadonlyMap<string, Fields> => {
  const all = new Map(synced);
  for (const [alias, fields] of written) {
    all.set(alias, new Map([...(all.get(alias) ?? []), ...[...fields].filter(([, field]) => field !== '')]));
  }
  return all;
};

const isAws = (fields: Fields): boolean => {
  const cloud = textOf(fields, 'cloud').toLowerCase();
  return cloud === '' || cloud.startsWith('aws');
};

const notesOn = (alias: string, fields: Fields): readonly string[] => {
  const section = textOf(fields, 'aws_profile');
  if (section === '' || section === alias) return [];
  return [`bctl wrote "${alias}" to the section "${section}"; credbroker writes it to "${alias}"`];
};

const clusterNote = (aliases: readonly string[]): readonly string[] =>
  aliases.length === 0
    ? []
    : [
        `The clusters of ${aliases.map((alias) => `"${alias}"`).join(', ')} are found anew. Run: credbroker eks connect`,
      ];

const hasClusters = (fields: Fields): boolean => {
  const clusters = fields.get('eks_clusters');
  return Array.isArray(clusters) && clusters.length > 0;
};

const mapOf = (value: unknown): Fields =>
  value instanceof Map ? new Map([...value].map(([key, inner]) => [String(key), inner])) : new Map();

const textOf = (fields: Fields, name: string): string => {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
};
