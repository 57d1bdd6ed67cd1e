import { expect, it, onTestFinished, type TestContext } from 'vitest';
import { openHttp } from '../../../src/adapters/http.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { epoch, mono } from '../../../src/core/types.ts';
import { awsSts, callerIdentity } from '../../../src/providers/aws-sts/index.ts';
import { hours } from '../../support/fake-clock.ts';
import { startMoto } from '../../support/moto.ts';
import { credentialsOf, request } from './world.ts';

/** A server that nobody here wrote has the real time. */
const clock: Clock = {
  now: () => epoch(Date.now()),
  mono: () => mono(performance.now()),
  anchor: () => {},
  anchored: () => 0,
};

const prepared = async (test: TestContext) => {
  const { url, userKeys, roleArn } = await startMoto(test);
  const http = openHttp({ env: {}, version: '0.0.0' });
  onTestFinished(() => http.close());
  const target = { region: 'eu-central-1', stsEndpoint: url, fips: false };
  const readKeys = async () => ({ type: 'ok', value: userKeys }) as const;
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  const dependencies = {
    fetch: http.fetch,
    clock,
    readText: async () => null,
    variable: () => null,
    isOwnUrl: () => false,
    readKeys,
    user: 'a!b',
    host: 'c d',
    warn,
  };
  const sts = awsSts(dependencies);
  const role = sts.openRole({
    ...target,
    name: 'deploy',
    keys: null,
    credentialSource: null,
    roleArn,
    sessionName: null,
    externalId: 'x=1,y@z:/a-b',
    durationMs: hours(1),
    mfaSerial: null,
    sourceIdentity: 'ada',
    tags: { 'Größe 1': 'a+b=c@d/e:f.g_h-i é', empty: '' },
  });
  const keys = sts.openKeys({ ...target, name: 'legacy', keys: 'ops', mfaSerial: null, durationMs: hours(12) });
  const identity = (of: typeof userKeys) =>
    callerIdentity(dependencies, { target, keys: of, signal: new AbortController().signal });
  return { userKeys, role, keys, identity };
};

const slowly = 60_000;

it('case 53: signs what moto accepts, with a session token and with unusual characters', {
  timeout: slowly,
}, async (test) => {
  const { userKeys, role, keys, identity } = await prepared(test);
  expect(await identity(userKeys)).toMatchObject({ type: 'ok', value: { arn: expect.stringMatching(/:user\/ops$/) } });
  const assumed = credentialsOf(await role.acquire(request({ source: userKeys })));
  expect(assumed.accountId).toMatch(/^\d{12}$/);
  expect(await identity(assumed)).toMatchObject({
    type: 'ok',
    value: { arn: expect.stringMatching(/:assumed-role\/Deploy\/a-b@c-d$/), accountId: assumed.accountId },
  });
  expect((await role.acquire(request({ source: assumed }))).type).toBe('ok');
  expect(credentialsOf(await keys.acquire(request({ source: null }))).expiresAt).toBeGreaterThan(
    Date.now() + hours(11),
  );
});

it('understands how moto refuses a wrong secret and an unknown key', { timeout: slowly }, async (test) => {
  const { userKeys, role } = await prepared(test);
  expect(await role.acquire(request({ source: { ...userKeys, secretAccessKey: 'wrong' } }))).toMatchObject({
    type: 'denied',
    why: 'forbidden',
    detail: 'the secret access key does not belong to the access key',
  });
  expect(await role.acquire(request({ source: { ...userKeys, accessKeyId: 'AKIAGONEGONEGONEGONE' } }))).toMatchObject({
    type: 'unauthorized',
  });
});
