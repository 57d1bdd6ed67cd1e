import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { epoch } from '../../src/core/types.ts';
import { type Knobs, startEmulator } from '../../src/emulator/index.ts';
import { clusterToken } from '../../src/providers/eks/token.ts';
import { type SignedRequest, signedHeaders } from '../../src/providers/sigv4.ts';
import { urlIn } from '../support/cluster-token.ts';
import { emulated } from '../support/emulated.ts';
import { OidcClient } from '../support/oidc-client.ts';
import { clis, homeFor, type RealClient, run } from '../support/real-clients.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

async function world(knobs: Partial<Knobs> = {}) {
  const { emulator, clock, oidc } = await emulated(knobs);
  const { accessToken } = await oidc.logIn(await oidc.register());
  const { body } = await oidc.roleCredentials(accessToken);
  const keys = body['roleCredentials'] as Keys;
  const ask = async (path: string, changes: Partial<SignedRequest> = {}) => {
    const url = emulator.environment.AWS_ENDPOINT_URL_EKS + path;
    const own = {
      keys,
      service: 'eks',
      region: 'eu-central-1',
      at: clock.now(),
      method: 'GET',
      url,
      body: '',
    } as const;
    const { host: _host, ...headers } = await signedHeaders({ ...own, headers: {}, ...changes });
    const answer = await fetch(url, { headers });
    return {
      status: answer.status,
      type: answer.headers.get('x-amzn-errortype')?.split(':')[0] ?? null,
      body: JSON.parse(await answer.text()),
    };
  };
  return { emulator, clock, ask, keys };
}

describe('the emulated EKS', () => {
  it('lists the clusters of the account in the region that was signed for', async () => {
    const { ask } = await world();
    expect(await ask('/clusters')).toEqual({
      status: 200,
      type: null,
      body: { clusters: ['blue', 'green'], nextToken: null },
    });
    expect((await ask('/clusters', { region: 'us-east-1' })).body).toEqual({ clusters: [], nextToken: null });
  });

  it('lists them page by page', async () => {
    const { ask } = await world();
    const { clusters, nextToken } = (await ask('/clusters?maxResults=1')).body;
    expect(clusters).toEqual(['blue']);
    const rest = (await ask(`/clusters?maxResults=1&nextToken=${nextToken}`)).body;
    expect(rest).toEqual({ clusters: ['green'], nextToken: null });
  });

  it.each(['maxResults=0', 'maxResults=101', 'nextToken=x'])('refuses a page of "%s"', async (query) => {
    const { ask } = await world();
    expect(await ask(`/clusters?${query}`)).toMatchObject({ status: 400, type: 'InvalidParameterException' });
  });

  it('describes a cluster, and knows none of another account', async () => {
    const { ask } = await world();
    const { body } = await ask('/clusters/blue');
    expect(body.cluster).toMatchObject({ name: 'blue', status: 'ACTIVE', endpoint: expect.stringMatching(/^https:/) });
    expect(Buffer.from(body.cluster.certificateAuthority.data, 'base64').toString()).toMatch(/^-----BEGIN CERTIFICATE/);
    expect(await ask('/clusters/staging')).toEqual({
      status: 404,
      type: 'ResourceNotFoundException',
      body: { clusterName: 'staging', message: 'No cluster found for name: staging.' },
    });
  });

  it.each<[string, (keys: Keys) => Partial<SignedRequest>, string]>([
    ['another service', () => ({ service: 'sts' }), 'InvalidSignatureException'],
    ['another path', () => ({ url: 'http://127.0.0.1/clusters' }), 'InvalidSignatureException'],
    [
      'a key that nobody knows',
      (keys) => ({ keys: { ...keys, accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' } }),
      'UnrecognizedClientException',
    ],
  ])('refuses what was signed for %s', async (_what, change, type) => {
    const { ask, keys } = await world();
    expect(await ask('/clusters', change(keys))).toMatchObject({ status: 403, type });
  });

  it('refuses the unsigned', async () => {
    const { emulator } = await world();
    const answer = await fetch(`${emulator.environment.AWS_ENDPOINT_URL_EKS}/clusters`);
    expect([answer.status, answer.headers.get('x-amzn-errortype')?.split(':')[0]]).toEqual([
      403,
      'MissingAuthenticationTokenException',
    ]);
  });
});

/** With the environment of a shell that somebody has exported keys in. Real clients have the real time. */
async function shell(client: RealClient) {
  const emulator = await startEmulator({ port: 0, now: Date.now, knobs: {} });
  onTestFinished(() => emulator.close());
  const oidc = new OidcClient(emulator);
  const { accessToken } = await oidc.logIn(await oidc.register());
  const keys = (await oidc.roleCredentials(accessToken)).body['roleCredentials'] as Keys;
  const home = homeFor(client, emulator, tempDir());
  const env = {
    ...home.env,
    // botocore alone reads only this one.
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken,
  };
  return {
    emulator,
    keys,
    aws: (...words: readonly string[]) => run(client.command, words, { path: home.path, env }),
    home,
  };
}

/** All but what a signature makes of the moment. */
const timeless = (url: string): string => url.replace(/(X-Amz-Date|X-Amz-Signature)=[^&]+/g, '$1');

describe.each(clis)('$name', (client) => {
  it('lists and describes the clusters, and writes a kubeconfig of them', async () => {
    const { aws, home } = await shell(client);
    expect(JSON.parse(await aws('eks', 'list-clusters', '--output', 'json'))).toEqual({ clusters: ['blue', 'green'] });
    await aws('eks', 'update-kubeconfig', '--name', 'blue');
    const { contexts } = parse(readFileSync(join(home.path, '.kube', 'config'), 'utf8'));
    expect(contexts[0].name).toBe('arn:aws:eks:eu-central-1:111122223333:cluster/blue');
  });

  it('makes the same token of the same keys, which STS takes with the name of the cluster', async () => {
    const { aws, emulator, keys } = await shell(client);
    const { status } = JSON.parse(await aws('eks', 'get-token', '--cluster-name', 'blue', '--output', 'json'));
    const theirs = urlIn(status.token);
    const at = { keys, region: 'eu-central-1', at: epoch(Date.now()) };
    const ours = urlIn(await clusterToken(emulator.environment.AWS_ENDPOINT_URL_STS, at, 'blue'));
    // An old one knows no endpoint variable, and signs for the address it was given without a slash.
    expect(timeless(ours).replace('/sts/?', '/sts?')).toBe(timeless(theirs).replace('/sts/?', '/sts?'));
    for (const url of [ours, theirs]) {
      const identify = async (cluster: string) => (await fetch(url, { headers: { 'x-k8s-aws-id': cluster } })).status;
      expect([await identify('blue'), await identify('green')]).toEqual([200, 403]);
    }
  });
});
