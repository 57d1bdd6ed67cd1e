import { renameSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type BrokerClient, openClient } from '../src/client.ts';
import { FakeDaemon, sessionRouteOf } from './support/fake-daemon.ts';
import { tempDir } from './support/temp-dir.ts';

interface Linked {
  readonly daemon: FakeDaemon;
  readonly client: BrokerClient;
  readonly abort: AbortController;
}

async function linked(): Promise<Linked> {
  const socket = join(tempDir(), 'control.sock');
  const daemon = await FakeDaemon.listen(socket);
  onTestFinished(() => daemon.close());
  const abort = new AbortController();
  return { daemon, client: openClient(socket, abort.signal), abort };
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('the client', () => {
  it('speaks each call of the control plane', async () => {
    const { daemon, client } = await linked();
    daemon.answer('POST /v1/reload', { status: 200, body: { problems: ['a problem'] } });
    const grant = { label: 'x', kind: 'session', profiles: '*', lifetimeMs: 1 } as const;
    expect(await client.status()).toEqual(daemon.status);
    expect(await client.profiles()).toEqual(daemon.status.profiles);
    expect(await client.checkout('dev', 'container')).toMatchObject({ Version: 1 });
    expect(await client.checkin('dev')).toBe(true);
    expect((await client.issueGrant(grant)).token).toMatch(/^cb_/);
    expect(await client.grants()).toHaveLength(1);
    expect(await client.reload()).toEqual(['a problem']);
    await client.revokeGrant('abc');
    expect(await client.logout('work', { revoke: true })).toBe(true);
    await client.shutdown();
    expect(daemon.calls.slice(2)).toEqual([
      { route: 'POST /v1/profiles/dev/checkout', body: { format: 'container' } },
      { route: 'POST /v1/profiles/dev/checkin', body: null },
      { route: 'POST /v1/grants', body: grant },
      { route: 'GET /v1/grants', body: null },
      { route: 'POST /v1/reload', body: null },
      { route: 'DELETE /v1/grants/abc', body: null },
      { route: sessionRouteOf('work', 'logout'), body: { revoke: true } },
      { route: 'POST /v1/shutdown', body: null },
    ]);
  });

  it('encodes names once, so that no name becomes a path', async () => {
    const { daemon, client } = await linked();
    await client.checkout('a/../b ü%41?#', 'process');
    expect(daemon.routes()).toEqual(['POST /v1/profiles/a%2F..%2Fb%20%C3%BC%2541%3F%23/checkout']);
  });

  it('says that no daemon runs when there is no socket', async () => {
    const client = openClient(join(tempDir(), 'control.sock'), new AbortController().signal);
    await expect(client.status()).rejects.toMatchObject({
      code: 'DaemonUnreachable',
      message: 'The daemon is not running. Run: credbroker start',
    });
  });

  it('says the same when the socket is dead', async () => {
    const socket = join(tempDir(), 'control.sock');
    const dead = createServer().listen(socket);
    await new Promise((resolve) => dead.once('listening', resolve));
    // A server takes away the name it bound, and only that.
    renameSync(socket, `${socket}.left`);
    await new Promise((resolve) => dead.close(resolve));
    const client = openClient(`${socket}.left`, new AbortController().signal);
    await expect(client.status()).rejects.toMatchObject({
      message: 'The daemon is not running. Run: credbroker start',
    });
  });

  it('turns an error of the daemon into the same error here', async () => {
    const { daemon, client } = await linked();
    const body = { code: 'LoginRequired', message: 'Session "work" has expired. Run: credbroker login work' };
    daemon.answer('POST /v1/profiles/dev/checkout', { status: 403, body });
    await expect(client.checkout('dev', 'process')).rejects.toMatchObject({ ...body, exitStatus: 3 });
  });

  it.each([
    ['a code it does not know', { code: 'Novel', message: 'New' }, { code: 'InternalError', message: 'New' }],
    ['no reason at all', {}, { code: 'InternalError', message: 'The daemon gave no reason' }],
  ])('makes the best of %s', async (_, body, expected) => {
    const { daemon, client } = await linked();
    daemon.answer('GET /v1/status', { status: 500, body });
    await expect(client.status()).rejects.toMatchObject(expected);
  });

  it('does not take anything but JSON for an answer', async () => {
    const { daemon, client } = await linked();
    daemon.answer('GET /v1/status', { raw: '<html>' });
    await expect(client.status()).rejects.toMatchObject({
      code: 'InternalError',
      message: 'The daemon sent no JSON. Run: credbroker restart',
    });
  });

  it('hands out lines as they come, before the stream ends', async () => {
    const { daemon, client } = await linked();
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    daemon.answer(sessionRouteOf('work', 'login'), { lines: [{ event: 'prompt' }, { event: 'done' }], end: ended });
    const events = client.login('work', { flow: 'device', openBrowser: false, token: null })[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ event: 'prompt' });
    expect((await events.next()).value).toEqual({ event: 'done' });
    end();
    expect((await events.next()).done).toBe(true);
    expect(daemon.calls[0]?.body).toEqual({ flow: 'device', openBrowser: false, token: null });
  });

  it('puts lines and letters together again that arrive in pieces', async () => {
    const socket = join(tempDir(), 'control.sock');
    const bytes = Buffer.from('{"event":"a"}\n\n{"event":"grün"}');
    const insideLetter = bytes.indexOf(0xbc);
    let finish = (): void => {};
    const server = createServer((_, response) => {
      response.write(bytes.subarray(0, insideLetter));
      finish = () => void response.end(bytes.subarray(insideLetter));
    });
    await new Promise((resolve) => server.listen(socket, () => resolve(null)));
    onTestFinished(() => void server.close());
    const client = openClient(socket, new AbortController().signal);
    const events = client.sync(null)[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ event: 'a' });
    finish();
    expect((await events.next()).value).toEqual({ event: 'grün' });
    expect((await events.next()).done).toBe(true);
  });

  it('notices that the daemon dies in the middle of a stream', async () => {
    const { daemon, client } = await linked();
    daemon.answer('POST /v1/profiles/sync', { lines: [{ event: 'progress' }], end: new Promise(() => {}) });
    const events = client.sync(null)[Symbol.asyncIterator]();
    await events.next();
    daemon.close();
    await expect(events.next()).rejects.toMatchObject({
      code: 'DaemonUnreachable',
      message: 'The daemon hung up. Run: credbroker start',
    });
  });

  it('is subscribed once events() resolves, and yields once per change', async () => {
    const { daemon, client } = await linked();
    const events = (await client.events())[Symbol.asyncIterator]();
    daemon.change();
    expect((await events.next()).done).toBe(false);
    const next = events.next();
    daemon.change();
    expect((await next).done).toBe(false);
  });

  it.each<[string, (client: BrokerClient) => Promise<unknown>]>([
    ['before an answer', (client) => client.status()],
    ['in the middle of a stream', (client) => collected(client.sync(null))],
  ])('rejects with the reason of its signal %s', async (_, call) => {
    const { daemon, client, abort } = await linked();
    const never = new Promise<void>(() => {});
    daemon.answer('GET /v1/status', { lines: [], end: never });
    daemon.answer('POST /v1/profiles/sync', { lines: [{ event: 'progress' }], end: never });
    const reason = new Error('interrupted');
    daemon.onCall = () => abort.abort(reason);
    await expect(call(client)).rejects.toBe(reason);
  });
});
