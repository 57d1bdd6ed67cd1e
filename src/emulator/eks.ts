/** Amazon EKS, as far as a kubeconfig needs it: the clusters of the caller's account, in the region that was signed for. */
import { type Call, type Handler, json } from './call.ts';
import { eksError } from './errors.ts';
import type { Keys } from './keys.ts';
import type { Cluster, Knobs } from './knobs.ts';
import { type Paging, pageOf } from './paging.ts';
import { hexOf } from './random.ts';
import { type SignatureFault, verifySignature } from './sigv4.ts';

export interface EksParts {
  readonly knobs: Knobs;
  readonly keys: Keys;
  readonly now: () => number;
}

export const listClusters =
  (parts: EksParts): Handler =>
  (call) => {
    const { knobs } = parts;
    const names = clustersFor(parts, call).map(({ name }) => name);
    const isEarly = knobs.emptyClusterLists > 0;
    if (isEarly) knobs.emptyClusterLists -= 1;
    const { items, nextToken } = pageOf(call, isEarly ? [] : names, paging(knobs));
    return json(200, { clusters: items, nextToken });
  };

export const describeCluster =
  (parts: EksParts): Handler =>
  (call) => {
    const name = decodeURIComponent(call.path.slice(call.path.lastIndexOf('/') + 1));
    const found = clustersFor(parts, call).find((cluster) => cluster.name === name);
    if (found !== undefined) return json(200, { cluster: described(found) });
    throw eksError('ResourceNotFoundException', `No cluster found for name: ${name}.`, { clusterName: name });
  };

function clustersFor({ knobs, keys, now }: EksParts, call: Call): readonly Cluster[] {
  const { principal, region } = verifySignature(call, { service: 'eks', keys, now: now(), refuse });
  return knobs.clusters.filter((cluster) => cluster.accountId === principal.accountId && cluster.region === region);
}

const faults = {
  ExpiredToken: 'ExpiredTokenException',
  IncompleteSignature: 'IncompleteSignatureException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
} as const satisfies Readonly<Record<SignatureFault, string>>;

const refuse = (fault: SignatureFault, message: string) => eksError(faults[fault], message);

const paging = ({ pageSize }: Knobs): Paging => ({
  pageSize,
  names: { token: 'nextToken', size: 'maxResults' },
  refuse: (message) => eksError('InvalidParameterException', message),
});

/** Times are seconds in this protocol. */
const described = ({ accountId, region, name, endpoint, certificateAuthority }: Cluster) => ({
  name,
  arn: `arn:aws:eks:${region}:${accountId}:cluster/${name}`,
  createdAt: 1_767_225_600,
  version: '1.33',
  endpoint,
  roleArn: `arn:aws:iam::${accountId}:role/eks-${name}`,
  resourcesVpcConfig: {
    subnetIds: [],
    securityGroupIds: [],
    vpcId: `vpc-${hexOf(`${accountId}/${name}`, 17)}`,
    endpointPublicAccess: true,
    endpointPrivateAccess: false,
    publicAccessCidrs: ['0.0.0.0/0'],
  },
  status: 'ACTIVE',
  certificateAuthority: { data: certificateAuthority },
  platformVersion: 'eks.1',
  tags: {},
});
