import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetch } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epoch, type TransientWhy } from '../../src/core/types.ts';
import { type HttpAnswer, send } from '../../src/providers/http.ts';
import { readJson, sendJson } from '../../src/providers/json-reply.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { httpAnswer } from '../support/http-answer.ts';

const never = new AbortController().signal;

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

const http = (clock = new FakeClock()) => ({ fetch, clock });
const get = (url: string) => ({ method: 'GET', url, headers: {}, body: null }) as const;

describe('send', () => {
  it('brings status, headers, text and the time of the server', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(418, { 'x-thing': 'yes', date: 'Sat, 21 Nov 2026 09:00:05 GMT' });
      response.end('grüß');
    });
    const answer = await send(http(), get(url), never);
    expect(answer).toMatchObject({ type: 'answer', status: 418, text: 'grüß' });
    expect((answer as HttpAnswer).header('X-Thing')).toBe('yes');
    expect((answer as HttpAnswer).serverDate).toBe(Date.parse('2026-11-21T09:00:05Z'));
  });

  it('measures the round trip by the given clock', async () => {
    const clock = new FakeClock();
    const url = await serve((_request, response) => {
      clock.advance(300);
      response.end();
    });
    expect(await send(http(clock), get(url), never)).toMatchObject({ rttMs: 300 });
  });

  it('follows no redirect', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await send(http(), get(url), never)).toMatchObject({ type: 'answer', status: 302 });
    expect(asked).toEqual(['/']);
  });

  it.each([
    [1024 * 1024, 'answer'],
    [1024 * 1024 + 1, 'failure'],
  ])('reads a body of %i bytes as an %s', async (size, type) => {
    const url = await serve((_request, response) => response.end('x'.repeat(size)));
    const answer = await send(http(), get(url), never);
    expect(answer.type).toBe(type);
    if (answer.type === 'failure') expect(answer).toMatchObject({ why: 'bad-body', maybeProcessed: true });
  });

  it('sends nothing once the caller has stopped', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    expect(await send(http(), get(url), AbortSignal.abort())).toMatchObject({ why: 'aborted', maybeProcessed: false });
    expect(asked).toEqual([]);
  });

  it('says that a request whose answer was cut off may have been processed', async () => {
    const url = await serve((request) => request.socket.destroy());
    expect(await send(http(), get(url), never)).toMatchObject({ type: 'failure', maybeProcessed: true });
  });

  it('says that a body that was cut off may have been processed', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"half":', () => request.socket.destroy());
    });
    expect(await send(http(), get(url), never)).toMatchObject({ type: 'failure', maybeProcessed: true });
  });

  it('says that a request to a closed port was not processed', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const answer = await send(http(), get(`http://127.0.0.1:${port}/`), never);
    expect(answer).toMatchObject({ type: 'failure', why: 'connect', maybeProcessed: false });
  });
});

describe('readJson', () => {
  const now = epoch(Date.parse('2026-11-21T09:00:00Z'));
  const html = { 'content-type': 'text/html; charset=utf-8' };

  it.each<readonly [string, HttpAnswer, TransientWhy, boolean]>([
    ['a redirect', httpAnswer(302, '', { location: 'https://wifi.example' }), 'captive-portal', false],
    ['a page instead of an answer', httpAnswer(200, '<html>', html), 'captive-portal', false],
    ['a page that calls itself JSON', httpAnswer(200, ' <!doctype html>'), 'captive-portal', false],
    ['a refusal by a page', httpAnswer(403, '<html>', html), 'captive-portal', false],
    ['a proxy that wants a sign-in', httpAnswer(407, ''), 'proxy', false],
    ['a network that wants a sign-in', httpAnswer(511, ''), 'captive-portal', false],
    ['too many requests', httpAnswer(429, '{}'), '429', false],
    ['an error of the service', httpAnswer(500, '{}'), '5xx', false],
    ['a page of a gateway', httpAnswer(502, '<html>', html), '5xx', false],
    ['a busy service', httpAnswer(503, ''), '5xx', false],
    ['a gateway that gave up', httpAnswer(504, ''), '5xx', false],
    ['half a success', httpAnswer(200, '{"accessToken":"a'), 'bad-body', true],
    ['a success that is no object', httpAnswer(200, '[]'), 'bad-body', true],
    ['half a refusal', httpAnswer(400, '{"error":'), 'bad-body', false],
  ])('takes %s for a fault in between', (_what, given, why, maybeProcessed) => {
    expect(readJson(given, now)).toMatchObject({ type: 'failure', why, maybeProcessed });
  });

  it.each([
    ['7', 7_000],
    ['Sat, 21 Nov 2026 09:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 08:00:00 GMT', 0],
    ['soon', null],
  ])('reads Retry-After: %s', (value, retryAfterMs) => {
    expect(readJson(httpAnswer(429, '{}', { 'retry-after': value }), now)).toMatchObject({ retryAfterMs });
    expect(readJson(httpAnswer(503, '', { 'retry-after': value }), now)).toMatchObject({ retryAfterMs });
  });

  it('keeps genuine refusals', () => {
    expect(readJson(httpAnswer(401, '{"message":"no"}'), now)).toMatchObject({ type: 'json', body: { message: 'no' } });
  });
});

describe('sendJson', () => {
  it('lets a genuine answer correct the clock, and no other', async () => {
    const clock = new FakeClock();
    const url = await serve((request, response) => {
      response.setHeader('date', 'Sat, 21 Nov 2026 12:00:00 GMT');
      response.end(request.url === '/page' ? '<html>' : '{}');
    });
    await sendJson(http(clock), get(`${url}page`), never);
    expect(clock.anchors).toEqual([]);
    await sendJson(http(clock), get(url), never);
    expect(clock.anchors).toEqual([Date.parse('2026-11-21T12:00:00Z')]);
  });
});
