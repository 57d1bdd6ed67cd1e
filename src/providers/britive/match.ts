/** Finds what somebody meant, and says so when there is more than one: nothing is guessed here. */
import { splitPath } from '../../core/britive-path.ts';
import type { Bindings } from './aliases.ts';
import type { CatalogueEntry } from './entry.ts';
import { idOf, pathOf } from './entry.ts';

export interface NamedEntry extends CatalogueEntry {
  readonly alias: string;
  readonly path: string;
}

export type Match =
  | { readonly type: 'one'; readonly entry: NamedEntry }
  | { readonly type: 'many'; readonly candidates: readonly NamedEntry[] }
  | { readonly type: 'none' };

export const named = (entries: readonly CatalogueEntry[], aliases: Bindings): readonly NamedEntry[] => {
  const byId = new Map(Object.entries(aliases).map(([alias, id]) => [id, alias]));
  return entries.map((entry) => ({ ...entry, alias: byId.get(idOf(entry)) ?? idOf(entry), path: pathOf(entry) }));
};

/** Exact, then a part of the alias or the path, then letters in that order: the first of these that finds anything. */
export const matchText = (entries: readonly NamedEntry[], text: string): Match => {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return { type: 'none' };
  const alias = entries.filter((entry) => entry.alias === wanted);
  if (alias.length > 0) return matched(alias);
  const parts = splitPath(text);
  const exact = parts === null ? [] : entries.filter((entry) => isAt(entry, parts));
  if (exact.length > 0) return matched(exact);
  const within = entries.filter((entry) => texts(entry).some((one) => one.includes(wanted)));
  if (within.length > 0) return matched(within);
  return matched(entries.filter((entry) => texts(entry).some((one) => hasInOrder(one, wanted))));
};

/** The one at exactly this path, as a configured profile needs it. */
export const matchPath = (entries: readonly NamedEntry[], parts: readonly [string, string, string]): Match =>
  matched(entries.filter((entry) => isAt(entry, parts)));

const matched = (found: readonly NamedEntry[]): Match => {
  const [entry, ...others] = found;
  if (entry === undefined) return { type: 'none' };
  return others.length === 0 ? { type: 'one', entry } : { type: 'many', candidates: found };
};

/** The environment by its id, its name or its other name. */
const isAt = (entry: NamedEntry, [application, environment, profile]: readonly [string, string, string]): boolean => {
  const places = [entry.environmentId, entry.environment, entry.alternate];
  if (entry.hierarchical) places.push(entry.application);
  return (
    [entry.application, entry.applicationId].some((name) => same(name, application)) &&
    places.some((name) => name !== null && same(name, environment)) &&
    [entry.profile, entry.papId].some((name) => same(name, profile))
  );
};

const same = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

const texts = ({ alias, path }: NamedEntry): readonly string[] => [alias, path.toLowerCase()];

const hasInOrder = (text: string, letters: string): boolean => {
  let from = 0;
  for (const letter of letters) {
    const at = text.indexOf(letter, from);
    if (at < 0) return false;
    from = at + letter.length;
  }
  return true;
};
