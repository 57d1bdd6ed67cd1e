/** Short names for paths. One that was given keeps leading to the same place, whatever else comes or goes. */
import type { CatalogueEntry } from './entry.ts';
import { idOf } from './entry.ts';

/** Alias to `papId/environmentId`. */
export type Bindings = Readonly<Record<string, string>>;

export const assignAliases = (entries: readonly CatalogueEntry[], before: Bindings): Bindings => {
  const kept = new Map(Object.entries(before).map(([alias, id]) => [id, alias]));
  // Also the aliases of what is gone for now: it may come back, and must not find somebody else under its name.
  const given = new Map(Object.entries(before));
  // Newcomers in an order of their own, so that the tenant's order decides nothing.
  const newcomers = entries.filter((entry) => !kept.has(idOf(entry))).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  for (const entry of newcomers) given.set(freeAlias(entry, given), idOf(entry));
  return Object.fromEntries(given);
};

const freeAlias = (entry: CatalogueEntry, given: ReadonlyMap<string, string>): string => {
  const environment = entry.alternate ?? entry.environment;
  const names = [[entry.profile], [entry.profile, environment], [entry.application, entry.profile, environment]].map(
    (parts) => sanitise(parts.join('-')),
  );
  const longest = names.at(-1) || 'profile';
  const found = names.find((name) => name !== '' && !given.has(name));
  if (found !== undefined) return found;
  for (let n = 2; ; n++) if (!given.has(`${longest}-${n}`)) return `${longest}-${n}`;
};

const sanitise = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[\s/.]+/gu, '-')
    .replace(/[^\p{L}\p{N}_-]/gu, '')
    .replace(/^-+|-+$/gu, '');
