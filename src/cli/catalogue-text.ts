/** What upstream offers, as a person reads it. */
import type { CatalogueEntry } from '../core/views.ts';
import { fittedColumns } from './text.ts';

/** A table for each way in which systems name what they offer, no wider than the terminal. */
export function catalogueText(entries: readonly CatalogueEntry[], width: number): string {
  const roles = entries.filter(({ path }) => path === null);
  const paths = entries.filter(({ path }) => path !== null);
  const tables = [
    paths.length === 0 ? [] : [pathTable(paths, width)],
    roles.length === 0 && paths.length > 0 ? [] : [roleTable(roles, width)],
  ];
  return tables.flat().join('\n');
}

function roleTable(entries: readonly CatalogueEntry[], width: number): string {
  const rows = entries.map(({ session, accountId, accountName, roleName, profile }) => [
    ...[session, accountId ?? '-', accountName, roleName, profile ?? '-'],
  ]);
  const head = ['SESSION', 'ACCOUNT', 'NAME', 'ROLE', 'PROFILE'];
  return lined(fittedColumns([head, ...rows], { width, spare: [0, 2, 4] }));
}

function pathTable(entries: readonly CatalogueEntry[], width: number): string {
  const rows = entries.map(({ session, alias, path, kind, profile }) => [
    ...[session, alias ?? '-', path ?? '-', kind ?? '-', profile ?? '-'],
  ]);
  const sorted = rows.toSorted((one, other) => ((one[1] ?? '') < (other[1] ?? '') ? -1 : 1));
  const head = ['SESSION', 'ALIAS', 'PATH', 'KIND', 'PROFILE'];
  return lined(fittedColumns([head, ...sorted], { width, spare: [3, 0, 4] }));
}

const lined = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
