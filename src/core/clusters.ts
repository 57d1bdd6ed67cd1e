/** The Kubernetes clusters behind any profile: those of EKS in an AWS account, or the one of a tenant's application. */
import type { BrokerApi, GetOptions, Served } from './api.ts';
import { ApplicationClusters } from './application-clusters.ts';
import { Eks, type EksUpstream } from './eks.ts';
import type { ClusterNamesView, ClusterPlace, ClusterView } from './eks-views.ts';
import { BrokerError } from './errors.ts';
import type { Clock } from './ports.ts';
import type { BritiveProfileSettings } from './settings.ts';

/** What the edges may ask. All of it throws or rejects with a `BrokerError`. */
export interface ClustersApi {
  readonly list: (profile: string, region: string | null, options: GetOptions) => Promise<ClusterNamesView>;
  readonly describe: (profile: string, place: ClusterPlace, options: GetOptions) => Promise<ClusterView>;
  /** An `ExecCredential` (v1). */
  readonly credential: (profile: string, place: ClusterPlace, options: GetOptions) => Promise<Uint8Array>;
  /** What makes one of AWS credentials, at once where it is held. */
  readonly signer: (profile: string, place: ClusterPlace) => (served: Served) => Uint8Array | Promise<Uint8Array>;
}

export interface ClustersOptions {
  readonly broker: BrokerApi;
  readonly clock: Clock;
  readonly upstream: EksUpstream;
}

export class Clusters implements ClustersApi {
  readonly #broker: BrokerApi;
  readonly #eks: Eks;
  readonly #applications: ApplicationClusters;

  constructor({ broker, clock, upstream }: ClustersOptions) {
    this.#broker = broker;
    this.#eks = new Eks({ broker, clock, upstream });
    this.#applications = new ApplicationClusters(broker, clock);
  }

  async list(name: string, region: string | null, options: GetOptions): Promise<ClusterNamesView> {
    const application = this.#applicationOf(name);
    return application ? this.#applications.list(application) : this.#eks.list(name, region, options);
  }

  async describe(name: string, place: ClusterPlace, options: GetOptions): Promise<ClusterView> {
    const application = this.#applicationOf(name);
    return application ? this.#applications.describe(application) : this.#eks.describe(name, place, options);
  }

  async credential(name: string, place: ClusterPlace, options: GetOptions): Promise<Uint8Array> {
    const application = this.#applicationOf(name);
    if (application) return this.#applications.token(application, options.signal);
    const sign = this.#eks.signer(place);
    return sign(this.#broker.peek(name) ?? (await this.#broker.get(name, options)));
  }

  signer(name: string, place: ClusterPlace): ReturnType<ClustersApi['signer']> {
    if (this.#applicationOf(name) === null) return this.#eks.signer(place);
    throw new BrokerError(
      'BadRequest',
      `Profile "${name}" is a Kubernetes application. Run: credbroker eks connect ${name}`,
    );
  }

  /** Null for AWS, and for what is not known yet. */
  #applicationOf(name: string): BritiveProfileSettings | null {
    const profile = this.#broker.settings().profiles.get(name);
    const kind = profile?.kind === 'britive' ? (profile.offer?.kind ?? null) : null;
    if (kind === null || kind === 'aws' || profile?.kind !== 'britive') return null;
    if (kind === 'kubernetes') return profile;
    throw new BrokerError('BadRequest', `Profile "${name}" has no clusters. Name one of AWS or Kubernetes`);
  }
}
