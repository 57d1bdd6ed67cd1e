/** Finds what a path of the settings stands for, and says so when that is more than one: nothing is guessed here. */
import type { PathParts } from '../../core/britive-path.ts';
import { folded, keyOf, leadsTo, type Offer, pathsTo } from '../../core/offers.ts';
import type { CatalogueEntry } from './entry.ts';
import { idOf, pathOf } from './entry.ts';
import type { Given } from './names.ts';

export interface NamedEntry extends CatalogueEntry, Given, Pick<Offer, 'path' | 'names'> {}

export type Match =
  | { readonly type: 'one'; readonly entry: NamedEntry }
  | { readonly type: 'many'; readonly candidates: readonly NamedEntry[] }
  | { readonly type: 'none' };

export const named = (
  entries: readonly CatalogueEntry[],
  give: (entry: CatalogueEntry) => Given,
): readonly NamedEntry[] =>
  entries.map((entry) => ({ ...entry, ...give(entry), path: pathOf(entry), names: namesOf(entry) }));

/** The environment by its id, its name or its other name. */
const namesOf = (entry: CatalogueEntry): Offer['names'] => {
  const { application, applicationId, environment, environmentId, alternate, hierarchical, profile, papId } = entry;
  const places = [environment, environmentId, ...(alternate === null ? [] : [alternate])];
  if (hierarchical) places.push(application);
  return [distinct([application, applicationId]), distinct(places), distinct([profile, papId])];
};

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names.map(folded))];

/** The one at exactly this path, as a configured profile needs it. */
export const matchPath = (entries: readonly NamedEntry[], parts: PathParts): Match => {
  const found = entries.filter(({ names }) => leadsTo(parts, names));
  const [entry, ...others] = found;
  if (entry === undefined) return { type: 'none' };
  return others.length === 0 ? { type: 'one', entry } : { type: 'many', candidates: found };
};

/** As the core knows them. */
export const offersOf = (entries: readonly NamedEntry[]): readonly Offer[] => {
  const leads = new Map<string, number>();
  for (const key of entries.flatMap(({ names }) => pathsTo(names))) leads.set(key, (leads.get(key) ?? 0) + 1);
  return entries.map((entry) => {
    const { alias, qualified, path, kind, names, cluster, application, environment, profile } = entry;
    const byName = [application, environment, profile] as const;
    const byId = [entry.applicationId, entry.environmentId, entry.papId] as const;
    const parts = leads.get(keyOf(byName)) === 1 ? byName : byId;
    return { id: idOf(entry), alias, qualified, path, kind, names, cluster: cluster ?? null, parts };
  });
};
