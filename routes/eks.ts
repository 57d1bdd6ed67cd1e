import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BrokerApi } from '../src/core/api.ts';
import type { ClustersApi } from '../src/core/clusters.ts';
import { handOut } from './hand-out.ts';
import type { Limits } from './limits.ts';

interface EksOptions {
  readonly broker: BrokerApi;
  readonly clusters: ClustersApi;
  readonly limits: Limits;
}

/** An `ExecCredential` for one cluster. Whoever runs kubectl's plugin has one attempt and a minute's patience. */
export function addEks(app: FastifyInstance, { broker, clusters, limits }: EksOptions): void {
  const hold = () => broker.settings().refresh.hold.credentialProcessMs;
  const document = ({ params }: FastifyRequest) => {
    const { profile, cluster } = params as Named;
    return clusters.signer(profile, { cluster, region: null });
  };
  app.get('/eks/:profile/:cluster', handOut({ broker, limits, document, hold }));
}

interface Named {
  readonly profile: string;
  readonly cluster: string;
}
