/** One thing that can be checked out: a profile in an environment of an application. */
import { joinPath } from '../../core/britive-path.ts';
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

export const pathOf = ({ application, environment, profile }: CatalogueEntry): string =>
  joinPath([application, environment, profile]);

export const idOf = ({ papId, environmentId }: Pick<CatalogueEntry, 'papId' | 'environmentId'>): string =>
  `${papId}/${environmentId}`;
