import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/core/errors.ts';
import type { ExplainView } from '../../../src/core/explain-view.ts';
import type { SessionView } from '../../../src/core/views.ts';
import { canaries, servedFor } from '../../support/fake-broker.ts';
import { sessionPathOf } from '../../support/fake-daemon.ts';
import { controlRequest, openControlPlane } from '../../support/planes.ts';

const work: SessionView = {
  ...{ name: 'work', provider: 'aws-sso', startUrl: 'https://example.awsapps.com/start', state: 'active' as const },
  ...{
    countsCheckouts: false,
    expiresAt: null,
    refreshable: true,
    nextRefreshAt: null,
    next: 'Refreshes by itself',
    lastError: null,
  },
  upstream: { state: 'closed' as const, failures: 0, retryInMs: 0 },
  window: { heldBack: null, until: null, lookedAt: null },
};

const explanation = (profile: string): ExplainView => ({
  ...{ version: 1, profile, state: 'empty', asked: false, held: null, gate: null, last: null },
  ...{ lastError: null, lastErrorCode: null },
  ...{ caller: { answer: 'waits', for: 'upstream' }, next: { what: 'request', at: null }, credit: 'spent' },
  session: { ...work, last: null, retryAt: null },
});

describe('status', () => {
  it('shows the daemon, its sessions, its profiles and the complaints about its configuration', async () => {
    const plane = await openControlPlane();
    plane.broker.sessionViews = [work];
    const answer = await plane.send('GET', '/v1/status');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      version: 1,
      daemon: {
        pid: 4711,
        version: '1.2.3',
        startedAt: '2026-11-21T09:00:00.000Z',
        url: 'http://127.0.0.1:9911',
        clockOffsetMs: 0,
      },
      storage: 'keychain',
      sessions: [work],
      profiles: [],
      refusals: [],
      problems: ['config:7 profile old: Remove it'],
    });
  });

  it('lists sessions and profiles on their own', async () => {
    const plane = await openControlPlane();
    plane.broker.sessionViews = [work];
    expect(JSON.parse((await plane.send('GET', '/v1/sessions')).body)).toEqual({ sessions: [work] });
    expect(JSON.parse((await plane.send('GET', '/v1/profiles')).body)).toEqual({ profiles: [] });
  });
});

describe('checkout', () => {
  it.each([
    ['container', 'Token'],
    ['process', 'SessionToken'],
  ])('answers with the %s document', async (format, key) => {
    const plane = await openControlPlane();
    const answer = await plane.send('POST', '/v1/profiles/dev/checkout', { format });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(answer.body)).toHaveProperty(key, canaries.sessionToken);
  });

  it('waits for up to 55 seconds, and no longer than its client', async () => {
    const plane = await openControlPlane();
    plane.broker.known.add('Prod/Blue Read');
    const target = '/v1/profiles/Prod%2FBlue%20Read/checkout';
    const connection = plane.connect().send(controlRequest('POST', target, { format: 'process' }));
    await plane.broker.until(() => plane.broker.waiting.length === 1);
    const [waiting] = plane.broker.waiting;
    expect(waiting).toMatchObject({ profile: 'Prod/Blue Read', holdMs: 55_000 });
    const aborted = new Promise((resolve) => waiting?.signal.addEventListener('abort', resolve));
    expect(waiting?.signal.aborted).toBe(false);
    connection.destroy();
    await aborted;
    waiting?.answer(servedFor('Prod/Blue Read'));
  });

  it('refuses with ordinary statuses', async () => {
    const plane = await openControlPlane();
    const unknown = await plane.send('POST', '/v1/profiles/nobody/checkout', { format: 'process' });
    const message = 'No profile "nobody". Run: credbroker profiles';
    expect([unknown.status, unknown.body]).toEqual([404, JSON.stringify({ code: 'ProfileNotFound', message })]);
    const shapeless = await plane.send('POST', '/v1/profiles/dev/checkout', { format: 'yaml' });
    expect([shapeless.status, JSON.parse(shapeless.body).code]).toEqual([400, 'BadRequest']);
  });
});

describe('explain', () => {
  it('answers with what the broker says of the profile', async () => {
    const plane = await openControlPlane();
    plane.broker.explanation = explanation('Prod/Blue Read');
    const answer = await plane.send('GET', '/v1/profiles/Prod%2FBlue%20Read/explain');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, plane.broker.explanation]);
  });

  it('refuses a profile that does not exist', async () => {
    const plane = await openControlPlane();
    const answer = await plane.send('GET', '/v1/profiles/nobody/explain');
    const message = 'No profile "nobody". Run: credbroker profiles';
    expect([answer.status, answer.body]).toEqual([404, JSON.stringify({ code: 'ProfileNotFound', message })]);
  });
});

describe('refresh', () => {
  it('takes new credentials although there are some, and answers with their end alone', async () => {
    const plane = await openControlPlane();
    const answer = plane.send('POST', '/v1/profiles/dev/refresh');
    await plane.broker.until(() => plane.broker.waiting.length === 1);
    const [waiting] = plane.broker.waiting;
    expect(waiting).toMatchObject({ profile: 'dev', holdMs: 55_000 });
    expect(plane.broker.renewed).toEqual(['dev']);
    waiting?.answer(servedFor('dev'));
    expect(await answer).toMatchObject({ status: 200, body: '{"expiresAt":"2026-11-21T10:00:00.000Z"}' });
  });

  it('waits no longer than its client', async () => {
    const plane = await openControlPlane();
    const connection = plane.connect().send(controlRequest('POST', '/v1/profiles/dev/refresh'));
    await plane.broker.until(() => plane.broker.waiting.length === 1);
    const aborted = new Promise((resolve) => plane.broker.waiting[0]?.signal.addEventListener('abort', resolve));
    connection.destroy();
    await aborted;
    plane.broker.waiting[0]?.answer(servedFor('dev'));
  });

  it('passes on why there are none', async () => {
    const plane = await openControlPlane();
    const answer = plane.send('POST', '/v1/profiles/dev/refresh');
    await plane.broker.until(() => plane.broker.waiting.length === 1);
    plane.broker.waiting[0]?.refuse(new BrokerError('AccessDenied', 'It denied access'));
    expect(await answer).toMatchObject({ status: 403, body: '{"code":"AccessDenied","message":"It denied access"}' });
  });
});

describe('checkin', () => {
  it.each([true, false])('says whether anything was given back: %s', async (gaveBack) => {
    const plane = await openControlPlane();
    plane.broker.gaveBack = gaveBack;
    const answer = await plane.send('POST', '/v1/profiles/dev/checkin');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { givenBack: gaveBack }]);
    expect(plane.broker.checkedIn).toEqual(['dev']);
  });
});

describe('logout', () => {
  it('asks the broker and answers when it is done', async () => {
    const plane = await openControlPlane();
    plane.broker.sessionViews = [work];
    const answer = await plane.send('POST', sessionPathOf('work', 'logout'), { revoke: false });
    expect(answer.status).toBe(200);
    expect([plane.broker.loggedOut, plane.broker.revoked]).toEqual([['work'], []]);
  });

  it('ends the session upstream where that is asked for', async () => {
    const plane = await openControlPlane();
    plane.broker.sessionViews = [work];
    await plane.send('POST', sessionPathOf('work', 'logout'), { revoke: true });
    expect(plane.broker.revoked).toEqual(['work']);
  });

  it('refuses to guess whether it shall', async () => {
    const plane = await openControlPlane();
    plane.broker.sessionViews = [work];
    expect((await plane.send('POST', sessionPathOf('work', 'logout'), {})).status).toBe(400);
    expect(plane.broker.loggedOut).toEqual([]);
  });

  it('refuses a session that does not exist', async () => {
    const plane = await openControlPlane();
    const answer = await plane.send('POST', '/v1/sessions/nobody/logout', { revoke: false });
    const message = 'There is no session "nobody"';
    expect([answer.status, answer.body]).toEqual([404, JSON.stringify({ code: 'SessionNotFound', message })]);
  });
});

describe('grants', () => {
  const body = { label: 'shell', kind: 'install', profiles: ['dev'], lifetimeMs: 60_000 };

  it('issues one, shows its token once, lists it and revokes it', async () => {
    const plane = await openControlPlane();
    const answer = await plane.send('POST', '/v1/grants', body);
    const { token, ...view } = JSON.parse(answer.body);
    expect(answer.status).toBe(201);
    expect(plane.grants.find(token)?.id).toBe(view.id);
    const list = await plane.send('GET', '/v1/grants');
    expect(JSON.parse(list.body)).toEqual({ grants: [view] });
    expect(list.body).not.toContain(token);
    const connection = plane.connect().send(controlRequest('DELETE', `/v1/grants/${view.id}`));
    expect((await connection.head()).status).toBe(204);
    connection.destroy();
    expect(plane.grants.find(token)).toBeNull();
    await plane.app.close();
    expect(JSON.stringify(plane.log.lines)).not.toContain(token);
  });

  it.each([
    [{ ...body, label: '' }],
    [{ ...body, label: 'x'.repeat(129) }],
    [{ ...body, kind: 'root' }],
    [{ ...body, profiles: [] }],
    [{ ...body, profiles: 'dev' }],
    [{ ...body, profiles: [1] }],
    [{ ...body, lifetimeMs: 0 }],
    [{ ...body, lifetimeMs: '60000' }],
    [{ ...body, more: true }],
    [{ label: 'shell', kind: 'install', profiles: '*' }],
    [null],
    [[]],
  ])('refuses the shape %j', async (shape) => {
    const plane = await openControlPlane();
    const answer = await plane.send('POST', '/v1/grants', shape);
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, 'BadRequest']);
    expect(plane.grants.list()).toEqual([]);
  });

  it('refuses a profile that does not exist', async () => {
    const plane = await openControlPlane();
    const answer = await plane.send('POST', '/v1/grants', { ...body, profiles: ['dev', 'dve'] });
    const message = 'No profile "dve". Run: credbroker profiles';
    expect([answer.status, answer.body]).toEqual([404, JSON.stringify({ code: 'ProfileNotFound', message })]);
  });

  it('refuses to revoke what is not there', async () => {
    const plane = await openControlPlane();
    const answer = await plane.send('DELETE', '/v1/grants/nobody');
    const message = 'There is no such grant. Run: credbroker grant list';
    expect([answer.status, answer.body]).toEqual([404, JSON.stringify({ code: 'NotFound', message })]);
  });
});

describe('the daemon', () => {
  it('reloads and answers with the complaints', async () => {
    const plane = await openControlPlane({ reload: async () => ['config:3 listen: Remove it'] });
    const answer = await plane.send('POST', '/v1/reload');
    expect(answer).toMatchObject({ status: 200, body: '{"problems":["config:3 listen: Remove it"]}' });
  });

  it('passes on why it could not reload', async () => {
    const refused = new BrokerError('ConfigInvalid', 'config:3: This is not YAML');
    const plane = await openControlPlane({ reload: () => Promise.reject(refused) });
    const answer = await plane.send('POST', '/v1/reload');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      422,
      { code: 'ConfigInvalid', message: 'config:3: This is not YAML' },
    ]);
  });

  it('answers before it stops', async () => {
    let stopped = () => {};
    const stopping = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const plane = await openControlPlane({ shutdown: () => stopped() });
    expect((await plane.send('POST', '/v1/shutdown')).status).toBe(202);
    await stopping;
  });
});

it('keeps a line for what changed something, and none for looking', async () => {
  const plane = await openControlPlane();
  await plane.send('GET', '/v1/status');
  await plane.send('POST', '/v1/profiles/dev/checkout', { format: 'process' });
  await plane.send('POST', '/v1/profiles/nobody/checkout', { format: 'process' });
  await plane.app.close();
  const fields = { method: 'POST', route: '/v1/profiles/:name/checkout' };
  expect(plane.log.lines).toEqual([
    { level: 'info', message: 'done', fields: { ...fields, names: ['dev'], status: 200 } },
    { level: 'warn', message: 'refused', fields: { ...fields, names: ['nobody'], status: 404 } },
  ]);
});
