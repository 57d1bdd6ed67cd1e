import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/core/errors.ts';
import type { Offer } from '../../src/core/offers.ts';
import type { BritiveProfileSettings } from '../../src/core/settings.ts';
import { type EpochMs, epoch } from '../../src/core/types.ts';
import { FakeBroker, servedFor } from '../support/fake-broker.ts';
import { FakeClock, minutes } from '../support/fake-clock.ts';
import { session } from '../support/fake-daemon.ts';
import { clustersOf, FakeEks } from '../support/fake-eks.ts';
import { configured, offer, settingsOf } from '../support/offers.ts';

const path = ['Cluster', 'Cluster', 'Cluster Reader'] as const;
const cluster = { server: 'https://k8s.example:6443', certificateAuthority: 'Q0E=' };
const place = { cluster: 'Cluster', region: null };
const options = { holdMs: 800, signal: new AbortController().signal };

function world(offered: Partial<Offer> | null = {}) {
  const settings: BritiveProfileSettings = {
    ...configured('k8s', path.join('/')),
    offer: offered === null ? null : { ...offer('k8s', path), kind: 'kubernetes', cluster, ...offered },
  };
  const clock = new FakeClock();
  const broker = new FakeBroker(settingsOf([settings]));
  broker.sessionViews = [session('acme', { provider: 'britive' })];
  broker.issued = issuing('jwt-1', epoch(clock.now() + minutes(60)));
  const eks = new FakeEks();
  const clusters = clustersOf(broker, clock, eks);
  const credential = async () => JSON.parse(new TextDecoder().decode(await clusters.credential('k8s', place, options)));
  return { clock, broker, eks, clusters, credential };
}

const issuing = (token: string, expiresAt: EpochMs | null) => ({
  transaction: 't-1',
  expiresAt,
  document: { kind: 'kubernetes', token },
});

describe('the cluster of a Kubernetes application', () => {
  it('is the one of its catalogue, without a region and without anybody being asked', async () => {
    const { clusters, broker, eks } = world();
    expect(await clusters.list('k8s', null, options)).toEqual({ region: null, names: ['Cluster'] });
    expect(await clusters.describe('k8s', place, options)).toEqual({ name: 'Cluster', arn: null, ...cluster });
    expect([broker.waiting, broker.issues, eks.calls]).toEqual([[], [], []]);
  });

  it('cannot be described where the tenant does not say where it is', async () => {
    const { clusters } = world({ cluster: null });
    await expect(clusters.describe('k8s', place, options)).rejects.toMatchObject({
      code: 'NotFound',
      message: 'The tenant does not say where the cluster of "k8s" is. Run: credbroker profiles sync',
    });
  });

  it("is opened by the checkout's token until the checkout ends", async () => {
    const { credential, broker } = world();
    expect(await credential()).toEqual({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1',
      status: { token: 'jwt-1', expirationTimestamp: '2026-11-21T10:00:00Z' },
    });
    expect(broker.issues).toEqual([{ profile: 'k8s', options: { as: 'payload', wish: null, signal: options.signal } }]);
  });

  it('is opened by a token without an end where the tenant names none', async () => {
    const { credential, broker } = world();
    broker.issued = issuing('jwt-1', null);
    expect((await credential()).status).toEqual({ token: 'jwt-1' });
  });

  it.each([
    ['from memory for 5 minutes', minutes(5) - 1, minutes(60), 1],
    ['asked for again after 5 minutes, since the checkout may have been given back', minutes(5), minutes(60), 2],
    ['asked for again in the last minute of its checkout', minutes(2), minutes(3), 2],
  ])('is opened by a token that is %s', async (_how, laterMs, lifeMs, asked) => {
    const { credential, broker, clock } = world();
    broker.issued = issuing('jwt-1', epoch(clock.now() + lifeMs));
    await credential();
    clock.advance(laterMs);
    await credential();
    expect(broker.issues).toHaveLength(asked);
  });

  it('is not opened from memory once somebody has signed out of its session', async () => {
    const { credential, broker } = world();
    await credential();
    broker.sessionViews = [session('acme', { state: 'signed-out' })];
    for (const changed of broker.watchers) changed();
    expect(broker.watchers.size).toBe(0);
    broker.sessionViews = [session('acme')];
    await credential();
    expect(broker.issues).toHaveLength(2);
  });

  it.each([
    ['LoginRequired', minutes(60), 'jwt-1'],
    ['UpstreamUnavailable', minutes(60), 'jwt-1'],
    ['AccessDenied', minutes(60), 'AccessDenied'],
    ['ApprovalRequired', minutes(60), 'ApprovalRequired'],
    ['LoginRequired', minutes(6) + 1, 'jwt-1'],
    ['LoginRequired', minutes(6), 'LoginRequired'],
  ] as const)('when the tenant answers %s to a token of %d ms is opened by: %s', async (code, lifeMs, outcome) => {
    const { credential, broker, clock } = world();
    broker.issued = issuing('jwt-1', epoch(clock.now() + lifeMs));
    await credential();
    clock.advance(minutes(5));
    Object.assign(broker.errands, { issue: () => Promise.reject(new BrokerError(code, 'no')) });
    const opened = await credential().then(
      ({ status }) => status.token,
      (error: BrokerError) => error.code,
    );
    expect(opened).toBe(outcome);
  });

  it('is not opened from memory by what arrived after a sign-out', async () => {
    const { credential, broker } = world();
    broker.sessionViews = [session('acme', { state: 'signed-out' })];
    await credential();
    broker.sessionViews = [session('acme')];
    await credential();
    expect(broker.issues).toHaveLength(2);
  });

  it('is not opened by a checkout that holds no token', async () => {
    const { credential, broker } = world();
    broker.issued = { ...broker.issued, document: { kind: 'other' } };
    await expect(credential()).rejects.toMatchObject({ code: 'UpstreamMalformed' });
  });

  it('is not signed for with AWS credentials', () => {
    const { clusters } = world();
    expect(() => clusters.signer('k8s', place)).toThrow(
      'Profile "k8s" is a Kubernetes application. Run: credbroker eks connect k8s',
    );
  });
});

describe('a profile of a tenant', () => {
  it.each(['azure', 'gcp', 'other'] as const)('that is for %s has no clusters, and nobody is asked', async (kind) => {
    const { clusters, broker } = world({ kind });
    const refused = { code: 'BadRequest', message: 'Profile "k8s" has no clusters. Name one of AWS or Kubernetes' };
    await expect(clusters.list('k8s', null, options)).rejects.toMatchObject(refused);
    await expect(clusters.describe('k8s', place, options)).rejects.toMatchObject(refused);
    await expect(clusters.credential('k8s', place, options)).rejects.toMatchObject(refused);
    expect([broker.waiting, broker.issues]).toEqual([[], []]);
  });

  it.each([
    ['of AWS', { kind: 'aws' }],
    ['that nobody has looked up yet', null],
  ] as const)('%s has clusters of EKS', async (_what, offered) => {
    const { clusters, broker, eks } = world(offered);
    broker.warm.set('k8s', servedFor('k8s'));
    eks.names = { type: 'ok', value: ['blue'] };
    expect(await clusters.list('k8s', 'eu-central-1', options)).toEqual({ region: 'eu-central-1', names: ['blue'] });
  });
});
