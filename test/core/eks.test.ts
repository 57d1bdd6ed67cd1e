import { describe, expect, it } from 'vitest';
import type { Served } from '../../src/core/api.ts';
import { EksTokens } from '../../src/core/eks-tokens.ts';
import type { ExecCredential } from '../../src/core/eks-views.ts';
import { epoch } from '../../src/core/types.ts';
import { canaries, credentials, FakeBroker, servedFor } from '../support/fake-broker.ts';
import { FakeClock, minutes } from '../support/fake-clock.ts';
import { clustersOf, FakeEks } from '../support/fake-eks.ts';
import { settingsWith } from '../support/test-broker.ts';

const place = { region: 'eu-central-1', cluster: 'blue' };

function world() {
  const clock = new FakeClock();
  const upstream = new FakeEks();
  const tokens = new EksTokens(clock, upstream.token);
  const get = async (served: Served, where = place): Promise<ExecCredential['status']> => {
    const document: ExecCredential = JSON.parse(new TextDecoder().decode(await tokens.get(served, where)));
    expect(document).toMatchObject({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1' });
    return document.status;
  };
  return { clock, upstream, tokens, get };
}

const endingIn = (ms: number, clock: FakeClock): Served =>
  servedFor('dev', { ...credentials, expiresAt: epoch(clock.now() + ms) });

describe('the token of a cluster', () => {
  it('is signed with the credentials that are served, and says that it ends after 14 minutes', async () => {
    const { clock, upstream, get } = world();
    const status = await get(endingIn(minutes(60), clock));
    expect(status).toEqual({
      token: 'token 1 of blue in eu-central-1',
      expirationTimestamp: '2026-11-21T09:14:00Z',
    });
    expect(upstream.signed).toEqual([{ keys: canaries, region: 'eu-central-1', at: clock.now() }]);
  });

  it('never says that it outlives its credentials', async () => {
    const { clock, get } = world();
    expect((await get(endingIn(minutes(6), clock))).expirationTimestamp).toBe('2026-11-21T09:06:00Z');
  });

  it.each([
    ['from memory, without a promise, while it has more than 5 minutes left', minutes(9) - 1, 1],
    ['anew once it has 5 minutes left', minutes(9), 2],
  ])('is handed out %s', async (_how, later, signatures) => {
    const { clock, upstream, tokens, get } = world();
    const served = endingIn(minutes(60), clock);
    await get(served);
    clock.advance(later);
    const again = tokens.get(served, place);
    expect(again instanceof Uint8Array).toBe(signatures === 1);
    await again;
    expect(upstream.signed).toHaveLength(signatures);
  });

  it('is another one for every cluster, every region and every generation of the credentials', async () => {
    const { clock, upstream, get } = world();
    const served = endingIn(minutes(60), clock);
    const tokens = [
      await get(served),
      await get(served, { ...place, cluster: 'green' }),
      await get(served, { ...place, region: 'eu-west-1' }),
      await get(endingIn(minutes(60), clock)),
    ];
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(4);
    await get(served);
    expect(upstream.signed).toHaveLength(4);
  });

  it('is forgotten for the clusters that were asked for least lately, however many names callers make up', async () => {
    const { clock, upstream, get } = world();
    const served = endingIn(minutes(60), clock);
    for (let count = 0; count < 65; count++) await get(served, { ...place, cluster: `made-up-${count}` });
    await get(served, { ...place, cluster: 'made-up-64' });
    expect(upstream.signed).toHaveLength(65);
    await get(served, { ...place, cluster: 'made-up-0' });
    expect(upstream.signed).toHaveLength(66);
  });
});

const options = { holdMs: 800, signal: new AbortController().signal };

function eksWorld(region: string | null = 'eu-central-1') {
  const { clock, upstream } = world();
  const settings = settingsWith();
  const dev = settings.profiles.get('dev');
  const broker = new FakeBroker({ ...settings, profiles: new Map(dev ? [['dev', { ...dev, region }]] : []) });
  broker.warm.set('dev', servedFor('dev'));
  return { upstream, broker, clusters: clustersOf(broker, clock, upstream) };
}

describe('the clusters of a profile', () => {
  it("are looked for in the profile's region, and in another one where that is asked", async () => {
    const { clusters, upstream } = eksWorld();
    upstream.names = { type: 'ok', value: ['blue', 'green'] };
    expect(await clusters.list('dev', null, options)).toEqual({ region: 'eu-central-1', names: ['blue', 'green'] });
    expect(await clusters.list('dev', 'us-east-1', options)).toMatchObject({ region: 'us-east-1' });
    expect(upstream.calls.map(({ keys, region }) => [keys.accessKeyId, region])).toEqual([
      [canaries.accessKeyId, 'eu-central-1'],
      [canaries.accessKeyId, 'us-east-1'],
    ]);
  });

  it('are not looked for without a region, and the message names the flag', async () => {
    const { clusters, upstream } = eksWorld(null);
    await expect(clusters.list('dev', null, options)).rejects.toMatchObject({
      code: 'BadRequest',
      message: 'Profile "dev" has no region. Add one to it, or name one with --region',
    });
    expect(upstream.calls).toEqual([]);
  });

  it.each(['', 'eu-central-1.evil.example/', 'EU', 'a b'])('are not looked for in "%s"', async (region) => {
    const { clusters, upstream } = eksWorld();
    await expect(clusters.list('dev', region, options)).rejects.toMatchObject({ code: 'BadRequest' });
    expect(upstream.calls).toEqual([]);
  });

  it.each(['', '-blue', 'bl/ue', 'blue\r\nx-evil: 1', 'b'.repeat(101), 'blü'])(
    'cannot be called "%s"',
    async (cluster) => {
      const { clusters, upstream } = eksWorld();
      expect(() => clusters.signer('dev', { cluster, region: null })).toThrow(/^A cluster has a name/);
      await expect(clusters.describe('dev', { region: null, cluster }, options)).rejects.toMatchObject({
        code: 'BadRequest',
      });
      expect(upstream.calls).toEqual([]);
    },
  );

  it('tell an unknown profile from an unknown cluster', async () => {
    const { clusters } = eksWorld();
    await expect(clusters.list('nope', null, options)).rejects.toMatchObject({ code: 'ProfileNotFound' });
    await expect(clusters.describe('dev', { region: null, cluster: 'nope' }, options)).rejects.toMatchObject({
      code: 'NotFound',
      message: 'There is no cluster "nope" in eu-central-1',
    });
  });

  it('say who refused, and what the role lacks', async () => {
    const { clusters, upstream } = eksWorld();
    upstream.names = { type: 'denied', why: 'forbidden', detail: 'the role needs eks:ListClusters' };
    await expect(clusters.list('dev', null, options)).rejects.toMatchObject({
      code: 'AccessDenied',
      message: 'EKS in eu-central-1 denied access: the role needs eks:ListClusters',
    });
  });
});
