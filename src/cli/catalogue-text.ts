/** What upstream offers, as a person reads it. */
import type { CatalogueEntry } from '../core/views.ts';
import { table } from './text.ts';

/** A table for each way in which systems name what they offer. */
export function catalogueText(entries: readonly CatalogueEntry[]): string {
  const roles = entries.filter(({ path }) => path === null);
  const paths = entries.filter(({ path }) => path !== null);
  const tables = [
    paths.length === 0 ? [] : [pathTable(paths)],
    roles.length === 0 && paths.length > 0 ? [] : [roleTable(roles)],
  ];
  return tables.flat().join('\n');
}

const roleTable = (entries: readonly CatalogueEntry[]): string =>
  table(
    ['SESSION', 'ACCOUNT', 'NAME', 'ROLE', 'PROFILE'],
    entries.map(({ session, accountId, accountName, roleName, profile }) => [
      ...[session, accountId ?? '-', accountName, roleName, profile ?? '-'],
    ]),
  );

const pathTable = (entries: readonly CatalogueEntry[]): string =>
  table(
    ['SESSION', 'ALIAS', 'PATH', 'KIND', 'PROFILE'],
    entries
      .map(({ session, alias, path, kind, profile }) => [
        ...[session, alias ?? '-', path ?? '-', kind ?? '-', profile ?? '-'],
      ])
      .toSorted((one, other) => ((one[1] ?? '') < (other[1] ?? '') ? -1 : 1)),
  );
