import { base64url } from 'jose';
import type { EksSigning } from '../../core/eks.ts';
import { baseUrl, dnsSuffix } from '../aws-endpoints.ts';
import { presignedUrl } from '../sigv4.ts';

/**
 * A bearer token of EKS: the signed URL of an STS call that says who its caller is, for this one cluster's eyes. The
 * cluster calls it with the header. https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
export const clusterToken = async (
  endpoint: string | null,
  { keys, region, at }: EksSigning,
  cluster: string,
): Promise<string> => {
  const host = baseUrl(endpoint ?? `https://sts.${region}.${dnsSuffix(region)}`);
  const url = `${host}/?Action=GetCallerIdentity&Version=2011-06-15`;
  const headers = { 'x-k8s-aws-id': cluster };
  const request = { keys, service: 'sts', region, at, method: 'GET', url, headers, body: '' } as const;
  return `k8s-aws-v1.${base64url.encode(await presignedUrl(request, expiresSeconds))}`;
};

/** What every client writes. STS takes such a URL for 15 minutes all the same; old authenticators refuse any other number. */
const expiresSeconds = 60;
