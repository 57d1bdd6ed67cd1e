import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openHttp } from '../../../src/adapters/http.ts';
import { type CredentialSource, readCredentialSource } from '../../../src/providers/aws-sts/credential-sources.ts';
import { FakeClock } from '../../support/fake-clock.ts';

type Answer = readonly [status: number, body: string];

const keys = { accessKeyId: 'ASIACONTAINER0000001', secretAccessKey: 'secret', sessionToken: 'token' };
const document = JSON.stringify({
  AccessKeyId: keys.accessKeyId,
  SecretAccessKey: keys.secretAccessKey,
  Token: keys.sessionToken,
  Expiration: '2026-11-21T10:00:00Z',
});
const refused: Answer = [403, '{"code":"Forbidden"}'];

/** Something that hands out keys, and what it was asked. */
const server = async (answer: (request: IncomingMessage) => Answer) => {
  const asked: string[] = [];
  const listening = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const [status, body] = answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await once(listening.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void listening.close());
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, asked };
};

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly ownOrigin?: string;
}

const read = (source: CredentialSource, { env = {}, files = {}, ownOrigin = 'none' }: World) => {
  const http = openHttp({ env: {}, version: '0.0.0' });
  onTestFinished(() => http.close());
  const dependencies = {
    fetch: http.fetch,
    clock: new FakeClock(),
    variable: (name: string) => env[name] ?? null,
    readText: async (path: string) => files[path] ?? null,
    isOwnUrl: (url: URL) => url.origin === ownOrigin,
  };
  return readCredentialSource(dependencies, source, AbortSignal.timeout(10_000));
};

const ok = (value: object) => ({ type: 'ok', value });

describe('the environment', () => {
  it.each([
    [{ AWS_SESSION_TOKEN: 't' }, 't'],
    [{}, null],
  ])('with %j gives keys', async (more, sessionToken) => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's', ...more };
    expect(await read('Environment', { env })).toEqual(ok({ accessKeyId: 'AKIA', secretAccessKey: 's', sessionToken }));
  });

  it.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])('with %s alone gives none', async (name) => {
    expect(await read('Environment', { env: { [name]: 'x' } })).toMatchObject({ type: 'denied', why: 'bad-request' });
  });
});

describe('a container', () => {
  const needsToken = (token: string) => (request: IncomingMessage) =>
    request.headers.authorization === token ? ([200, document] as const) : refused;

  it('gives keys for the token in its variable, or in its file, which wins and is read anew', async () => {
    const { url } = await server(needsToken('one'));
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/creds`, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'one' };
    expect(await read('EcsContainer', { env })).toEqual(ok(keys));
    const withFile = { ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/token' };
    expect(await read('EcsContainer', { env: withFile, files: { '/token': 'two' } })).toEqual({
      type: 'denied',
      why: 'forbidden',
      detail: 'it gives no keys here (403)',
    });
    expect(await read('EcsContainer', { env: withFile, files: { '/token': 'one' } })).toEqual(ok(keys));
    expect(await read('EcsContainer', { env: withFile })).toMatchObject({ detail: '"/token" holds no token' });
    expect(await read('EcsContainer', { env: withFile, files: { '/token': 'one\n' } })).toMatchObject({
      type: 'denied',
      why: 'bad-request',
    });
  });

  it('that is this broker is not asked', async () => {
    const { url, asked } = await server(() => [200, document]);
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/credentials/deploy` };
    expect(await read('EcsContainer', { env, ownOrigin: url })).toEqual({
      type: 'denied',
      why: 'bad-request',
      detail: 'AWS_CONTAINER_CREDENTIALS_FULL_URI leads back to credbroker; unset it and restart',
    });
    expect(asked).toEqual([]);
  });

  it.each([undefined, '', 'creds', 'http://10.0.0.1/creds', 'http://evil.example/creds', 'file:///etc/passwd'])(
    'at %s is not asked',
    async (uri) => {
      const env = uri === undefined ? {} : { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri };
      expect(await read('EcsContainer', { env })).toMatchObject({ type: 'denied', why: 'bad-request' });
    },
  );

  it.each<[number, string, object]>([
    [500, '', { type: 'transient', why: '5xx' }],
    [429, '{}', { type: 'transient', why: '429' }],
    [404, 'not here', { type: 'denied', why: 'forbidden' }],
    [200, '{"AccessKeyId":"A"}', { type: 'transient', why: 'bad-body' }],
    [200, '<html>', { type: 'transient', why: 'captive-portal' }],
  ])('that answers %i %s gives no keys', async (status, body, verdict) => {
    const { url } = await server(() => [status, body]);
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/creds` };
    expect(await read('EcsContainer', { env })).toMatchObject(verdict);
  });
});

describe('an instance', () => {
  const instance = (request: IncomingMessage): Answer => {
    if (request.method === 'PUT') {
      return request.headers['x-aws-ec2-metadata-token-ttl-seconds'] === '300' ? [200, 'imds-token'] : [400, ''];
    }
    if (request.headers['x-aws-ec2-metadata-token'] !== 'imds-token') return [401, ''];
    return request.url === '/latest/meta-data/iam/security-credentials/' ? [200, 'web\n'] : [200, document];
  };

  it('gives the keys of its role, by version 2 of its service', async () => {
    const { url, asked } = await server(instance);
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: `${url}/` };
    expect(await read('Ec2InstanceMetadata', { env })).toEqual(ok(keys));
    expect(asked).toEqual([
      'PUT /latest/api/token',
      'GET /latest/meta-data/iam/security-credentials/',
      'GET /latest/meta-data/iam/security-credentials/web',
    ]);
  });

  it.each<[string, (request: IncomingMessage) => Answer, object]>([
    ['has no role', (request) => (request.method === 'PUT' ? [200, 't'] : [404, '']), { type: 'denied' }],
    ['fails', () => [503, ''], { type: 'transient', why: '5xx' }],
    ['speaks of something else', () => [200, ''], { type: 'transient', why: 'bad-body' }],
    ['refuses a token', () => [403, ''], { type: 'denied', why: 'forbidden' }],
  ])('that %s gives none', async (_what, answer, verdict) => {
    const { url } = await server(answer);
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: url };
    expect(await read('Ec2InstanceMetadata', { env })).toMatchObject(verdict);
  });

  it('is not asked where the environment forbids it', async () => {
    const { url, asked } = await server(instance);
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: url, AWS_EC2_METADATA_DISABLED: 'true' };
    expect(await read('Ec2InstanceMetadata', { env })).toMatchObject({ type: 'denied', why: 'bad-request' });
    expect(asked).toEqual([]);
  });
});
