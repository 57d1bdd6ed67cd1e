/** The clusters of Amazon EKS, behind any profile of AWS: which there are, and the tokens that open them. */
import type { GetOptions } from './api.ts';
import type { ClustersApi, ClustersOptions } from './clusters.ts';
import { EksTokens, keysOf } from './eks-tokens.ts';
import type { ClusterNamesView, ClusterPlace, ClusterView } from './eks-views.ts';
import { BrokerError } from './errors.ts';
import { failureOf, toError } from './failure.ts';
import type { EpochMs, Verdict } from './types.ts';

export interface EksSigning {
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string };
  readonly region: string;
  readonly at: EpochMs;
}

export interface EksCall extends Omit<EksSigning, 'at'> {
  readonly signal: AbortSignal;
}

/** Rejects with a `BrokerError` where it is set up wrong; every other outcome is a verdict. */
export interface EksUpstream {
  /** The names of all clusters in the region. */
  readonly list: (call: EksCall) => Promise<Verdict<readonly string[]>>;
  readonly describe: (call: EksCall, cluster: string) => Promise<Verdict<ClusterView>>;
  /** Signs, and asks nobody. */
  readonly token: (signing: EksSigning, cluster: string) => Promise<string>;
}

export class Eks {
  readonly #options: ClustersOptions;
  readonly #tokens: EksTokens;

  constructor(options: ClustersOptions) {
    this.#options = options;
    this.#tokens = new EksTokens(options.clock, options.upstream.token);
  }

  /** Throws for what cannot be the name of a cluster. */
  signer({ cluster, region }: ClusterPlace): ReturnType<ClustersApi['signer']> {
    refuseName(cluster);
    return (served) => this.#tokens.get(served, { region: this.#regionOf(served.profile, region), cluster });
  }

  async list(profile: string, region: string | null, options: GetOptions): Promise<ClusterNamesView> {
    const call = await this.#call(profile, region, options);
    const verdict = await this.#options.upstream.list(call);
    if (verdict.type === 'ok') return { region: call.region, names: verdict.value };
    throw refusal(call, verdict);
  }

  async describe(profile: string, { region, cluster }: ClusterPlace, options: GetOptions): Promise<ClusterView> {
    refuseName(cluster);
    const call = await this.#call(profile, region, options);
    const verdict = await this.#options.upstream.describe(call, cluster);
    if (verdict.type === 'ok') return verdict.value;
    if (verdict.type === 'denied' && verdict.why === 'not-found') {
      throw new BrokerError('NotFound', `There is no cluster "${cluster}" in ${call.region}`);
    }
    throw refusal(call, verdict);
  }

  async #call(profile: string, asked: string | null, options: GetOptions): Promise<EksCall> {
    const { broker } = this.#options;
    const held = broker.peek(profile);
    const region = this.#regionOf(profile, asked);
    const served = held ?? (await broker.get(profile, options));
    return { keys: keysOf(served), region, signal: options.signal };
  }

  #regionOf(profile: string, asked: string | null): string {
    const region = asked ?? this.#options.broker.settings().profiles.get(profile)?.region ?? null;
    if (region === null) {
      throw new BrokerError(
        'BadRequest',
        `Profile "${profile}" has no region. Add one to it, or name one with --region`,
      );
    }
    if (/^[a-z][a-z0-9-]{3,40}$/.test(region)) return region;
    throw new BrokerError('BadRequest', `"${region}" is no region. Name one such as us-east-1`);
  }
}

/** The name becomes a header, and part of a path. https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html */
function refuseName(cluster: string): void {
  if (/^[0-9A-Za-z][\w-]{0,99}$/.test(cluster)) return;
  throw new BrokerError(
    'BadRequest',
    'A cluster has a name of letters, digits, "-" and "_" that begins with one of the first two',
  );
}

const refusal = ({ region }: EksCall, verdict: Exclude<Verdict<never>, { type: 'ok' }>): BrokerError =>
  toError(failureOf(`EKS in ${region}`, verdict));
