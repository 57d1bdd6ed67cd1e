import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ExecCredential } from '../../src/core/eks-views.ts';
import type { Environment } from '../../src/emulator/britive/catalogue.ts';
import { type ApiServer, byAws, bySubject, startApiServer } from '../support/api-server.ts';
import { succeeded } from '../support/container-clients.ts';
import { kubectl, kubectlNote, kubectlVersion } from '../support/kubectl.ts';
import { live } from '../support/live.ts';
import { posts, signedInWorld } from '../support/tenant-live.ts';

const developer = /^arn:aws:sts::111122223333:assumed-role\/AWSReservedSSO_DeveloperAccess_\w+\/dev@example\.com$/;

/** A broker, and one cluster of EKS that answers. */
async function world(signedIn = true) {
  const server = await startApiServer(byAws('blue'));
  const cluster = { accountId: '111122223333', region: 'eu-central-1', name: 'blue', ...server };
  const broker = await live({ signedIn, knobs: { clusters: [cluster], emptyClusterLists: 1 } });
  return { broker, server };
}

describe('a cluster of EKS', () => {
  it.skipIf(kubectlVersion === null)(
    `is reached by kubectl after eks connect${kubectlNote}, by one token for many commands`,
    async () => {
      const { broker, server } = await world();
      const { stderr } = succeeded(await broker.cli(['eks', 'connect', 'dev']));
      expect(stderr).toMatch(
        /^Current context "arn:aws:eks:eu-central-1:111122223333:cluster\/blue" is in ".*\.kube\/config"\n$/,
      );
      for (const path of ['/one', '/two']) {
        const { stdout } = succeeded(await kubectl(broker.env, 'get', '--raw', path));
        expect(JSON.parse(stdout).user).toMatch(developer);
      }
      expect(new Set(server.tokens).size).toBe(1);
      expect(broker.emulator.journal.calls('GetRoleCredentials')).toHaveLength(1);
    },
  );

  it.skipIf(kubectlVersion === null)('says through kubectl that a sign-in is needed', async () => {
    const { broker } = await world();
    succeeded(await broker.cli(['eks', 'connect', 'dev']));
    succeeded(await broker.cli(['logout', 'emulated']));
    const { status, stderr } = await kubectl(broker.env, 'get', '--raw', '/');
    expect(status).not.toBe(0);
    expect(stderr).toContain('Run: credbroker login emulated');
  });

  it('is opened by the plugin and over HTTP by the same token, with nothing asked of anybody', async () => {
    const { broker, server } = await world();
    const plugin = await broker.cli(['eks', 'token', 'dev', 'blue'], {
      KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1beta1', spec: {} }),
    });
    const printed: ExecCredential = JSON.parse(succeeded(plugin).stdout);
    expect(printed.apiVersion).toBe('client.authentication.k8s.io/v1beta1');
    const { entries } = broker.emulator.journal;
    const before = entries.length;
    const { daemon } = await broker.client.status();
    const reply = await fetch(`${daemon.url}/eks/dev/blue`, { headers: { authorization: await broker.grant() } });
    expect(await reply.json()).toEqual({ ...printed, apiVersion: 'client.authentication.k8s.io/v1' });
    expect(entries).toHaveLength(before);
    expect(server.tokens).toEqual([]);
    const left = Date.parse(printed.status.expirationTimestamp ?? '') - Date.now();
    expect(left).toBeGreaterThan(12 * 60_000);
    expect(left).toBeLessThanOrEqual(14 * 60_000);
  });
});

describe('the clusters of a tenant', () => {
  it('are reached by a profile of AWS like those of any other account', async () => {
    const world = await signedInWorld();
    succeeded(await world.cli(['eks', 'connect', 'cloud-dev']));
    const { contexts } = parse(readFileSync(join(world.home, '.kube', 'config'), 'utf8'));
    expect(contexts.map(({ name }: { readonly name: string }) => name.split('/')[1])).toEqual(['blue', 'green']);
    const { stdout } = succeeded(await world.cli(['eks', 'token', 'cloud-dev', 'green']));
    const { status }: ExecCredential = JSON.parse(stdout);
    expect(await byAws('green')(status.token)).toMatch(/^arn:aws:sts::111122223333:assumed-role\/britive-managed-/);
    expect(await byAws('blue')(status.token)).toBe(null);
    expect(posts(world)).toBe(1);
  });
});

describe("the cluster of a tenant's Kubernetes application", () => {
  it.skipIf(kubectlVersion === null)(
    'is reached by kubectl after eks connect, by one checkout for many commands',
    async () => {
      const server = await startApiServer(bySubject);
      const world = await signedInWorld();
      world.emulator.britive.knobs.applications = world.emulator.britive.knobs.applications.map((application) =>
        application.name === 'Cluster'
          ? { ...application, environments: application.environments.map(at(server)) }
          : application,
      );
      succeeded(await world.cli(['profiles', 'sync', '--session', 'acme']));
      const { stderr } = succeeded(await world.cli(['eks', 'connect', 'Cluster/Cluster Reader']));
      expect(stderr).toMatch(/^Current context "[\w-]+" is in ".*\.kube\/config"\n$/);
      for (const path of ['/one', '/two']) {
        const { stdout } = succeeded(await kubectl(world.env, 'get', '--raw', path));
        expect(JSON.parse(stdout)).toEqual({ user: expect.stringMatching(/./) });
      }
      expect(new Set(server.tokens).size).toBe(1);
      expect(posts(world)).toBe(1);
    },
  );

  it('is refused for an application of another kind', async () => {
    const world = await signedInWorld();
    expect(await world.cli(['eks', 'connect', 'Directory/Contributor'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('has no clusters. Name one of AWS or Kubernetes'),
    });
    expect(posts(world)).toBe(0);
  });
});

const at =
  ({ endpoint, certificateAuthority }: ApiServer) =>
  (environment: Environment): Environment => ({
    ...environment,
    properties: { apiServerUrl: endpoint, certificateAuthorityData: certificateAuthority },
  });
