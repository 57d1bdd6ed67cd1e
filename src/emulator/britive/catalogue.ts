/** What can be checked out in the emulated tenant, and under which conditions. Durations are milliseconds. */

export type AccessType = 'PROGRAMMATIC' | 'CONSOLE';

export interface Application {
  readonly appId: string;
  readonly name: string;
  /** As the tenant spells it: `AWS`, `AWS Standalone`, `Azure`, `GCP`, `Kubernetes`, … */
  readonly kind: string;
  /** Its one environment has its own name, and people leave it out of paths. */
  readonly isHierarchical: boolean;
  readonly environments: readonly Environment[];
  readonly profiles: readonly Profile[];
}

export interface Environment {
  /** An account number at AWS. */
  readonly environmentId: string;
  readonly name: string;
  readonly alternateName: string;
  /** For Kubernetes: `apiServerUrl` and `certificateAuthorityData`. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface Step {
  /** One of the tenant's, or one that no client knows. */
  readonly status: string;
  /** Since the step before. */
  readonly afterMs: number;
  readonly errorMessage: string | null;
}

export interface Profile {
  readonly papId: string;
  readonly name: string;
  readonly environmentIds: readonly string[];
  readonly accessTypes: readonly AccessType[];
  readonly lifeMs: number;
  /** Null where a checkout cannot be extended. */
  readonly extension: { readonly byMs: number; readonly limit: number } | null;
  /** Whether the people of the tenant may use it. */
  readonly isEntitled: boolean;
  /** What a checkout goes through; it stays at the last step. */
  readonly checkout: readonly Step[];
  /** What a check-in goes through. */
  readonly checkin: readonly Step[];
  /** Null where none is asked for. */
  readonly justification: { readonly pattern: string | null } | null;
  readonly ticket: TicketRule | null;
  readonly needsApproval: boolean;
  readonly needsStepUp: boolean;
}

export interface TicketRule {
  /** Such as `jira`. */
  readonly connection: string;
  readonly types: readonly string[];
  readonly ids: readonly string[];
}

/** One thing to check out. */
export interface Access {
  readonly application: Application;
  readonly environment: Environment;
  readonly profile: Profile;
}

export const accesses = (applications: readonly Application[]): readonly Access[] =>
  applications.flatMap((application) =>
    application.profiles.flatMap((profile) =>
      application.environments
        .filter(({ environmentId }) => profile.environmentIds.includes(environmentId))
        .map((environment) => ({ application, environment, profile })),
    ),
  );

/** What the tenant shows its people. */
export const entitledAccesses = (applications: readonly Application[]): readonly Access[] =>
  accesses(applications).filter(({ profile }) => profile.isEntitled);
