import type { BrokerApi } from '../../src/core/api.ts';
import { Clusters } from '../../src/core/clusters.ts';
import type { EksCall, EksSigning, EksUpstream } from '../../src/core/eks.ts';
import type { ClusterView } from '../../src/core/eks-views.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { Verdict } from '../../src/core/types.ts';

/** Answers as it is told and keeps what it was asked. A token says what it was signed for. */
export class FakeEks implements EksUpstream {
  readonly calls: EksCall[] = [];
  readonly signed: EksSigning[] = [];
  names: Verdict<readonly string[]> = { type: 'ok', value: [] };
  clusters = new Map<string, Verdict<ClusterView>>();
  /** A signature waits for it. */
  signing = async (): Promise<void> => {};

  list = async (call: EksCall): Promise<Verdict<readonly string[]>> => {
    this.calls.push(call);
    return this.names;
  };

  describe = async (call: EksCall, cluster: string): Promise<Verdict<ClusterView>> => {
    this.calls.push(call);
    return this.clusters.get(cluster) ?? { type: 'denied', why: 'not-found', detail: 'there is no such cluster' };
  };

  token = async (signing: EksSigning, cluster: string): Promise<string> => {
    this.signed.push(signing);
    await this.signing();
    return `token ${this.signed.length} of ${cluster} in ${signing.region}`;
  };
}

export const clustersOf = (broker: BrokerApi, clock: Clock, upstream: EksUpstream = new FakeEks()): Clusters =>
  new Clusters({ broker, clock, upstream });
