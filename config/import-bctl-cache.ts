/** The profiles that bctl has synced: its cache, which may be damaged or another tenant's. */
import { tenantOf } from './import-britive.ts';

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Of one profile, by the names that `config.yaml` has for them. */
export type Fields = ReadonlyMap<string, unknown>;

export interface Synced {
  readonly profiles: ReadonlyMap<string, Fields>;
  readonly notes: readonly string[];
}

/** Go writes the cache with the names of its own fields, and in later versions with the tenant it is of. */
export const syncedProfiles = (cache: TextFile | null, tenant: string): Synced => {
  if (cache === null) return { profiles: new Map(), notes: [] };
  const found = objectOf(jsonOf(cache.text));
  const profiles = found?.['profiles'];
  const left = (why: string): Synced => ({ profiles: new Map(), notes: [`"${cache.path}" was left out: ${why}`] });
  if (objectOf(profiles) === null) return left('it is not what bctl writes. Run: bctl profiles sync');
  const owner = found?.['tenant'];
  if (typeof owner === 'string' && owner !== '' && tenantOf(owner) !== tenant) {
    return left(`it is of the tenant "${owner}". Run: bctl profiles sync`);
  }
  const entries = Object.entries(objectOf(profiles) ?? {});
  return { profiles: new Map(entries.map(([alias, fields]) => [alias, snakeCased(fields)])), notes: [] };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const objectOf = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;

const goNames = new Map([
  ['BritivePath', 'britive_path'],
  ['AWSProfile', 'aws_profile'],
  ['EKSClusters', 'eks_clusters'],
]);

const snakeCased = (fields: unknown): Fields =>
  new Map(
    Object.entries(objectOf(fields) ?? {}).map(([name, value]) => [goNames.get(name) ?? name.toLowerCase(), value]),
  );
