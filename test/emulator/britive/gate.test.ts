import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { signJwt } from '../../../src/emulator/britive/jwt.ts';
import type { Keys } from '../../../src/emulator/keys.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { emulatedTenant, verdict } from '../../support/tenant-client.ts';

const anything = '/api/features';

describe('the gate', () => {
  it.each([
    ['nothing', ''],
    ['an unknown scheme', 'Basic abc'],
    ['an unknown JWT', 'Bearer a.b.c'],
    ['more than a token', 'Bearer a b'],
  ])('refuses %s without a code', async (_what, authorization) => {
    const { stranger } = await emulatedTenant();
    const reply = await stranger.with({ authorization }).get(anything);
    expect([reply.status, reply.body]).toEqual([401, { message: 'Unauthorized' }]);
  });

  it('wants every call to be announced as JSON, polls too', async () => {
    const { client, stranger } = await emulatedTenant();
    expect((await client.with({ 'content-type': '' }).get(anything)).status).toBe(415);
    expect((await client.with({ 'content-type': 'text/plain' }).get(anything)).status).toBe(415);
    expect((await stranger.with({ 'content-type': '' }).retrieve('x')).status).toBe(415);
    expect((await client.with({ 'content-type': 'application/json; charset=utf-8' }).get(anything)).status).toBe(200);
  });

  it('lets everybody ask for its health, and nothing else', async () => {
    const { stranger, tenant } = await emulatedTenant();
    expect((await fetch(`${tenant.url}/api/health`)).status).toBe(200);
    expect((await fetch(`${tenant.url}/api/health`, { method: 'HEAD' })).status).toBe(200);
    for (const path of [anything, '/api/banner', '/api/access', '/api/v1/users/whoami']) {
      expect((await stranger.get(path)).status).toBe(401);
    }
  });

  it('knows no path but its own', async () => {
    const { client, emulator } = await emulatedTenant();
    expect((await client.get('/api/v1/users/whoami')).body).toEqual({
      status: 404,
      message: 'Not Found',
      details: null,
    });
    expect(emulator.journal.calls('Unknown')).toHaveLength(1);
  });

  it('is shut while the tenant is maintained', async () => {
    const { client, tenant } = await emulatedTenant({ maintenance: 'Back at noon' });
    expect((await client.get(anything)).body).toMatchObject({ errorCode: 'MAINT0001', message: 'Back at noon' });
    expect((await fetch(`${tenant.url}/api/health`)).status).toBe(503);
  });
});

describe('an API token', () => {
  const issued = async (type: 'DEFAULT' | 'SCIM' = 'DEFAULT') => {
    const parts = await emulatedTenant();
    const token = parts.tenant.people.issueApiToken({ userName: 'ci@example.com', type, lifeMs: hours(24) });
    return { ...parts, token, caller: parts.stranger.with({ authorization: `TOKEN ${token}` }) };
  };

  it('has 40 characters and lives on with each use', async () => {
    const { token, caller, clock } = await issued();
    expect(token).toHaveLength(40);
    for (let day = 0; day < 3; day++) {
      clock.advance(hours(24) - 1);
      expect((await caller.get(anything)).status).toBe(200);
    }
    clock.advance(hours(24));
    expect(verdict(await caller.get(anything))).toBe('401 AU-0017');
  });

  it('is refused by its state', async () => {
    const { token, caller, stranger, tenant } = await issued();
    tenant.people.revokeApiToken(token);
    expect(verdict(await caller.get(anything))).toBe('401 AU-0016');
    expect(verdict(await stranger.with({ authorization: `TOKEN ${'x'.repeat(40)}` }).get(anything))).toBe(
      '401 AU-0015',
    );
  });

  it('and a JWT do not speak under the scheme of each other', async () => {
    const { token, client, stranger } = await issued();
    expect(verdict(await stranger.with({ authorization: `Bearer ${token}` }).get(anything))).toBe('401');
    const jwt = client.headers['authorization']?.replace('Bearer', 'TOKEN') ?? '';
    expect(verdict(await stranger.with({ authorization: jwt }).get(anything))).toBe('401 AU-0015');
  });

  it('says who it speaks for, unless it is for SCIM', async () => {
    const { caller } = await issued();
    const { body } = await caller.ask('POST', '/api/auth/validate');
    expect(body.authenticationResult).toMatchObject({ username: 'ci@example.com', userId: expect.any(String) });
    const scim = await issued('SCIM');
    expect(verdict(await scim.caller.ask('POST', '/api/auth/validate'))).toBe('400 E1000');
    expect((await scim.caller.get(anything)).status).toBe(200);
  });

  it('has no logout', async () => {
    const { caller } = await issued();
    expect(verdict(await caller.ask('DELETE', '/api/auth'))).toBe('400 E1000');
  });
});

describe('a workload token', () => {
  const workloads = [
    { type: 'oidc', issuer: 'https://ci.example.com', audience: 'britive', userName: 'ci' },
    { type: 'aws', accountId: '111122223333', userName: 'instance' },
  ] as const;

  const validated = async (parts: Awaited<ReturnType<typeof emulatedTenant>>, token: string) => {
    const caller = parts.stranger.with({ authorization: `WorkloadToken ${token}` });
    const reply = await caller.ask('POST', '/api/auth/validate');
    return reply.body.authenticationResult?.username ?? verdict(reply);
  };

  it('is taken from a known issuer, for us, while it lives', async () => {
    const parts = await emulatedTenant({ workloads });
    const exp = parts.clock.now() / 1000 + 300;
    const jwt = (changes: object = {}) =>
      `OIDC::${signJwt({ iss: 'https://ci.example.com', aud: 'britive', exp, ...changes }, Buffer.from('key'))}`;
    expect(await validated(parts, jwt())).toBe('ci');
    expect(await validated(parts, jwt({ aud: ['other', 'britive'] }))).toBe('ci');
    for (const wrong of [
      jwt({ aud: 'other' }),
      jwt({ iss: 'https://other' }),
      jwt({ exp: undefined }),
      'OIDC::x',
      'x',
    ]) {
      expect(await validated(parts, wrong)).toBe('401 AU-0007');
    }
    parts.clock.advance(seconds(300));
    expect(await validated(parts, jwt())).toBe('401 AU-0007');
  });

  /** As the SDK of another service signs it, with the headers that bind it to a tenant and a time. */
  const signed = async (credentials: AwsKeys, bound: Readonly<Record<string, string>>, now: number) => {
    let document = {};
    const sts = new STSClient({ region: 'eu-west-1', credentials, systemClockOffset: now - Date.now() });
    sts.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as Signed).headers, bound);
        return next(args);
      },
      { step: 'build' },
    );
    sts.middlewareStack.add(
      () => (args) => {
        const { headers, body } = args.request as Signed;
        const { host, ...others } = headers;
        document = {
          iam_request_url: `https://${host}/`,
          iam_request_body: body,
          iam_request_headers: others,
        };
        return Promise.reject(new Error('never sent'));
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await sts.send(new GetCallerIdentityCommand({})).catch(() => {});
    return `AWS::${Buffer.from(JSON.stringify(document)).toString('base64url')}`;
  };

  type Signed = { headers: Record<string, string>; body: string };
  type AwsKeys = Pick<ReturnType<Keys['issue']>, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;

  it('is taken from the owner of AWS keys, bound to this tenant and a time', async () => {
    const parts = await emulatedTenant({ workloads });
    const { body } = await parts.oidc.roleCredentials(
      (await parts.oidc.logIn(await parts.oidc.register())).accessToken,
    );
    const { accessKeyId, secretAccessKey, sessionToken } = body['roleCredentials'] as AwsKeys;
    const keys = { accessKeyId, secretAccessKey, sessionToken };
    const at = (ms: number) => new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const bound = {
      'x-britive-workload-aws-tenant': '127.0.0.1',
      'x-britive-expires': at(parts.clock.now() + minutes(5)),
    };
    const token = (changes: object = {}, own = keys) => signed(own, { ...bound, ...changes }, parts.clock.now());
    expect(await validated(parts, await token())).toBe('instance');
    for (const wrong of [
      await token({ 'x-britive-workload-aws-tenant': 'other.britive-app.com' }),
      await token({ 'x-britive-expires': at(parts.clock.now()) }),
      await token({}, { ...keys, secretAccessKey: 'other' }),
      'AWS::e30',
    ]) {
      expect(await validated(parts, wrong)).toBe('401 AU-0007');
    }
  });
});
