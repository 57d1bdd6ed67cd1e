import { describe, expect, it, onTestFinished } from 'vitest';
import { openHttp } from '../../../src/adapters/http.ts';
import type { EksCall } from '../../../src/core/eks.ts';
import type { Emulator, Knobs } from '../../../src/emulator/index.ts';
import { openEks } from '../../../src/providers/eks/index.ts';
import { urlIn } from '../../support/cluster-token.ts';
import { emulated } from '../../support/emulated.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';

/** The provider on its real adapter, with the keys of a role that the emulator issued. */
async function world(knobs: Partial<Knobs> = {}) {
  const { emulator, clock, oidc } = await emulated(knobs);
  const http = openHttp({ env: {}, version: '0.0.0' });
  onTestFinished(() => http.close());
  const endpointOf = (service: 'eks' | 'sts') =>
    emulator.environment[service === 'eks' ? 'AWS_ENDPOINT_URL_EKS' : 'AWS_ENDPOINT_URL_STS'];
  const waits: number[] = [];
  /** Over as soon as it has begun. */
  const after = (ms: number, run: () => void) => {
    waits.push(ms);
    clock.advance(ms);
    setImmediate(run);
    return () => {};
  };
  const eks = openEks({ fetch: http.fetch, clock, timers: { after }, endpointOf });
  const { accessToken } = await oidc.logIn(await oidc.register());
  const { body } = await oidc.roleCredentials(accessToken);
  const keys = body['roleCredentials'] as EksCall['keys'];
  const call: EksCall = { keys, region: 'eu-central-1', signal: new AbortController().signal };
  return { emulator, clock, eks, call, keys, waits };
}

const ok = <T>(value: T) => ({ type: 'ok', value });
const listings = ({ journal }: Emulator) => journal.calls('ListClusters').length;

describe('the clusters of a region', () => {
  it("are those of the role's account, page by page", async () => {
    const { eks, call, emulator } = await world({ pageSize: 1 });
    expect(await eks.list(call)).toEqual(ok(['blue', 'green']));
    expect(listings(emulator)).toBe(2);
  });

  it.each([
    ['case 39: after one second and after two more, until the list is not empty', 2, ['blue', 'green']],
    ['no third time where the list stays empty', 3, []],
  ])('are asked for again %s', async (_when, emptyClusterLists, names) => {
    const { eks, call, emulator, waits } = await world({ emptyClusterLists });
    expect(await eks.list(call)).toEqual(ok(names));
    expect(waits).toEqual([seconds(1), seconds(2)]);
    expect(listings(emulator)).toBe(3);
  });

  it.each([
    [
      'keys that nobody knows',
      { accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' },
      0,
      { type: 'denied', why: 'forbidden', detail: 'it answered UnrecognizedClientException' },
    ],
    [
      'a wrong secret',
      { secretAccessKey: 'other' },
      0,
      { type: 'denied', why: 'forbidden', detail: 'it answered InvalidSignatureException' },
    ],
    [
      'keys that have expired',
      {},
      hours(2),
      { type: 'denied', why: 'forbidden', detail: 'it answered ExpiredTokenException' },
    ],
  ])('are not listed for %s, and not asked for again', async (_what, changes, laterMs, verdict) => {
    const { eks, call, emulator, clock } = await world();
    clock.advance(laterMs);
    expect(await eks.list({ ...call, keys: { ...call.keys, ...changes } })).toEqual(verdict);
    expect(listings(emulator)).toBe(1);
  });

  it('cannot be listed while EKS fails', async () => {
    const { eks, call, emulator } = await world();
    emulator.faults.add('ListClusters', { kind: 'status', status: 503 });
    expect(await eks.list(call)).toMatchObject({ type: 'transient', why: '5xx' });
    emulator.faults.clear();
    emulator.faults.add('ListClusters', { kind: 'captivePortal' });
    expect(await eks.list(call)).toMatchObject({ type: 'transient', why: 'captive-portal' });
    expect(listings(emulator)).toBe(2);
  });
});

describe('one cluster', () => {
  it('has an address and a certificate authority', async () => {
    const { eks, call, emulator } = await world();
    const [blue] = emulator.knobs.clusters;
    expect(await eks.describe(call, 'blue')).toEqual(
      ok({
        name: 'blue',
        arn: 'arn:aws:eks:eu-central-1:111122223333:cluster/blue',
        server: blue?.endpoint,
        certificateAuthority: blue?.certificateAuthority,
      }),
    );
  });

  it.each(['staging', 'nope'])('cannot be described where the account has none called "%s"', async (name) => {
    const { eks, call } = await world();
    expect(await eks.describe(call, name)).toMatchObject({ type: 'denied', why: 'not-found' });
  });

  it('that is still being made is described as such', async () => {
    const making = { name: 'new', arn: 'arn:aws:eks:eu-central-1:111122223333:cluster/new', status: 'CREATING' };
    const { clock, call } = await world();
    const fetch = async () => ({
      status: 200,
      headers: { get: () => null },
      body: streamOf(JSON.stringify({ cluster: making })),
    });
    const eks = openEks({ fetch, clock, timers: clock, endpointOf: () => null });
    expect(await eks.describe(call, 'new')).toEqual({
      type: 'denied',
      why: 'bad-request',
      detail: 'the cluster "new" has no address yet (CREATING)',
    });
  });

  it.each([
    ['cn-north-1', 'https://eks.cn-north-1.amazonaws.com.cn/clusters/blue'],
    ['us-gov-west-1', 'https://eks.us-gov-west-1.amazonaws.com/clusters/blue'],
    ['eu-central-1', 'https://eks.eu-central-1.amazonaws.com/clusters/blue'],
  ])('is asked for at the address of %s', async (region, url) => {
    const { clock, call } = await world();
    const asked: string[] = [];
    const fetch = async (where: string) => {
      asked.push(where);
      throw new Error('nobody is there');
    };
    await openEks({ fetch, clock, timers: clock, endpointOf: () => null }).describe({ ...call, region }, 'blue');
    expect(asked).toEqual([url]);
  });
});

async function* streamOf(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text);
}

describe('the token of a cluster', () => {
  /** What the authenticator of a cluster does with it. */
  const identify = async (token: string, cluster: string | null) => {
    const headers = cluster === null ? {} : { 'x-k8s-aws-id': cluster };
    const response = await fetch(urlIn(token), { headers });
    return { status: response.status, body: await response.text() };
  };

  it('tells the cluster whose it is, for 15 minutes', async () => {
    const { eks, keys, clock } = await world();
    const token = await eks.token({ keys, region: 'eu-central-1', at: clock.now() }, 'blue');
    clock.advance(minutes(15));
    const answer = await identify(token, 'blue');
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('<Account>111122223333</Account>');
    expect(answer.body).toMatch(/<Arn>arn:aws:sts::111122223333:assumed-role\/AWSReservedSSO_DeveloperAccess_/);
    clock.advance(seconds(1));
    expect(await identify(token, 'blue')).toMatchObject({
      status: 403,
      body: expect.stringContaining('Signature expired'),
    });
  });

  it.each([
    ['another cluster', 'green'],
    ['no cluster at all', null],
  ])('tells %s nothing', async (_who, cluster) => {
    const { eks, keys, clock } = await world();
    const token = await eks.token({ keys, region: 'eu-central-1', at: clock.now() }, 'blue');
    expect(await identify(token, cluster)).toMatchObject({
      status: 403,
      body: expect.stringContaining('<Code>SignatureDoesNotMatch</Code>'),
    });
  });
});
