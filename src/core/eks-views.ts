/** What the control plane shows of Kubernetes clusters. JSON shapes, as in `views.ts`. */

/** Where a profile's clusters are looked for. */
export interface ClusterBody {
  /** Null for the profile's own. */
  readonly region: string | null;
}

export interface ClusterPlace extends ClusterBody {
  readonly cluster: string;
}

export interface ClusterNamesView {
  /** Null where clusters have no region. */
  readonly region: string | null;
  readonly names: readonly string[];
}

/** What a kubeconfig says of one. */
export interface ClusterView {
  readonly name: string;
  /** Null for a cluster that is not in AWS. */
  readonly arn: string | null;
  readonly server: string;
  /** Base64 of PEM, null for one that the system trusts. */
  readonly certificateAuthority: string | null;
}

/** What kubectl reads of an exec plugin: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
export interface ExecCredential {
  readonly kind: 'ExecCredential';
  readonly apiVersion: string;
  readonly status: { readonly token: string; readonly expirationTimestamp?: string };
}
