/** What a tenant's catalogue offers, and the ways to name it. */
import type { PathParts } from './britive-path.ts';
import type { ApplicationKind } from './views.ts';

type Names = readonly [application: readonly string[], environment: readonly string[], profile: readonly string[]];

export interface Offer {
  /** Tells it from all others of its session, and means nothing else. */
  readonly id: string;
  /** The same whatever else comes or goes, and nobody else's in any session, then or later. */
  readonly alias: string;
  /** The same with its session's name, for where a configured profile has the alias; the alias itself where that has it. */
  readonly qualified: string;
  readonly path: string;
  readonly kind: ApplicationKind;
  /** What a profile that leads here and nowhere else is made of: names, or ids where the names lead elsewhere, too. */
  readonly parts: PathParts;
  /** What each part of a path may be called, folded. */
  readonly names: Names;
  /** Where the cluster of a Kubernetes application is; its certificate authority in base64, null for one the system trusts. */
  readonly cluster: { readonly server: string; readonly certificateAuthority: string | null } | null;
}

/** Case and surrounding space tell nothing apart. */
export const folded = (text: string): string => text.trim().toLowerCase();

/** Whether a path leads to what has these names. */
export const leadsTo = ([application, environment, profile]: PathParts, names: Names): boolean =>
  names[2].includes(folded(profile)) &&
  names[0].includes(folded(application)) &&
  names[1].includes(folded(environment));

/** Every path that leads to what has these names, in a form to be compared. */
export const pathsTo = ([applications, environments, profiles]: Names): readonly string[] =>
  applications.flatMap((application) =>
    environments.flatMap((environment) => profiles.map((profile) => keyOf([application, environment, profile]))),
  );

export const keyOf = (parts: PathParts): string => JSON.stringify(parts.map(folded));
