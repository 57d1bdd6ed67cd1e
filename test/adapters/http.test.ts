import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openHttp } from '../../src/adapters/http.ts';
import type { Fetch } from '../../src/providers/http.ts';
import { send } from '../../src/providers/http.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { selfSigned } from '../support/self-signed.ts';
import { tempDir } from '../support/temp-dir.ts';

const never = new AbortController().signal;

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
};

const serve = (listener: RequestListener): Promise<number> => listen(createHttp(listener));

const open = (env: NodeJS.ProcessEnv): Fetch => {
  const adapter = openHttp({ env, version: '1.2.3' });
  onTestFinished(() => adapter.close());
  return adapter.fetch;
};

const get = (fetch: Fetch, url: string) =>
  send({ fetch, clock: new FakeClock() }, { method: 'GET', url, headers: { 'x-own': 'yes' }, body: null }, never);

/** Tunnels every host to one port of this machine, and remembers which hosts were asked for. */
const proxyTo = async (port: number, asked: string[], status = 200): Promise<number> => {
  const proxy = createHttp();
  proxy.on('connect', (request, client) => {
    asked.push(request.url ?? '');
    client.on('error', () => {});
    if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const target = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.destroy());
    return target;
  });
  return listen(proxy);
};

describe('the way out', () => {
  it('says who it is, beside the headers it is given', async () => {
    const port = await serve((request, response) => response.end(JSON.stringify(request.headers)));
    const answer = await get(open({}), `http://127.0.0.1:${port}/`);
    expect(answer.type === 'answer' && JSON.parse(answer.text)).toMatchObject({
      'user-agent': 'credbroker/1.2.3',
      'x-own': 'yes',
    });
  });

  it.each(['HTTP_PROXY', 'http_proxy'])('goes through %s', async (variable) => {
    const asked: string[] = [];
    const port = await serve((request, response) => response.end(`for ${request.headers.host}`));
    const proxy = await proxyTo(port, asked);
    const answer = await get(open({ [variable]: `http://127.0.0.1:${proxy}` }), 'http://upstream.example/');
    expect(answer).toMatchObject({ type: 'answer', text: 'for upstream.example' });
    expect(asked).toEqual(['upstream.example:80']);
  });

  it('goes through HTTPS_PROXY, whose refusal is told from a failing upstream', async () => {
    const asked: string[] = [];
    const proxy = await proxyTo(0, asked, 407);
    const answer = await get(open({ HTTPS_PROXY: `http://127.0.0.1:${proxy}` }), 'https://upstream.example/');
    expect(asked).toEqual(['upstream.example:443']);
    expect(answer).toMatchObject({ type: 'failure', why: 'proxy', maybeProcessed: false });
  });

  it.each(['127.0.0.1', 'localhost'])('reaches %s without the proxy', async (host) => {
    const port = await serve((_request, response) => response.end('direct'));
    const dead = { HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' };
    expect(await get(open(dead), `http://${host}:${port}/`)).toMatchObject({ type: 'answer', text: 'direct' });
  });

  it('reaches what NO_PROXY names without the proxy', async () => {
    const asked: string[] = [];
    const proxy = await proxyTo(0, asked, 502);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy}`, NO_PROXY: '.invalid' };
    const answer = await get(open(env), 'http://upstream.invalid/');
    expect(answer).toMatchObject({ type: 'failure', why: 'dns' });
    expect(asked).toEqual([]);
  });

  it('asks the environment it is given, not that of the process', async () => {
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    onTestFinished(() => void delete process.env['http_proxy']);
    expect(await get(open({}), 'http://upstream.invalid/')).toMatchObject({ type: 'failure', why: 'dns' });
  });

  it('trusts no certificate of its own making, and says that the request was not processed', async () => {
    const { key, cert } = selfSigned('localhost');
    const port = await listen(createHttps({ key, cert }, () => expect.unreachable()));
    const answer = await get(open({}), `https://localhost:${port}/`);
    expect(answer).toMatchObject({ type: 'failure', why: 'tls', maybeProcessed: false });
  });

  it('trusts AWS_CA_BUNDLE, through a proxy as well', async () => {
    const { key, cert } = selfSigned('upstream.example');
    const bundle = join(tempDir(), 'bundle.pem');
    writeFileSync(bundle, cert);
    const asked: string[] = [];
    const port = await listen(createHttps({ key, cert }, (_request, response) => response.end('over TLS')));
    const env = { HTTPS_PROXY: `http://127.0.0.1:${await proxyTo(port, asked)}` };
    expect(await get(open(env), 'https://upstream.example/')).toMatchObject({ type: 'failure', why: 'tls' });
    const trusting = open({ ...env, AWS_CA_BUNDLE: bundle });
    expect(await get(trusting, 'https://upstream.example/')).toMatchObject({ type: 'answer', text: 'over TLS' });
    expect(asked).toEqual(['upstream.example:443', 'upstream.example:443']);
  });

  it('trusts NODE_EXTRA_CA_CERTS beside AWS_CA_BUNDLE', async () => {
    const { key, cert } = selfSigned('localhost');
    const [bundle, extra] = ['bundle.pem', 'extra.pem'].map((name) => join(tempDir(), name)) as [string, string];
    writeFileSync(bundle, selfSigned('elsewhere.example').cert);
    writeFileSync(extra, cert);
    const port = await listen(createHttps({ key, cert }, (_request, response) => response.end('over TLS')));
    const fetch = open({ AWS_CA_BUNDLE: bundle, NODE_EXTRA_CA_CERTS: extra });
    expect(await get(fetch, `https://localhost:${port}/`)).toMatchObject({ type: 'answer', text: 'over TLS' });
  });

  it('says which variable is wrong', () => {
    const missing = join(tempDir(), 'missing.pem');
    const bundle = () => openHttp({ env: { AWS_CA_BUNDLE: missing }, version: '1' });
    expect(bundle).toThrow(expect.objectContaining({ code: 'ConfigInvalid' }));
    expect(bundle).toThrow(`AWS_CA_BUNDLE names "${missing}"`);
    const proxy = () => openHttp({ env: { HTTPS_PROXY: 'not a url' }, version: '1' });
    expect(proxy).toThrow(expect.objectContaining({ code: 'ConfigInvalid' }));
  });
});
