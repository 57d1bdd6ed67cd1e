import { hash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLoopback } from '../../src/adapters/loopback.ts';
import type { Loopback, LoopbackPage } from '../../src/providers/provider.ts';

const thanks: LoopbackPage = { status: 200, title: 'Signed in', text: 'You can close this window' };

const open = async (answer: (url: URL) => LoopbackPage = () => thanks): Promise<Loopback> => {
  const listener = await openLoopback(answer);
  onTestFinished(() => listener.close());
  return listener;
};

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
}

const ask = async (port: number, { method = 'GET', path = '/', host = `127.0.0.1:${port}` }: Ask) => {
  const asked = request({ host: '127.0.0.1', port, method, path, headers: { host } });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
};

describe('the loopback listener', () => {
  it('passes on where the browser was sent, and shows the page', async () => {
    const urls: string[] = [];
    const { port } = await open((url) => {
      urls.push(url.href);
      return thanks;
    });
    const answer = await ask(port, { path: '/oauth/callback?code=a%20b&state=s' });
    expect(urls).toEqual([`http://127.0.0.1:${port}/oauth/callback?code=a%20b&state=s`]);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('<h1>Signed in</h1>\n<p role="status">You can close this window</p>');
  });

  it('lets the page load, run and leak nothing, and keeps no connection', async () => {
    const { port } = await open();
    const { headers } = await ask(port, {});
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    });
  });

  it('lets the page have the one style that it comes with, light or dark, and no script', async () => {
    const { port } = await open();
    const { headers, body } = await ask(port, {});
    const style = /<style>([^<]*)<\/style>/.exec(body)?.[1] ?? '';
    expect(headers['content-security-policy']).toContain(`'sha256-${hash('sha256', style, 'base64')}'`);
    expect(style).toContain('color-scheme: light dark');
    expect(body).not.toMatch(/<script|style=| on\w+=/);
  });

  it('escapes what the page says', async () => {
    const { port } = await open(() => ({ status: 400, title: '<b>', text: `"&'<script>` }));
    const { status, body } = await ask(port, {});
    expect(status).toBe(400);
    expect(body).not.toMatch(/<b>|<script>/);
    expect(body).toContain('&#60;script&#62;');
  });

  it.each<Ask>([
    { method: 'POST' },
    { method: 'HEAD' },
    { host: 'localhost' },
    { host: 'evil.example' },
    { path: 'http://evil.example/' },
    { path: '*' },
  ])('asks nobody about %j', async (odd) => {
    const { port } = await open(() => expect.unreachable());
    expect((await ask(port, odd)).status).toBe(400);
  });

  it('case 39: listens on 127.0.0.1 alone', async () => {
    const { port } = await open();
    const others = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const addresses = ['::1', '127.0.0.2', ...others.filter(({ internal }) => !internal).map(({ address }) => address)];
    for (const host of addresses) {
      const socket = connect({ host, port });
      const outcome = await Promise.race([
        once(socket, 'connect').then(() => 'connected'),
        once(socket, 'error').then(() => 'refused'),
      ]).catch(() => 'refused');
      socket.destroy();
      expect([host, outcome]).toEqual([host, 'refused']);
    }
  });

  it('closes with connections open on which nothing is asked', async () => {
    const listener = await openLoopback(() => thanks);
    const idle = connect({ host: '127.0.0.1', port: listener.port });
    await once(idle, 'connect');
    const half = connect({ host: '127.0.0.1', port: listener.port });
    half.on('error', () => {});
    half.write('GET / HTTP/1.1\r\nHost:');
    await once(half, 'connect');
    await listener.close();
    const again = connect({ host: '127.0.0.1', port: listener.port });
    expect(await once(again, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);
    idle.destroy();
    half.destroy();
  });

  it('delivers the page that it closes over', async () => {
    let closed: Promise<void> | null = null;
    const listener = await openLoopback(() => {
      closed = listener.close();
      return { ...thanks, text: 'x'.repeat(200_000) };
    });
    const { body } = await ask(listener.port, {});
    expect(body).toContain('</html>');
    await closed;
  });
});
