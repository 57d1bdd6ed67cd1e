import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import type { RefreshNumbers } from '../../src/core/settings.ts';
import { mono, type Verdict } from '../../src/core/types.ts';
import { type Caller, UpstreamGate } from '../../src/core/upstream-gate.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { denied, ok, rejected, transient, unauthorized } from '../support/fake-upstream.ts';
import { settingsWith, ssoProfile, testBroker, told } from '../support/test-broker.ts';

const who = 'example.awsapps.com';
const lost: Verdict<never> = { type: 'ambiguous', detail: 'reset' };
const aborted: Verdict<never> = { type: 'transient', why: 'aborted', detail: 'given up', retryAfterMs: null };

/** A gate whose time the test owns; its pauses are drawn from the middle of their spread. */
function testGate() {
  const time = { now: 1_000 };
  const settings: { numbers: RefreshNumbers } = { numbers: defaults.refresh };
  const gate = new UpstreamGate({
    mono: () => mono(time.now),
    random: () => 0.5,
    numbers: () => settings.numbers,
  });
  const pass = (ms: number): void => {
    time.now += ms;
  };
  return {
    gate,
    settings,
    pass,
    /** Milliseconds until a call may begin; 0 for now. */
    waitMs: (caller: Caller = 'program') => (gate.closed(caller, who)?.until ?? time.now) - time.now,
    why: () => gate.closed('program', who)?.failure?.message ?? null,
    /** Begins as many calls as it may at this moment, and says how many. */
    beginAll: (caller: Caller): number => {
      let begun = 0;
      for (; gate.closed(caller, who) === null; begun++) gate.began();
      return begun;
    },
    call: (verdict: Verdict<unknown>, times = 1): void => {
      for (let n = 0; n < times; n++) {
        gate.began();
        gate.ended(verdict);
        pass(minutes(1));
      }
      pass(-minutes(1));
    },
  };
}

describe('the budget of an upstream', () => {
  it('lets ten calls begin at once, and then one every 200 ms', () => {
    const { beginAll, waitMs, why, pass } = testGate();
    expect([beginAll('program'), waitMs(), why()]).toEqual([10, 200, null]);
    pass(199);
    expect(beginAll('program')).toBe(0);
    pass(1);
    expect(beginAll('program')).toBe(1);
    pass(seconds(1));
    expect(beginAll('program')).toBe(5);
  });

  it('keeps a fifth of the burst for callers who wait', () => {
    const { beginAll, waitMs } = testGate();
    expect(beginAll('behind')).toBe(8);
    expect(waitMs('behind')).toBe(200);
    expect([waitMs('program'), beginAll('program')]).toEqual([0, 2]);
    expect(waitMs('behind')).toBe(600);
  });

  it('fills up again while nothing is asked, and never beyond the burst', () => {
    const { beginAll, pass } = testGate();
    beginAll('program');
    pass(hours(1));
    expect(beginAll('program')).toBe(10);
  });

  it('takes calls that could not wait off those to come', () => {
    const { gate, beginAll, waitMs } = testGate();
    beginAll('program');
    gate.began();
    gate.began();
    expect(waitMs()).toBe(600);
  });

  it('follows the settings as they change', () => {
    const { settings, beginAll, waitMs } = testGate();
    settings.numbers = { ...defaults.refresh, budget: { perSecond: 2, burst: 4, reserved: 0.25 } };
    expect([beginAll('behind'), beginAll('program'), waitMs()]).toEqual([3, 1, 500]);
  });
});

describe('the pause that an upstream asks for', () => {
  it('holds everybody, whoever was told', () => {
    const { call, waitMs, why, pass } = testGate();
    call(transient(minutes(2)));
    expect([waitMs('program'), waitMs('behind'), why()]).toEqual([
      minutes(2),
      minutes(2),
      'example.awsapps.com asked us to wait; it is asked again in 120 s',
    ]);
    pass(minutes(2) - 1);
    expect(waitMs()).toBe(1);
    pass(1);
    expect(waitMs()).toBe(0);
  });

  it.each([
    [minutes(15) - 1, minutes(15) - 1],
    [minutes(15), minutes(15)],
    [minutes(15) + 1, minutes(15)],
    [hours(8), minutes(15)],
  ])('of %i ms is one of %i ms', (asked, expected) => {
    const { call, waitMs } = testGate();
    call(transient(asked));
    expect(waitMs()).toBe(expected);
  });

  it('is none after a failure that names no time', () => {
    const { call, waitMs } = testGate();
    call(transient());
    expect(waitMs()).toBe(0);
  });

  it.each([
    ['failure that names no time', transient()],
    ['success', ok(undefined)],
  ])('is not ended by the %s of a call that began before', (_, verdict) => {
    const { gate, waitMs } = testGate();
    gate.began();
    gate.began();
    gate.ended(transient(minutes(1)));
    gate.ended(verdict);
    expect(waitMs()).toBe(minutes(1));
  });
});

describe('a maintenance', () => {
  const maintenance: Verdict<never> = {
    type: 'transient',
    why: 'maintenance',
    detail: 'Back at 10',
    retryAfterMs: minutes(1),
  };

  it('keeps programs away for a time that they are told, with its own words', () => {
    const { call, waitMs, why, pass } = testGate();
    call(maintenance);
    expect([waitMs('program'), waitMs('behind')]).toEqual([minutes(1), minutes(1)]);
    pass(seconds(15) + 1);
    expect(why()).toBe('example.awsapps.com is in maintenance; it is asked again in 45 s: "Back at 10"');
    pass(seconds(45) - 1);
    expect([waitMs('program'), why()]).toEqual([0, null]);
  });

  it('lets a person find out whether it is over, which is then known to all', () => {
    const { call, waitMs } = testGate();
    call(maintenance);
    expect(waitMs('person')).toBe(0);
    call(ok(undefined));
    expect(waitMs('program')).toBe(0);
  });

  it('is an answer, and opens no circuit', () => {
    const { gate, call, waitMs } = testGate();
    call(lost, 4);
    call(maintenance, 9);
    expect([gate.view().state, waitMs('person')]).toEqual(['closed', 0]);
  });

  it('is not what keeps anybody away later, when nothing answers', () => {
    const { call, why, pass } = testGate();
    call(maintenance);
    pass(minutes(1));
    call(lost, 5);
    expect(why()).toBe('example.awsapps.com has failed several times in a row; it is asked again soon');
  });

  it('ends no pause that was asked for', () => {
    const { call, waitMs } = testGate();
    call(transient(minutes(5)));
    call(maintenance);
    expect(waitMs('person')).toBe(minutes(5));
  });
});

describe('the circuit', () => {
  it('opens after five calls in a row without an answer', () => {
    const { gate, call, waitMs, why } = testGate();
    call(lost, 2);
    call(transient(), 2);
    expect([waitMs(), gate.view()]).toEqual([0, { state: 'closed', failures: 4, retryInMs: 0 }]);
    call(lost);
    expect([waitMs(), gate.view()]).toEqual([7_500, { state: 'open', failures: 5, retryInMs: 7_500 }]);
    expect(why()).toBe('example.awsapps.com has failed several times in a row; it is asked again soon');
  });

  it('counts only calls in a row', () => {
    const { call, waitMs } = testGate();
    call(transient(), 4);
    call(ok(undefined));
    call(transient(), 4);
    expect(waitMs()).toBe(0);
  });

  it('says nothing of calls that we gave up ourselves', () => {
    const { gate, call } = testGate();
    call(transient(), 4);
    call(aborted, 9);
    expect(gate.view()).toEqual({ state: 'closed', failures: 4, retryInMs: 0 });
    call(transient());
    expect(gate.view().state).toBe('open');
  });

  it('stays open twice as long after each try that fails, up to its cap', () => {
    const { gate, call, pass } = testGate();
    call(transient(), 5);
    const pauses: number[] = [];
    for (let tries = 0; tries < 5; tries++) {
      pauses.push(gate.view().retryInMs);
      pass(gate.view().retryInMs);
      call(transient());
    }
    expect(pauses).toEqual([7_500, 15_000, 22_500, 22_500, 22_500]);
  });

  it('waits as long as upstream asks where that is longer', () => {
    const { call, waitMs } = testGate();
    call(transient(), 4);
    call(transient(minutes(1)));
    expect(waitMs()).toBe(minutes(1));
  });

  it('lets one call try whether upstream is back, and the others look again a second later', () => {
    const { gate, call, waitMs, why, pass } = testGate();
    call(transient(), 5);
    pass(7_500);
    expect([gate.view().state, waitMs('program'), waitMs('behind')]).toEqual(['half-open', 0, 0]);
    gate.began();
    expect([waitMs('program'), waitMs('behind')]).toEqual([1_000, 1_000]);
    expect(why()).toContain('has failed several times in a row');
    gate.ended(transient());
    expect(waitMs()).toBe(15_000);
  });

  it.each([
    ['credentials', ok(undefined)],
    ['a refused token', unauthorized],
    ['a denial', denied],
    ['a dead grant', rejected],
    ['an earlier checkout', { type: 'not-yet', retryAt: 0 } as Verdict<never>],
  ])('closes on %s, for that is an answer', (_, answer) => {
    const { gate, call, waitMs, pass } = testGate();
    call(transient(), 7);
    pass(minutes(1));
    gate.began();
    gate.ended(answer);
    expect([waitMs('program'), waitMs('behind'), gate.view()]).toEqual([
      0,
      0,
      { state: 'closed', failures: 0, retryInMs: 0 },
    ]);
    call(transient(), 4);
    expect(waitMs()).toBe(0);
  });

  it.each([
    ['is never answered', null],
    ['is given up', aborted],
  ])('holds nobody for ever behind a try that %s', (_, end) => {
    const { gate, call, waitMs, pass } = testGate();
    call(transient(), 5);
    pass(7_500);
    gate.began();
    if (end) gate.ended(end);
    pass(seconds(15) - 1);
    expect(waitMs()).toBe(1_000);
    pass(1);
    expect(waitMs()).toBe(0);
  });

  it('is closed again by a wake', () => {
    const { gate, call, waitMs } = testGate();
    call(transient(minutes(15)), 9);
    gate.reset();
    expect([waitMs(), gate.view()]).toEqual([0, { state: 'closed', failures: 0, retryInMs: 0 }]);
  });
});

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `p${i}`);

/** A broker with so many profiles of one session, and the hour of each set in the test's hands. */
async function manyProfiles(count: number) {
  const profiles = new Map(names(count).map((name) => [name, ssoProfile(name, 'work')]));
  return testBroker({ stored: (upstream) => upstream.record(hours(8)), settings: { profiles } });
}

/** The same with something held for each. */
async function manyWarm(count: number) {
  const parts = await manyProfiles(count);
  const { get, clock, upstream } = parts;
  for (const name of names(count)) get(name, { holdMs: minutes(1) });
  await clock.pass(seconds(count / 5));
  for (const call of upstream.acquires) call.answer(ok(upstream.credentials()));
  await clock.pass(minutes(44));
  expect(upstream.acquires).toHaveLength(count);
  return parts;
}

describe('many profiles of one session', () => {
  it('ask upstream in turn, and every caller who waits long enough is served', async () => {
    const { get, clock, upstream } = await manyProfiles(40);
    const callers = names(40).map((name) => get(name, { holdMs: seconds(10) }));
    await settled();
    const called = [upstream.acquires.length];
    for (let second = 0; second < 6; second++) {
      await clock.pass(seconds(1));
      called.push(upstream.acquires.length);
    }
    expect(called).toEqual([10, 15, 20, 25, 30, 35, 40]);
    for (const call of upstream.acquires) call.answer(ok(upstream.credentials()));
    await settled();
    expect(new Set(callers.map(told))).toEqual(new Set(['generation 1']));
  });

  it('tell callers whose patience ends before their turn that it is under way', async () => {
    const { get, clock } = await manyProfiles(20);
    const callers = names(20).map((name) => get(name));
    await clock.pass(800);
    expect(callers.slice(-1).map(told)).toEqual(['Credentials for "p19" are being fetched; ask again']);
  });

  it('are renewed behind one after the other, and none is forgotten', async () => {
    const { broker, clock, upstream } = await manyWarm(20);
    broker.beat();
    await settled();
    expect(upstream.acquires).toHaveLength(20 + 8);
    await clock.pass(seconds(2));
    expect(upstream.acquires).toHaveLength(20 + 18);
    await clock.pass(400);
    expect(upstream.acquires).toHaveLength(40);
  });

  it('leave room for a caller with nothing while all are renewed behind', async () => {
    const { broker, get, upstream, clock } = await manyWarm(20);
    broker.reload(
      settingsWith({ profiles: new Map([...broker.settings().profiles, ['new', ssoProfile('new', 'work')]]) }),
    );
    broker.beat();
    await settled();
    const asked = get('new');
    await settled();
    expect(upstream.acquires).toHaveLength(20 + 8 + 1);
    upstream.acquires.at(-1)?.answer(ok(upstream.credentials()));
    await clock.pass(1);
    expect(told(asked)).toBe('generation 1');
  });

  it('are not held back from a caller whose own renewal behind had to wait', async () => {
    const { broker, clock, get, upstream } = await manyWarm(20);
    await clock.pass(minutes(12));
    broker.beat();
    await settled();
    expect(upstream.acquires).toHaveLength(20 + 8);
    get('p19');
    await settled();
    expect(upstream.acquires).toHaveLength(20 + 9);
  });

  it('wait together when upstream has asked one of them to wait', async () => {
    const { get, clock, upstream } = await testBroker({ stored: (up) => up.record(hours(8)) });
    get('dev');
    await settled();
    upstream.acquires[0]?.answer(transient(minutes(2)));
    await settled();
    const asked = get('staging');
    await settled();
    expect([told(asked), upstream.acquires.length]).toEqual([
      'example.awsapps.com asked us to wait; it is asked again in 120 s',
      1,
    ]);
    await clock.pass(minutes(2));
    get('staging');
    await settled();
    expect(upstream.acquires).toHaveLength(2);
  });

  it('ask an upstream that does not answer five times together, and then one of them at a time', async () => {
    const { broker, get, clock, upstream } = await manyProfiles(20);
    const giveUpAll = async (): Promise<void> => {
      for (const call of upstream.acquires) call.answer(transient());
      await settled();
    };
    for (const name of names(5)) get(name, { holdMs: 10 });
    await settled();
    await giveUpAll();
    expect(broker.sessions()[0]?.upstream).toEqual({ state: 'open', failures: 5, retryInMs: 7_500 });
    const callers = names(20).map((name) => get(name, { holdMs: seconds(60) }));
    await clock.pass(7_499);
    expect(upstream.acquires).toHaveLength(5);
    await clock.pass(1_000);
    expect(upstream.acquires).toHaveLength(6);
    for (let second = 0; second < 6; second++) {
      for (const call of upstream.acquires) call.answer(ok(upstream.credentials()));
      await clock.pass(seconds(1));
    }
    expect(new Set(callers.map(told))).toEqual(new Set(['generation 1']));
  });

  it('go on after a try that hangs, once it had its time', async () => {
    const { get, clock, upstream } = await manyProfiles(7);
    for (const name of names(5)) get(name, { holdMs: 10 });
    await settled();
    for (const call of upstream.acquires) call.answer(transient());
    await clock.pass(7_500);
    get('p5', { holdMs: 10 });
    const other = get('p6', { holdMs: minutes(2) });
    await clock.pass(seconds(15));
    expect([upstream.acquires.length, upstream.acquires[5]?.signal.aborted]).toEqual([6, true]);
    await clock.pass(seconds(15) - 1);
    expect(upstream.acquires).toHaveLength(6);
    await clock.pass(1);
    expect(upstream.acquires).toHaveLength(7);
    upstream.acquires[6]?.answer(ok(upstream.credentials()));
    await settled();
    expect(told(other)).toBe('generation 1');
  });
});
