/** The two calls of Amazon EKS that a kubeconfig needs. https://docs.aws.amazon.com/eks/latest/APIReference/ */
import type { EksCall } from '../../core/eks.ts';
import type { ClusterView } from '../../core/eks-views.ts';
import type { Verdict } from '../../core/types.ts';
import { baseUrl, dnsSuffix } from '../aws-endpoints.ts';
import { awsErrorName } from '../aws-error.ts';
import { transient, transientOf } from '../failures.ts';
import type { Http } from '../http.ts';
import type { JsonObject, JsonReply, Reply } from '../json-reply.ts';
import { sendJson, textField } from '../json-reply.ts';
import { signedHeaders } from '../sigv4.ts';

export interface EksHttp extends Http {
  /** Null for the region's own. */
  readonly endpoint: string | null;
}

export interface NamesPage {
  readonly names: readonly string[];
  readonly nextToken: string | null;
}

export const requestNames = (http: EksHttp, call: EksCall, nextToken: string | null): Promise<Reply> => {
  const next = nextToken === null ? '' : `&nextToken=${encodeURIComponent(nextToken)}`;
  return get(http, call, `/clusters?maxResults=100${next}`);
};

export const parseNames = (reply: Reply): Verdict<NamesPage> =>
  parse(reply, 'eks:ListClusters', (body) => {
    const names = body['clusters'];
    if (!Array.isArray(names)) return null;
    return { names: names.filter((name) => typeof name === 'string'), nextToken: textField(body, 'nextToken') };
  });

export const requestCluster = (http: EksHttp, call: EksCall, name: string): Promise<Reply> =>
  get(http, call, `/clusters/${encodeURIComponent(name)}`);

export const parseCluster = (reply: Reply): Verdict<ClusterView> => {
  const described = parse(reply, 'eks:DescribeCluster', readCluster);
  if (described.type !== 'ok') return described;
  const { name, arn, status, server, certificateAuthority } = described.value;
  if (server !== null && certificateAuthority !== null) {
    return { type: 'ok', value: { name, arn, server, certificateAuthority } };
  }
  // One that is still being made has neither an address nor a certificate.
  return { type: 'denied', why: 'bad-request', detail: `the cluster "${name}" has no address yet (${status})` };
};

const readCluster = ({ cluster }: JsonObject) => {
  if (!isObject(cluster)) return null;
  const name = textField(cluster, 'name');
  const arn = textField(cluster, 'arn');
  const authority = cluster['certificateAuthority'];
  if (name === null || arn === null) return null;
  return {
    name,
    arn,
    status: textField(cluster, 'status') ?? 'unknown',
    server: textField(cluster, 'endpoint'),
    certificateAuthority: isObject(authority) ? textField(authority, 'data') : null,
  };
};

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

const get = async ({ endpoint, ...http }: EksHttp, { keys, region, signal }: EksCall, path: string): Promise<Reply> => {
  const url = baseUrl(endpoint ?? `https://eks.${region}.${dnsSuffix(region)}`) + path;
  const at = http.clock.now();
  const request = { keys, service: 'eks', region, at, method: 'GET', url, headers: {}, body: '' } as const;
  return sendJson(http, { method: 'GET', url, headers: await signedHeaders(request), body: null }, signal);
};

const parse = <T>(reply: Reply, action: string, read: (body: JsonObject) => T | null): Verdict<T> => {
  if (reply.type === 'failure') return transientOf(reply);
  if (reply.status >= 400) return refusal(reply, action);
  const value = read(reply.body);
  if (value !== null) return { type: 'ok', value };
  return transient('bad-body', 'EKS answered without a field it promises');
};

const refusal = (reply: JsonReply, action: string): Verdict<never> => {
  const name = awsErrorName(reply);
  // What is not AWS's own refusal proves nothing.
  if (name === null) return transient('bad-body', `EKS refused (${reply.status})`);
  if (reply.status === 404) return { type: 'denied', why: 'not-found', detail: 'there is no such cluster' };
  const detail = name === 'AccessDeniedException' ? `the role needs ${action}` : `it answered ${shown(name)}`;
  return { type: 'denied', why: reply.status === 403 ? 'forbidden' : 'bad-request', detail };
};

/** From upstream, in a message. */
const shown = (name: string): string => (/^[A-Za-z]{1,60}$/.test(name) ? name : 'an error');
