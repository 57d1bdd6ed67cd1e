import { describe, expect, it } from 'vitest';
import type { ErrandsApi } from '../../../src/core/api.ts';
import { BrokerError } from '../../../src/core/errors.ts';
import { epoch } from '../../../src/core/types.ts';
import type { CatalogueEntry, SessionView } from '../../../src/core/views.ts';
import { canaries } from '../../support/fake-broker.ts';
import { sessionPathOf } from '../../support/fake-daemon.ts';
import { controlRequest, openControlPlane } from '../../support/planes.ts';

type Plane = Awaited<ReturnType<typeof openControlPlane>>;

const at = epoch(Date.parse('2026-11-21T17:00:00.000Z'));

/** The next line of a streamed answer, out of its chunk. */
async function nextLine(connection: ReturnType<Plane['connect']>): Promise<unknown> {
  const chunk = (await connection.through('\n\r\n')).split('\r\n')[1];
  return JSON.parse(chunk ?? '');
}

async function startLogin(plane: Plane, body: unknown = { flow: 'browser', openBrowser: true }) {
  const connection = plane.connect().send(controlRequest('POST', '/v1/sessions/My%20Work/login', body));
  await plane.broker.until(() => plane.broker.logins.length === 1);
  const login = plane.broker.logins[0];
  if (login === undefined) throw new Error('No login');
  return { connection, login };
}

describe('login', () => {
  it('sends each prompt as it comes, then the end', async () => {
    const plane = await openControlPlane();
    const { connection, login } = await startLogin(plane, { flow: 'device', openBrowser: false });
    expect(login).toMatchObject({ session: 'My Work', flow: 'device', openBrowser: false });
    const url = 'https://oidc.example/authorize';
    login.prompt({ kind: 'browser', url, opened: true });
    expect(await connection.head()).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
    });
    expect(await nextLine(connection)).toEqual({ event: 'prompt', kind: 'browser', url, opened: true });
    const device = {
      ...{ kind: 'device' as const, verificationUri: 'https://device.example', verificationUriComplete: null },
      ...{ userCode: 'ABCD-EFGH', opened: false },
    };
    login.prompt({ ...device, expiresAt: at });
    expect(await nextLine(connection)).toEqual({ event: 'prompt', ...device, expiresAt: '2026-11-21T17:00:00.000Z' });
    login.finish(at);
    expect(await nextLine(connection)).toEqual({
      ...{ event: 'done', session: 'My Work', expiresAt: '2026-11-21T17:00:00.000Z' },
    });
    await connection.through('0\r\n\r\n');
    connection.destroy();
  });

  it('ends with the reason when it fails', async () => {
    const plane = await openControlPlane();
    const { connection, login } = await startLogin(plane);
    login.refuse(new BrokerError('LoginDeclined', 'You declined the sign-in to "work"'));
    await connection.head();
    expect(await nextLine(connection)).toEqual({
      ...{ event: 'failed', code: 'LoginDeclined', message: 'You declined the sign-in to "work"' },
    });
    await connection.through('0\r\n\r\n');
    connection.destroy();
  });

  it('says nothing of what broke inside', async () => {
    const plane = await openControlPlane();
    const { connection, login } = await startLogin(plane);
    login.refuse(new Error(canaries.sessionToken));
    await connection.head();
    expect(await nextLine(connection)).toMatchObject({ event: 'failed', code: 'InternalError' });
    connection.destroy();
    expect(plane.log.lines.some(({ message }) => message === 'internal error')).toBe(true);
    expect(JSON.stringify(plane.log.lines)).not.toContain(canaries.sessionToken);
  });

  it('leaves the flow when its client hangs up', async () => {
    const plane = await openControlPlane();
    const { connection, login } = await startLogin(plane);
    login.prompt({ kind: 'browser', url: 'https://oidc.example', opened: true });
    await connection.head();
    expect(login.signal.aborted).toBe(false);
    const left = new Promise((resolve) => login.signal.addEventListener('abort', resolve));
    connection.destroy();
    await left;
    // A prompt that comes too late, and the end, reach nobody and disturb nothing.
    login.prompt({ kind: 'browser', url: 'https://oidc.example', opened: true });
    login.refuse(login.signal.reason);
    expect((await plane.send('GET', '/v1/status')).status).toBe(200);
    expect(plane.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('leaves the flow when its client hangs up before anything was sent', async () => {
    const plane = await openControlPlane();
    const { connection, login } = await startLogin(plane);
    const left = new Promise((resolve) => login.signal.addEventListener('abort', resolve));
    connection.destroy();
    await left;
    login.refuse(login.signal.reason);
    expect((await plane.send('GET', '/v1/status')).status).toBe(200);
    expect(plane.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('still logs what breaks behind a client that has hung up', async () => {
    const plane = await openControlPlane();
    const { connection, login } = await startLogin(plane);
    const left = new Promise((resolve) => login.signal.addEventListener('abort', resolve));
    connection.destroy();
    await left;
    login.refuse(new TypeError('broke'));
    expect((await plane.send('GET', '/v1/status')).status).toBe(200);
    expect(plane.log.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'internal error' }));
  });

  it.each([[{ flow: 'smoke', openBrowser: true }], [{ flow: 'browser' }], [{ flow: 'browser', openBrowser: 'yes' }]])(
    'refuses the shape %j',
    async (body) => {
      const plane = await openControlPlane();
      const answer = await plane.send('POST', sessionPathOf('work', 'login'), body);
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, 'BadRequest']);
      expect(plane.broker.logins).toEqual([]);
    },
  );
});

describe('sync', () => {
  const session = (name: string): SessionView => ({
    ...{
      name,
      provider: 'aws-sso',
      startUrl: '',
      countsCheckouts: false,
      state: 'active' as const,
      expiresAt: null,
      refreshable: true,
    },
    ...{ nextRefreshAt: null, next: '', lastError: null },
    upstream: { state: 'closed' as const, failures: 0, retryInMs: 0 },
    window: { heldBack: null, until: null, lookedAt: null },
  });
  const entry = (of: string): CatalogueEntry => ({
    ...{
      session: of,
      accountId: '123456789012',
      accountName: 'Dev',
      roleName: 'Admin',
      path: null,
      alias: null,
      kind: null,
      profile: null,
    },
  });

  it('reports progress and what each session offers; one that fails hides no other', async () => {
    const plane = await openControlPlane();
    plane.broker.sessionViews = [session('dead'), session('work')];
    plane.broker.catalogues = async (name, progress) => {
      if (name === 'dead') throw new BrokerError('LoginRequired', 'Run: credbroker login dead');
      progress(2, 1);
      return [entry(name)];
    };
    const connection = plane.connect().send(controlRequest('POST', '/v1/profiles/sync', { session: null }));
    await connection.head();
    expect([await nextLine(connection), await nextLine(connection), await nextLine(connection)]).toEqual([
      { event: 'failed', session: 'dead', code: 'LoginRequired', message: 'Run: credbroker login dead' },
      { event: 'progress', session: 'work', accounts: 2, done: 1 },
      { event: 'entries', entries: [entry('work')] },
    ]);
    await connection.through('0\r\n\r\n');
    connection.destroy();
  });

  it('asks the one session that is named', async () => {
    const plane = await openControlPlane();
    plane.broker.sessionViews = [session('dead'), session('work')];
    plane.broker.catalogues = async (name) => [entry(name)];
    const connection = plane.connect().send(controlRequest('POST', '/v1/profiles/sync', { session: 'work' }));
    await connection.head();
    expect(await nextLine(connection)).toEqual({ event: 'entries', entries: [entry('work')] });
    await connection.through('0\r\n\r\n');
    connection.destroy();
  });
});

describe('a sync whose client hangs up', () => {
  it('stops and is no error', async () => {
    const plane = await openControlPlane();
    const asked: string[] = [];
    const stopped = new Promise<void>((resolve) => {
      const catalogue: ErrandsApi['catalogue'] = (name, _progress, signal) =>
        new Promise((_resolve, reject) => {
          asked.push(name);
          signal.addEventListener('abort', () => {
            reject(signal.reason);
            resolve();
          });
          connection.destroy();
        });
      Object.assign(plane.broker.errands, { catalogue });
    });
    const connection = plane.connect().send(controlRequest('POST', '/v1/profiles/sync', { session: 'work' }));
    await stopped;
    expect((await plane.send('GET', '/v1/status')).status).toBe(200);
    expect(asked).toEqual(['work']);
    expect(plane.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

it('a checkout whose client hangs up is no error', async () => {
  const plane = await openControlPlane();
  plane.broker.known.add('prod');
  const connection = plane.connect().send(controlRequest('POST', '/v1/profiles/prod/checkout', { format: 'process' }));
  await plane.broker.until(() => plane.broker.waiting.length === 1);
  const waiting = plane.broker.waiting[0];
  const left = new Promise((resolve) => waiting?.signal.addEventListener('abort', resolve));
  connection.destroy();
  await left;
  waiting?.refuse(waiting.signal.reason);
  expect((await plane.send('GET', '/v1/status')).status).toBe(200);
  expect(plane.log.lines).toEqual([]);
});

describe('events', () => {
  it('says that something changed, until the client hangs up', async () => {
    const plane = await openControlPlane();
    const connection = plane.connect().send(controlRequest('GET', '/v1/events'));
    expect((await connection.head()).headers['content-type']).toBe('text/event-stream');
    await connection.through(': subscribed\n\n');
    for (const changed of plane.broker.watchers) changed();
    await connection.through('event: changed\ndata: {}\n\n');
    for (const changed of plane.broker.watchers) changed();
    await connection.through('event: changed\ndata: {}\n\n');
    expect(plane.broker.watchers.size).toBe(1);
    connection.destroy();
    await plane.broker.until(() => plane.broker.watchers.size === 0);
  });

  // The limit is below the time for which an idle connection is kept.
  it('does not keep the daemon from closing', async () => {
    const plane = await openControlPlane();
    const connection = plane.connect().send(controlRequest('GET', '/v1/events'));
    await connection.through(': subscribed\n\n');
    await plane.app.close();
    await connection.closed();
    expect(plane.broker.watchers.size).toBe(0);
  }, 4_000);

  it('makes a login under way end when the daemon closes', async () => {
    const plane = await openControlPlane();
    const { connection, login } = await startLogin(plane);
    login.signal.addEventListener('abort', () => login.refuse(login.signal.reason));
    await plane.app.close();
    await connection.closed();
    expect(login.signal.aborted).toBe(true);
    expect(plane.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
