import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/core/errors.ts';
import { canaries, servedFor } from '../support/fake-broker.ts';
import { openControlPlane, openDataPlane } from '../support/planes.ts';

const path = '/eks/dev/blue';

const credential = (token: string): string =>
  JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: 'client.authentication.k8s.io/v1',
    status: { token, expirationTimestamp: '2026-11-21T09:14:00Z' },
  });

describe('GET /eks/{profile}/{cluster}', () => {
  it('answers an ExecCredential, the second time from memory', async () => {
    const plane = await openDataPlane();
    const first = await plane.get(path);
    expect([first.status, first.body]).toEqual([200, credential('token 1 of blue in eu-central-1')]);
    expect(first.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'content-length': String(Buffer.byteLength(first.body)),
    });
    expect((await plane.get(path)).body).toBe(first.body);
    expect(plane.eks.signed).toHaveLength(1);
  });

  it('holds none of the credentials', async () => {
    const plane = await openDataPlane();
    const { body } = await plane.get(path);
    expect(Object.values(canaries).filter((secret) => body.includes(secret))).toEqual([]);
  });

  it('waits for credentials as long as a helper can, and no longer than its caller', async () => {
    const plane = await openDataPlane();
    plane.broker.known.add('dev');
    plane.broker.warm.delete('dev');
    const answer = plane.get(path);
    await plane.broker.until(() => plane.broker.waiting.length > 0);
    expect(plane.broker.waiting[0]?.holdMs).toBe(55_000);
    plane.broker.waiting[0]?.answer(servedFor('dev'));
    expect((await answer).body).toBe(credential('token 1 of blue in eu-central-1'));
  });

  it.each([
    ['nobody', null, 403, 'Unauthorized'],
    ['a grant for another profile', ['prod'], 403, 'Forbidden'],
    ['a grant for this one', ['dev'], 200, undefined],
  ])('answers %s as /credentials does', async (_who, profiles, status, code) => {
    const plane = await openDataPlane();
    const token =
      profiles === null ? '' : plane.grants.issue({ label: 'x', kind: 'session', profiles, lifetimeMs: null }).token;
    const answer = await plane.send(`GET ${path} HTTP/1.1`, [plane.host, ['Authorization', token]]);
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([status, code]);
  });

  it('tells a scoped grant nothing of profiles it does not cover, not even by a bad name', async () => {
    const plane = await openDataPlane();
    const { token } = plane.grants.issue({ label: 'x', kind: 'session', profiles: ['prod'], lifetimeMs: null });
    const ask = async (target: string) =>
      (await plane.send(`GET ${target} HTTP/1.1`, [plane.host, ['Authorization', token]])).body;
    expect(await ask('/eks/dev/-')).toBe(await ask('/eks/dev/blue'));
    expect(await ask('/eks/nope/blue')).toContain('does not cover \\"nope\\"');
  });

  it.each([
    ['a name that no cluster has', '/eks/dev/-blue', 'BadRequest'],
    ['a profile that is not there', '/eks/nope/blue', 'ProfileNotFound'],
    ['a longer path', '/eks/dev/blue/more', 'NotFound'],
    ['no cluster', '/eks/dev', 'NotFound'],
  ])('answers 400 to %s', async (_what, target, code) => {
    const plane = await openDataPlane();
    const answer = await plane.get(target);
    expect([answer.status, JSON.parse(answer.body).Code]).toEqual([400, code]);
    expect(plane.broker.waiting).toEqual([]);
  });

  it('says what to do about a profile without a region', async () => {
    const plane = await openDataPlane();
    plane.broker.warm.set('prod', servedFor('prod'));
    const { status, body } = await plane.get('/eks/prod/blue');
    expect([status, JSON.parse(body).message]).toEqual([
      400,
      'Profile "prod" has no region. Add one to it, or name one with --region',
    ]);
  });

  it('answers a failure to sign with the body of a refusal', async () => {
    const plane = await openDataPlane();
    plane.eks.signing = async () => {
      throw new BrokerError('ConfigInvalid', 'AWS_ENDPOINT_URL_STS is wrong');
    };
    const { status, body } = await plane.get(path);
    expect([status, JSON.parse(body).Message]).toEqual([400, 'AWS_ENDPOINT_URL_STS is wrong']);
  });
});

const blue = { name: 'blue', arn: 'arn:aws:eks:x', server: 'https://blue.example', certificateAuthority: 'Q0E=' };

describe('the clusters on the control plane', () => {
  it('are listed, described and opened', async () => {
    const { send, eks } = await openControlPlane();
    eks.names = { type: 'ok', value: ['blue'] };
    eks.clusters.set('blue', { type: 'ok', value: blue });
    const ask = async (target: string, region: string | null = null) => {
      const { status, body } = await send('POST', `/v1/profiles/dev/clusters${target}`, { region });
      return { status, body: JSON.parse(body) };
    };
    expect(await ask('')).toEqual({ status: 200, body: { region: 'eu-central-1', names: ['blue'] } });
    expect(await ask('/blue')).toEqual({ status: 200, body: blue });
    expect(await ask('/green')).toMatchObject({ status: 404, body: { code: 'NotFound' } });
    expect((await ask('/blue/token', 'us-east-1')).body.status.token).toBe('token 1 of blue in us-east-1');
  });

  it.each([[{}], [{ region: 7 }], [{ region: '' }], [{ region: null, more: 1 }], [undefined]])(
    'are not shown to %j',
    async (body) => {
      const { send, eks } = await openControlPlane();
      const answer = await send('POST', '/v1/profiles/dev/clusters', body);
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, 'BadRequest']);
      expect(eks.calls).toEqual([]);
    },
  );
});
