/** One thing that can be checked out: a profile in an environment of an application. */
import type { ApplicationKind } from './payload.ts';

export interface CatalogueEntry {
  readonly papId: string;
  readonly environmentId: string;
  readonly applicationId: string;
  readonly application: string;
  readonly environment: string;
  /** The other name of the environment, null for none. */
  readonly alternate: string | null;
  readonly profile: string;
  readonly kind: ApplicationKind;
  /** As Britive names the kind of application. */
  readonly catalogueName: string;
  /** The environment bears the application's name, so that a path needs two parts. */
  readonly hierarchical: boolean;
  readonly accountId: string | null;
  /** Null where the listing does not say. */
  readonly programmatic: boolean | null;
  readonly console: boolean | null;
  readonly extendable: boolean | null;
  /** Where a Kubernetes application's cluster is, null for other kinds. */
  readonly cluster: { readonly server: string; readonly certificateAuthority: string | null } | null;
}

/** What may lead to it, all in `App/Env/Profile`. A slash within a name is escaped. */
export const pathOf = ({ application, environment, profile }: CatalogueEntry): string =>
  [application, environment, profile].map((part) => part.replaceAll('\\', '\\\\').replaceAll('/', '\\/')).join('/');

/** The parts of a path, its escapes undone; two parts stand for an application that is its own environment. */
export const splitPath = (path: string): readonly [string, string, string] | null => {
  const parts = [...path.matchAll(/(?:^|\/)((?:\\.|[^\\/])*)/gsu)].map(([, part = '']) =>
    part.replace(/\\(.)/gsu, '$1'),
  );
  const [application = '', second = '', third = second] = parts.map((part) => part.trim());
  if (parts.length < 2 || parts.length > 3 || application === '' || second === '' || third === '') return null;
  return parts.length === 2 ? [application, application, second] : [application, second, third];
};

export const idOf = ({ papId, environmentId }: Pick<CatalogueEntry, 'papId' | 'environmentId'>): string =>
  `${papId}/${environmentId}`;
