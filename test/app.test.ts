/** The data plane on a real broker: only upstream, the store and the time are in the test's hands. */
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { grantSecrets } from '../routes/tokens.ts';
import { buildControlPlane, buildDataPlane } from '../src/app.ts';
import { Grants, type GrantsRecord } from '../src/core/grants.ts';
import { HandOuts } from '../src/core/hand-outs.ts';
import { Refusals } from '../src/core/refusals.ts';
import type { Verdict } from '../src/core/types.ts';
import { hours, minutes, seconds, settled } from './support/fake-clock.ts';
import { clustersOf } from './support/fake-eks.ts';
import { denied, ok, rejected, transient, unauthorized } from './support/fake-upstream.ts';
import { MemoryFile } from './support/memory-file.ts';
import { type RawAnswer, RawConnection, requestOf } from './support/raw-http.ts';
import { loginOptions, settingsWith, type TestBrokerOptions, testBroker } from './support/test-broker.ts';

/** A broker behind its data plane, one grant for everything, and one connection on which everything is asked. */
async function served(options: TestBrokerOptions = {}) {
  const parts = await testBroker({ stored: (upstream) => upstream.record(hours(8)), ...options });
  const { broker, clock, log, upstream } = parts;
  const file = new MemoryFile<GrantsRecord>();
  const grants = new Grants({ clock, file, secrets: grantSecrets });
  const refusals = new Refusals(clock);
  const app = await buildDataPlane({
    ...{ broker, grants, refusals, log },
    clusters: clustersOf(broker, clock),
    handOuts: new HandOuts(log),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const connection = new RawConnection({ port });
  onTestFinished(async () => {
    connection.destroy();
    await app.close();
  });
  const { token } = grants.issue({ label: 'test', kind: 'install', profiles: '*', lifetimeMs: null });
  const request = (path: string) =>
    requestOf(`GET ${path} HTTP/1.1`, [
      ['Host', `127.0.0.1:${port}`],
      ['Authorization', token],
    ]);
  const get = (path = '/credentials/dev'): Promise<RawAnswer> => connection.send(request(path)).answer();
  const called = async (count: number): Promise<void> => {
    while (upstream.acquires.length < count) await settled();
  };
  /** Asks for what is not held; upstream's answer decides. */
  const cold = async (answer: Parameters<(typeof upstream.acquires)[number]['answer']>[0]): Promise<RawAnswer> => {
    const count = upstream.acquires.length + 1;
    const asked = get();
    await called(count);
    upstream.acquires[count - 1]?.answer(answer);
    return asked;
  };
  return { ...parts, app, port, token, grants, refusals, request, get, called, cold };
}

/** One that holds an hour's credentials for `dev`, fetched just now. */
async function warm(options: TestBrokerOptions = {}) {
  const plane = await served(options);
  await plane.cold(ok(plane.upstream.credentials()));
  return plane;
}

type Plane = Awaited<ReturnType<typeof served>>;

/** Answers whatever upstream has been asked since. */
function keepAnswering({ upstream }: Plane): () => void {
  let answered = 0;
  return () => {
    for (const call of upstream.acquires.slice(answered)) call.answer(ok(upstream.credentials()));
    answered = upstream.acquires.length;
  };
}

/** Lets a request end that may have to wait: upstream gives this answer to every call, or what each asks for. */
async function whileAnswering(
  { upstream, clock }: Plane,
  asked: Promise<RawAnswer>,
  verdict: Verdict<never> | null,
): Promise<RawAnswer> {
  let ended = false;
  const watched = asked.finally(() => {
    ended = true;
  });
  while (!ended) {
    const record = { record: upstream.record(), lifetimeMs: hours(1) };
    for (const call of upstream.refreshes) call.answer(verdict ?? ok(record));
    for (const call of upstream.acquires) call.answer(verdict ?? ok(upstream.credentials()));
    await clock.pass(10);
  }
  return watched;
}

/** Refused in four keys and whole words; which ones is the core's affair. */
function expectRefusal({ status, body }: RawAnswer, expected: number, code: string): string {
  const { message } = JSON.parse(body);
  expect(message).toMatch(/^[^…]{10,100}$/);
  expect([status, body]).toEqual([expected, JSON.stringify({ code, message, Code: code, Message: message })]);
  return message;
}

const keyOf = ({ body }: RawAnswer): string => JSON.parse(body).AccessKeyId;
const leftOf = ({ clock }: Plane, { body }: RawAnswer): number => Date.parse(JSON.parse(body).Expiration) - clock.now();

describe('a cold profile', () => {
  it('case 24: costs one upstream call for 50 callers, who all get the same bytes', async () => {
    const plane = await served();
    let arrived = 0;
    plane.app.server.on('request', () => {
      arrived += 1;
    });
    const callers = Array.from({ length: 50 }, () => new RawConnection({ port: plane.port }));
    const answers = callers.map((caller) => caller.send(plane.request('/credentials/dev')).answer());
    while (arrived < 50) await settled();
    await plane.called(1);
    plane.upstream.acquires[0]?.answer(ok(plane.upstream.credentials()));
    const got = await Promise.all(answers);
    for (const caller of callers) caller.destroy();
    expect(new Set(got.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(got[0]?.status).toBe(200);
    expect(plane.upstream.acquires).toHaveLength(1);
  });

  it('case 43: is answered within 800 ms although upstream hangs', async () => {
    const plane = await served();
    const asked = plane.get();
    let answered = false;
    void asked.then(() => {
      answered = true;
    });
    await plane.called(1);
    await plane.clock.pass(799);
    expect(answered).toBe(false);
    await plane.clock.pass(1);
    expectRefusal(await asked, 503, 'Renewing');
  });

  it('case 44: says that a sign-in waits, and has credentials for the first who asks after it', async () => {
    const plane = await served({ stored: () => null });
    const asked = plane.get();
    while (plane.upstream.probes.length === 0) await settled();
    plane.upstream.probes[0]?.answer(unauthorized);
    while (plane.upstream.logins.length === 0) await settled();
    await plane.clock.pass(800);
    expect(expectRefusal(await asked, 503, 'LoginPending')).toContain('Run: credbroker login work');
    plane.upstream.logins[0]?.answer({ type: 'ok', record: plane.upstream.record(), lifetimeMs: hours(1) });
    expect(await plane.cold(ok(plane.upstream.credentials()))).toMatchObject({ status: 200 });
    expect(plane.upstream.logins).toHaveLength(1);
  });

  it('case 31: is refused when its credentials are too large for AWS clients, with a line in the log', async () => {
    const plane = await served();
    const answer = await plane.cold(ok({ ...plane.upstream.credentials(), sessionToken: 'x'.repeat(9_000) }));
    expectRefusal(answer, 503, 'UpstreamUnavailable');
    expect(plane.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'credentials cannot be handed out' }),
    );
    expect(JSON.stringify(plane.log.lines)).not.toContain('xxxx');
  });

  it.each([
    [-5, 'UpstreamUnavailable'],
    [0, 'UpstreamUnavailable'],
    [5, 'Renewing'],
  ])('case 34: is refused when upstream sends credentials with %i seconds left', async (left, code) => {
    const plane = await served();
    const asked = plane.cold(ok(plane.upstream.credentials(seconds(left))));
    await plane.called(1);
    for (let turn = 0; turn < 10; turn++) {
      await plane.clock.pass(100);
      for (const call of plane.upstream.acquires) call.answer(ok(plane.upstream.credentials(seconds(left))));
    }
    expectRefusal(await asked, 503, code);
  });

  it('case 47: is refused while the tokens cannot be read, which is no reason to sign in', async () => {
    const plane = await served({ stored: () => null });
    plane.store.unreadable = true;
    expectRefusal(await plane.get(), 503, 'KeychainUnavailable');
    expect([plane.upstream.probes.length, plane.upstream.logins.length]).toEqual([0, 0]);
  });

  it('case 33: that holds static keys is refused with what to do instead', async () => {
    const message = 'Profile "keys" holds static access keys, not served yet; use it with the AWS tools directly';
    const { origin, region } = { origin: { file: 'config', line: 1 }, region: null };
    const keys = {
      kind: 'unserved' as const,
      name: 'keys',
      region,
      description: null,
      origin,
      problem: message,
      yields: true,
    };
    const plane = await served({ settings: { profiles: new Map([['keys', keys]]) } });
    expect(expectRefusal(await plane.get('/credentials/keys'), 400, 'ConfigInvalid')).toBe(message);
    expect(plane.upstream.acquires).toEqual([]);
  });
});

describe('a warm profile', () => {
  it('case 35: costs no upstream call, no timer, no line in the log and no write', async () => {
    const plane = await warm();
    await settled();
    const { clock, log, upstream, file } = { ...plane, file: plane.grants.list()[0]?.lastUsedAt };
    const [lines, calls] = [log.lines.length, upstream.acquires.length];
    const armed: number[] = [];
    const after = clock.after;
    clock.after = (ms, run) => {
      armed.push(ms);
      return after(ms, run);
    };
    const bodies = new Set<string>();
    for (let n = 0; n < 100; n++) bodies.add((await plane.get()).body);
    expect(bodies.size).toBe(1);
    expect({ armed, lines: log.lines.length, calls: upstream.acquires.length }).toEqual({ armed: [], lines, calls });
    expect(plane.grants.list()[0]?.lastUsedAt).toBe(file);
  });

  it('case 36: is served at once when it is due, and renewed by one call behind', async () => {
    const plane = await warm();
    const first = await plane.get();
    const renewsAt = Date.parse(plane.broker.profiles().find(({ name }) => name === 'dev')?.renewsAt ?? '');
    const left = leftOf(plane, first) - (renewsAt - plane.clock.now());
    expect(left).toBeGreaterThanOrEqual(minutes(17));
    expect(left).toBeLessThanOrEqual(minutes(20) + seconds(1));
    await plane.clock.pass(renewsAt - plane.clock.now() - 1);
    expect((await plane.get()).body).toBe(first.body);
    expect(plane.upstream.acquires).toHaveLength(1);
    await plane.clock.pass(seconds(1) + 1);
    for (let n = 0; n < 20; n++) expect((await plane.get()).body).toBe(first.body);
    expect(plane.upstream.acquires).toHaveLength(2);
  });

  it('cases 29 and 37: is served through an outage to its last minute, without a sign-in', async () => {
    const plane = await served({ stored: (upstream) => upstream.record(minutes(50)) });
    const { clock, upstream, broker } = plane;
    const first = await plane.cold(ok(upstream.credentials()));
    await clock.pass(minutes(40));
    while (leftOf(plane, first) > seconds(67)) {
      broker.beat();
      const answer = await whileAnswering(plane, plane.get(), transient());
      expect([leftOf(plane, first), answer.status, answer.body]).toEqual([expect.any(Number), 200, first.body]);
      await clock.pass(seconds(5));
    }
    expect(upstream.refreshes.length).toBeGreaterThan(2);
    expect(upstream.refreshes.length + upstream.acquires.length).toBeLessThan(40);
    await clock.pass(seconds(10));
    const last = await whileAnswering(plane, plane.get(), transient());
    expectRefusal(last, 503, 'UpstreamUnavailable');
    expect(upstream.logins).toEqual([]);

    // Upstream is back: whoever asks every five seconds has credentials within half a minute.
    const statuses: number[] = [];
    while (!statuses.includes(200) && statuses.length < 7) {
      await clock.pass(seconds(5));
      statuses.push((await whileAnswering(plane, plane.get(), null)).status);
    }
    expect(statuses.at(-1)).toBe(200);
    expect(broker.sessions()[0]?.state).toBe('active');
  });

  it('case 38: is served with 61 seconds left and refused with 59', async () => {
    const plane = await warm();
    await plane.clock.pass(minutes(59) - seconds(1));
    const last = plane.get();
    await plane.called(2);
    plane.upstream.acquires[1]?.answer(transient());
    expect(await last).toMatchObject({ status: 200 });
    await plane.clock.pass(seconds(2));
    const refused = plane.get();
    await plane.called(3);
    plane.upstream.acquires[2]?.answer(transient());
    expectRefusal(await refused, 503, 'UpstreamUnavailable');
  });

  it('case 39: that has 899 seconds left is a new one for the next request', async () => {
    const plane = await warm();
    await plane.clock.pass(minutes(60) - seconds(899));
    expect(leftOf(plane, await plane.get())).toBe(seconds(899));
    await plane.called(2);
    plane.upstream.acquires[1]?.answer(ok(plane.upstream.credentials()));
    await settled();
    expect(leftOf(plane, await plane.get())).toBeGreaterThan(seconds(960));
  });

  it('case 40: that has 890 seconds left costs botocore two requests for 20 signatures', async () => {
    const plane = await warm();
    const answerAll = keepAnswering(plane);
    answerAll();
    await plane.clock.pass(minutes(60) - seconds(890));
    let requests = 0;
    let left = 0;
    for (let signature = 0; signature < 20; signature++) {
      // botocore's advisory window: it asks again for each signature while less than 15 minutes are left.
      if (left > minutes(15)) continue;
      left = leftOf(plane, await plane.get());
      requests += 1;
      answerAll();
      await settled();
    }
    expect(requests).toBe(2);
  });

  it('case 41: is renewed before Go, JavaScript and Ruby would come back at 5 minutes', async () => {
    const plane = await warm();
    const answerAll = keepAnswering(plane);
    for (let passed = 0; passed < minutes(60) - seconds(290); passed += seconds(10)) {
      plane.broker.beat();
      await settled();
      answerAll();
      await plane.clock.pass(seconds(10));
    }
    expect(leftOf(plane, await plane.get())).toBeGreaterThan(minutes(16));
    expect(plane.upstream.acquires).toHaveLength(2);
  });

  it('case 42: of STS’s shortest life serves 100 signatures in each minute without a limit', async () => {
    const plane = await served();
    await plane.cold(ok(plane.upstream.credentials(minutes(15))));
    const statuses = new Set<number>();
    for (let minute = 0; minute < 14; minute++) {
      for (let n = 0; n < 100; n++) statuses.add((await plane.get()).status);
      for (const call of plane.upstream.acquires) call.answer(ok(plane.upstream.credentials(minutes(15))));
      await plane.clock.pass(minutes(1));
    }
    expect([...statuses]).toEqual([200]);
    expect(plane.upstream.acquires.length).toBeLessThanOrEqual(3);
  });

  it.each([
    ['case 34: keeps what it has when upstream sends something that has expired', -5],
    ['keeps what it has when upstream sends something that ends sooner', 600],
  ])('%s', async (_title, left) => {
    const plane = await warm();
    const first = await plane.get();
    await plane.clock.pass(minutes(44));
    await plane.get();
    await plane.called(2);
    plane.upstream.acquires[1]?.answer(ok(plane.upstream.credentials(seconds(left))));
    await settled();
    expect((await plane.get()).body).toBe(first.body);
  });

  it('case 47: is served while the tokens cannot be read', async () => {
    const plane = await warm();
    const key = keyOf(await plane.get());
    plane.store.unreadable = true;
    plane.store.overwrite(plane.store.stored);
    await plane.clock.pass(minutes(30));
    expect(keyOf(await plane.get())).toBe(key);
  });

  it('case 45: is refused at once when the clock is set forward beyond its end', async () => {
    const plane = await warm();
    plane.clock.sleep(hours(1) + minutes(10));
    expectRefusal(await plane.cold(transient()), 503, 'UpstreamUnavailable');
  });

  it('case 48: after a sign-out and a sign-in has other keys', async () => {
    const plane = await warm();
    const old = keyOf(await plane.get());
    await plane.broker.logout('work');
    expect(expectRefusal(await plane.get(), 403, 'LoginRequired')).toContain('Run: credbroker login work');
    const login = plane.broker.login('work', loginOptions());
    plane.upstream.logins[0]?.answer({ type: 'ok', record: plane.upstream.record(), lifetimeMs: hours(1) });
    await login;
    expect(keyOf(await plane.cold(ok(plane.upstream.credentials())))).not.toBe(old);
  });

  it('case 51 of the upstream list: outlives its session, and the state says so', async () => {
    const plane = await served({ stored: (upstream) => upstream.record(minutes(20)), settings: { login: 'manual' } });
    const key = keyOf(await plane.cold(ok(plane.upstream.credentials())));
    plane.broker.beat();
    while (plane.upstream.refreshes.length === 0) await settled();
    plane.upstream.refreshes[0]?.answer(rejected);
    await plane.clock.pass(minutes(30));
    expect(keyOf(await plane.get())).toBe(key);
    const ready = await plane.get('/readyz');
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.body)).toMatchObject({
      code: 'LoginRequired',
      sessions: [{ name: 'work', state: 'login-required' }],
      profiles: expect.arrayContaining([{ name: 'dev', state: 'fresh' }]),
    });
  });
});

describe('two sessions', () => {
  const two = () => {
    const { sessions, profiles } = settingsWith();
    const [work, dev] = [sessions.get('work'), profiles.get('dev')];
    if (work?.provider !== 'aws-sso' || dev?.kind !== 'sso') throw new Error('The settings have changed');
    return {
      sessions: new Map([
        ['work', work],
        ['home', { ...work, name: 'home', cacheKey: 'home' }],
      ]),
      profiles: new Map([
        ['dev', dev],
        ['private', { ...dev, name: 'private', session: 'home' }],
      ]),
    };
  };

  it('case 37 and defect 7 of the upstream list: do not wait for each other', async () => {
    const plane = await served({ settings: two(), stored: (upstream) => upstream.record(0) });
    const stuck = new RawConnection({ port: plane.port });
    onTestFinished(() => stuck.destroy());
    stuck.send(plane.request('/credentials/dev'));
    while (plane.upstream.refreshes.length < 1) await settled();
    const asked = plane.get('/credentials/private');
    while (plane.upstream.refreshes.length < 2) await settled();
    plane.upstream.refreshes[1]?.answer(ok({ record: plane.upstream.record(), lifetimeMs: hours(1) }));
    await plane.called(1);
    plane.upstream.acquires[0]?.answer(ok(plane.upstream.credentials()));
    expect((await asked).status).toBe(200);
    expect(plane.broker.sessions().map(({ name, state }) => [name, state])).toEqual([
      ['work', 'offline'],
      ['home', 'active'],
    ]);
  });
});

describe('what is told', () => {
  it('case 38 of the upstream list: holds no token and no key, nor does the status', async () => {
    const plane = await warm();
    const held = JSON.parse((await plane.get()).body);
    const [record] = [plane.store.stored];
    await plane.clock.pass(minutes(44));
    await plane.get();
    await plane.called(2);
    plane.upstream.acquires[1]?.answer(denied);
    const control = buildControlPlane({
      ...{ broker: plane.broker, grants: plane.grants, refusals: plane.refusals, log: plane.log },
      clusters: clustersOf(plane.broker, plane.clock),
      daemon: () => ({ pid: 1, version: '1', startedAt: '', url: '', clockOffsetMs: 0 }),
      storage: () => 'memory',
      reload: async () => [],
      shutdown: () => {},
    });
    onTestFinished(() => control.close());
    const headers = { host: 'localhost' };
    const said: string[] = [JSON.stringify(plane.log.lines)];
    for (const url of ['/v1/status', '/v1/sessions', '/v1/profiles', '/v1/grants']) {
      const { statusCode, payload } = await control.inject({ url, headers });
      expect(statusCode).toBe(200);
      said.push(payload);
    }
    said.push((await plane.get('/readyz')).body);
    const secrets = [record?.accessToken, record?.refreshToken, held.SecretAccessKey, held.Token, held.AccessKeyId];
    for (const secret of [...secrets, plane.token]) {
      // An empty one would stand in every text, or in none.
      expect(secret).toMatch(/^\S{6,}$/);
      expect(said.join('\n')).not.toContain(secret);
    }
  });
});
