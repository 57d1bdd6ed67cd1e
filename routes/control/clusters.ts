import type { FastifyInstance, FastifyReply } from 'fastify';
import type { BrokerApi, GetOptions } from '../../src/core/api.ts';
import type { ClustersApi } from '../../src/core/clusters.ts';
import type { ClusterBody } from '../../src/core/eks-views.ts';
import { fixedHeaders } from '../errors.ts';
import { hungUp } from '../hand-out.ts';

interface Asks {
  readonly Params: { readonly name: string };
  readonly Body: ClusterBody;
}

interface AsksOne extends Asks {
  readonly Params: { readonly name: string; readonly cluster: string };
}

const clusterBody = {
  type: 'object',
  required: ['region'],
  additionalProperties: false,
  properties: { region: { type: ['string', 'null'], minLength: 1 } },
} as const;

const schema = { body: clusterBody } as const;

/** The clusters that a profile reaches. */
export function addClusters(app: FastifyInstance, broker: BrokerApi, clusters: ClustersApi): void {
  /** One attempt, and time for a person to sign in. */
  const patience = (reply: FastifyReply): GetOptions => ({
    holdMs: broker.settings().refresh.hold.credentialProcessMs,
    signal: hungUp(reply),
  });

  app.post<Asks>('/v1/profiles/:name/clusters', { schema }, ({ params, body }, reply) =>
    clusters.list(params.name, body.region, patience(reply)),
  );

  app.post<AsksOne>('/v1/profiles/:name/clusters/:cluster', { schema }, ({ params, body }, reply) =>
    clusters.describe(params.name, { ...body, cluster: params.cluster }, patience(reply)),
  );

  app.post<AsksOne>('/v1/profiles/:name/clusters/:cluster/token', { schema }, async ({ params, body }, reply) => {
    const place = { ...body, cluster: params.cluster };
    const credential = await clusters.credential(params.name, place, patience(reply));
    return reply.headers(fixedHeaders).send(credential);
  });
}
