import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import type { EpochMs } from '../../src/core/types.ts';
import type { ApplicationKind } from '../../src/core/views.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { denied, ok, rejected, transient } from '../support/fake-upstream.ts';
import { configured, offer } from '../support/offers.ts';
import { refuseToken, settingsWith, testBroker, warmBroker } from '../support/test-broker.ts';

const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
/** Rounded up to the second. */
const later = (now: EpochMs, ms: number): string => iso(now + ms + 999);
const unreachable = 'example.awsapps.com could not be reached; it is asked again soon';

describe('a profile of another kind of application', () => {
  const callerOf = async (kind: ApplicationKind) => {
    const profiles = new Map([['app', configured('app', 'Cloud/Dev/Reader', 'work')]]);
    const offers = () => [{ ...offer('reader', ['Cloud', 'Dev', 'Reader']), kind }];
    const { broker } = await testBroker({ settings: { profiles }, errands: { offers } });
    return broker.explain('app').caller;
  };

  it('refuses programs, which need not wait to hear it', async () => {
    expect(await callerOf('azure')).toEqual({
      answer: 'refused',
      code: 'AccessDenied',
      message: 'Profile "app" has no AWS credentials, which are all that programs get',
    });
  });

  it('is not one of AWS', async () => {
    expect(await callerOf('aws')).toEqual({ answer: 'waits', for: 'upstream' });
  });
});

describe('what is held', () => {
  it('names the lead, the range it was drawn from and the draw', async () => {
    const { broker, clock } = await warmBroker();
    const { held, state, asked } = broker.explain('dev');
    expect({ state, asked }).toEqual({ state: 'fresh', asked: true });
    const { lead, ...times } = held ?? expect.fail('nothing is held');
    const [now, end] = [clock.now(), clock.now() + hours(1)];
    expect(times).toEqual({
      generation: 1,
      issuedAt: iso(now),
      expiresAt: iso(end),
      renewsAt: iso(end - lead.ms),
      shortAt: iso(end - minutes(5)),
      spentAt: iso(end - minutes(1)),
    });
    expect(lead).toMatchObject({ minMs: minutes(17), maxMs: minutes(20) });
    expect(lead.ms).toBe(Math.round(minutes(17) + lead.draw * minutes(3)));
    expect(broker.explain('dev').held?.lead.draw).toBe(lead.draw);
  });

  it('draws no lead of more than half the life', async () => {
    const { broker } = await warmBroker(minutes(10));
    expect(broker.explain('dev').held?.lead).toMatchObject({ ms: minutes(5), minMs: minutes(5), maxMs: minutes(5) });
  });

  it('carries no secret', async () => {
    const { broker } = await warmBroker();
    expect(JSON.stringify(broker.explain('dev'))).not.toMatch(/secret|access-\d|refresh-\d|session-token|ASIA|fp:/);
  });
});

describe('a profile that nobody has asked for', () => {
  it('waits for a request, and the first one would wait for upstream', async () => {
    const { broker } = await testBroker();
    expect(broker.explain('dev')).toMatchObject({
      version: 1,
      profile: 'dev',
      state: 'empty',
      asked: false,
      held: null,
      caller: { answer: 'waits', for: 'upstream' },
      next: { what: 'request', at: null },
      gate: null,
      last: null,
      lastError: null,
      credit: 'spent',
      session: { name: 'work', state: 'active', last: null, retryAt: null },
    });
  });

  it('waits for no gate at any fraction of a second', async () => {
    const { broker, clock } = await testBroker();
    clock.advance(300);
    expect(broker.explain('dev')).toMatchObject({ next: { what: 'request', at: null }, gate: null });
  });

  it('is asked for by nobody when it is explained', async () => {
    const { broker, upstream, clock } = await testBroker();
    broker.explain('dev');
    broker.beat();
    await clock.pass(minutes(1));
    expect([broker.explain('dev').asked, upstream.acquires]).toEqual([false, []]);
  });

  it('says its problem where it cannot be served', async () => {
    const settings = settingsWith();
    const problem = 'Profile "old" uses "source_profile"';
    const base = { name: 'old', region: null, description: null, origin: { file: 'test', line: 1 } };
    const profiles = new Map([
      ...settings.profiles,
      ['old', { ...base, kind: 'unserved' as const, problem, yields: false }],
    ]);
    const { broker } = await testBroker({ settings: { profiles } });
    expect(broker.explain('old')).toMatchObject({
      state: 'unserved',
      caller: { answer: 'refused', code: 'ConfigInvalid', message: problem },
      next: { what: 'configuration', at: null },
      lastError: problem,
      session: null,
    });
  });

  it('is refused where it does not exist', async () => {
    const { broker } = await testBroker();
    expect(() => broker.explain('dve')).toThrow('No profile "dve". Run: credbroker profiles');
  });
});

describe('the next attempt', () => {
  it('is the renewal, at the very time at which it comes', async () => {
    const { broker, clock, upstream } = await warmBroker();
    const { next, held, credit } = broker.explain('dev');
    expect([next, credit]).toEqual([{ what: 'renewal', at: held?.renewsAt }, 'left']);
    await clock.pass(Date.parse(next.at ?? '') - clock.now() - seconds(1));
    broker.beat();
    expect(upstream.acquires).toHaveLength(1);
    await clock.pass(seconds(2));
    broker.beat();
    expect(upstream.acquires).toHaveLength(2);
    expect(broker.explain('dev').next).toEqual({ what: 'fetching', at: later(clock.now(), seconds(15)) });
  });

  it('waits for a request once the credit is spent, and for no request after one was served', async () => {
    const { broker, clock, upstream, get } = await warmBroker();
    await clock.pass(minutes(44));
    broker.beat();
    upstream.acquires[1]?.answer(ok(upstream.credentials()));
    await settled();
    expect(broker.explain('dev')).toMatchObject({ credit: 'spent', next: { what: 'request', at: null } });
    get();
    expect(broker.explain('dev')).toMatchObject({ credit: 'left', next: { what: 'renewal' } });
  });

  it('waits for the pause after a failure, which is the profile’s own', async () => {
    const { broker, clock, upstream, get } = await warmBroker();
    await clock.pass(minutes(44));
    get();
    await settled();
    upstream.acquires[1]?.answer(transient());
    await settled();
    const until = later(clock.now(), seconds(7.5));
    expect(broker.explain('dev')).toMatchObject({
      state: 'due',
      caller: { answer: 'served' },
      next: { what: 'renewal', at: until },
      gate: { whose: 'profile', until, failures: 1, why: unreachable },
      last: { at: iso(clock.now()), what: 'credentials', verdict: 'transient', detail: 'refused' },
      lastError: unreachable,
    });
  });

  it('waits for a request after a denial, and says how long none helps', async () => {
    const { broker, clock, upstream, get } = await warmBroker();
    await clock.pass(minutes(44));
    get();
    await settled();
    upstream.acquires[1]?.answer(denied);
    await settled();
    const until = later(clock.now(), minutes(1));
    expect(broker.explain('dev')).toMatchObject({
      credit: 'spent',
      next: { what: 'request', at: until },
      gate: { whose: 'profile', failures: 1, why: 'example.awsapps.com denied access: No access' },
      last: { verdict: 'denied', detail: 'No access' },
    });
  });

  it('waits for the circuit that others of its upstream have opened', async () => {
    const numbers = { ...defaults.refresh, circuit: { ...defaults.refresh.circuit, failures: 1 } };
    const { broker, clock, upstream, get } = await testBroker({ settings: { refresh: numbers } });
    get('staging');
    await settled();
    upstream.acquires[0]?.answer(transient());
    await settled();
    const why = 'example.awsapps.com has failed several times in a row; it is asked again soon';
    expect(broker.explain('dev')).toMatchObject({
      asked: false,
      caller: { answer: 'refused', code: 'UpstreamUnavailable', message: why },
      next: { what: 'request', at: later(clock.now(), seconds(7.5)) },
      gate: { whose: 'upstream', until: later(clock.now(), seconds(7.5)), failures: 1, why },
      session: { upstream: { state: 'open' } },
    });
    get();
    await settled();
    expect(broker.explain('dev')).toMatchObject({ asked: true, lastError: why, gate: { whose: 'upstream', why } });
  });

  it('waits for the session’s pause while that cannot be refreshed', async () => {
    const { broker, clock, upstream, get } = await testBroker({ stored: (from) => from.record(-seconds(1)) });
    get();
    await settled();
    upstream.refreshes[0]?.answer(transient());
    await settled();
    const why = 'example.awsapps.com could not be reached; it is asked again soon';
    const until = later(clock.now(), seconds(1.5));
    expect(broker.explain('dev')).toMatchObject({
      gate: { whose: 'session', until, failures: 1, why },
      next: { what: 'request', at: until },
      caller: { answer: 'refused', message: why },
      session: { state: 'offline', retryAt: until, last: { what: 'refresh', verdict: 'transient' } },
    });
  });

  it('waits for the session while that is being refreshed', async () => {
    const { broker, get } = await testBroker({ stored: (from) => from.record(-seconds(1)) });
    get();
    await settled();
    expect(broker.explain('dev')).toMatchObject({
      next: { what: 'session', at: null },
      caller: { answer: 'waits', for: 'refresh' },
    });
  });

  it('waits for the person where the sign-in has ended, and says when its renewal would be due', async () => {
    const { broker, clock, upstream, get } = await testBroker({
      stored: (from) => from.record(minutes(20), { refreshToken: null }),
    });
    get();
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await clock.pass(minutes(25));
    const { next, held, state } = broker.explain('dev');
    expect([state, next]).toEqual(['fresh', { what: 'sign-in', at: held?.renewsAt }]);
    await clock.pass(minutes(20));
    expect(broker.explain('dev').next).toEqual({ what: 'sign-in', at: null });
  });

  it('waits for the end of a checkout where only one can be had', async () => {
    const { broker, clock, upstream, get } = await testBroker({ renewal: 'exclusive' });
    get();
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials(hours(1), { transaction: 't1' })));
    await settled();
    const until = later(clock.now(), hours(1) + 500);
    expect(broker.explain('dev')).toMatchObject({
      state: 'fresh',
      credit: 'never',
      next: { what: 'request', at: until },
      gate: { whose: 'checkout', until, failures: 0, why: null },
    });
    await clock.pass(hours(1) - seconds(4));
    expect(broker.explain('dev')).toMatchObject({
      state: 'spent',
      next: { what: 'request', at: until },
      caller: { answer: 'waits', for: 'pause' },
    });
  });

  it('waits its turn where callers of its upstream come first', async () => {
    const { budget } = defaults.refresh;
    const refresh = { ...defaults.refresh, budget: { ...budget, burst: 2, perSecond: 0.1, reserved: 0.25 } };
    const { broker, clock, upstream, get } = await testBroker({
      settings: { refresh },
      stored: (from) => from.record(hours(8)),
    });
    get();
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await clock.pass(minutes(44));
    get('staging');
    get('prod');
    get();
    await settled();
    const until = later(clock.now(), seconds(15));
    expect(broker.explain('dev')).toMatchObject({
      state: 'due',
      next: { what: 'renewal', at: until },
      gate: { whose: 'turn', until, failures: 0, why: null },
    });
    expect(upstream.acquires).toHaveLength(3);
    await clock.pass(seconds(15));
    expect(upstream.acquires).toHaveLength(4);
  });

  it('is not told of the others’ turn while there is nothing to renew', async () => {
    const { broker, clock } = await warmBroker();
    clock.sleep(seconds(30));
    broker.beat();
    const { gate, next, held } = broker.explain('dev');
    expect([gate, next]).toEqual([null, { what: 'renewal', at: held?.renewsAt }]);
  });

  it('waits for the person after a sign-out, and what was asked before is still told', async () => {
    const { broker, clock } = await warmBroker();
    const asked = iso(clock.now());
    await clock.pass(minutes(5));
    await broker.logout('work');
    expect(broker.explain('dev')).toMatchObject({
      ...{ state: 'empty', asked: true, held: null, lastError: null },
      next: { what: 'sign-in', at: null },
      last: { at: asked, what: 'credentials', verdict: 'ok' },
      session: { state: 'signed-out', window: { heldBack: 'signed-out' } },
    });
    expect(broker.profiles().map((each) => each.asked)).toEqual([true, false, false]);
  });

  it('waits for another token where a session by token has ended', async () => {
    const { broker, get, upstream } = await testBroker({
      stored: (from) => from.record(hours(9), { refreshToken: null, tokenType: 'TOKEN' }),
    });
    get();
    await refuseToken(upstream);
    expect(broker.explain('dev')).toMatchObject({
      next: { what: 'sign-in', at: null },
      session: {
        state: 'login-required',
        next: 'Run: credbroker login work --token',
        window: { heldBack: 'by-token' },
      },
    });
  });

  it('gives a checkout back first', async () => {
    const { broker, clock, upstream, get } = await testBroker({ renewal: 'exclusive' });
    get();
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials(hours(1), { transaction: 't1' })));
    await settled();
    void broker.checkin('dev');
    await settled();
    expect(broker.explain('dev')).toMatchObject({
      state: 'empty',
      next: { what: 'checking-in', at: later(clock.now(), seconds(15)) },
      caller: { answer: 'waits', for: 'check-in' },
    });
  });
});

describe('the session behind it', () => {
  it('tells when it is refreshed', async () => {
    const { broker, clock } = await testBroker({ stored: (from) => from.record(hours(8)) });
    expect(broker.explain('dev').session).toMatchObject({
      nextRefreshAt: later(clock.now(), hours(7.5)),
      retryAt: null,
      last: null,
    });
  });

  it('tells what its last attempt proved', async () => {
    const { broker, clock, upstream, get } = await testBroker({ stored: (from) => from.record(minutes(20)) });
    get();
    await settled();
    upstream.refreshes[0]?.answer(rejected);
    await clock.pass(seconds(4));
    expect(broker.explain('dev').session).toMatchObject({
      state: 'expiring',
      nextRefreshAt: null,
      last: { at: later(clock.now(), -seconds(4)), what: 'refresh', verdict: 'rejected', detail: 'invalid_grant' },
    });
  });
});
