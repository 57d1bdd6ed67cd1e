import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok, transient, unauthorized } from '../support/fake-upstream.ts';
import { type TestBrokerOptions, testBroker, told } from '../support/test-broker.ts';

type Parts = Awaited<ReturnType<typeof testBroker>>;

const expired = 'Session "work" has expired. Run: credbroker login work';

/** A profile whose hour of credentials outlives its session, and nothing but a person can renew that. */
async function outliving(options: TestBrokerOptions = {}): Promise<Parts> {
  const parts = await testBroker({
    stored: (upstream) => upstream.record(minutes(30), { refreshToken: null }),
    ...options,
  });
  parts.get();
  await settled();
  parts.upstream.acquires[0]?.answer(ok(parts.upstream.credentials(hours(1))));
  await settled();
  return parts;
}

/** So long of the daemon's heart, with a program that asks every five seconds and must always be served, or with none. */
async function live(parts: Parts, ms: number, program: 'used' | 'idle'): Promise<void> {
  const { broker, clock, upstream } = parts;
  for (let passed = 0; passed < ms; passed += seconds(5)) {
    if (passed % seconds(15) === 0) broker.beat();
    if (program === 'used') expect(broker.peek('dev')?.generation).toBe(1);
    await settled();
    for (const probe of upstream.probes) probe.answer(unauthorized);
    await clock.pass(seconds(5));
  }
}

const needed = ({ notices }: Parts): readonly string[] =>
  notices.filter(({ kind }) => kind === 'sign-in-needed').map(({ message }) => message);

describe('credentials that outlive their session', () => {
  it('have the person told as soon as they cannot be renewed, while programs run on', async () => {
    const parts = await outliving();
    await live(parts, minutes(40), 'used');
    expect(needed(parts)).toEqual([]);
    await live(parts, minutes(9), 'used');
    expect([needed(parts), parts.upstream.logins.length, parts.upstream.probes.length]).toEqual([[expired], 0, 0]);
  });

  it('have a sign-in offered when they have ten minutes left, and programs are served meanwhile', async () => {
    const parts = await outliving();
    await live(parts, minutes(50), 'used');
    expect([parts.upstream.logins.length, parts.upstream.probes.length]).toEqual([0, 0]);
    await live(parts, minutes(4), 'used');
    expect([parts.upstream.logins.length, parts.upstream.probes.length]).toEqual([1, 1]);
  });

  it('are renewed as soon as the person has signed in', async () => {
    const parts = await outliving();
    await live(parts, minutes(52), 'used');
    const { broker, upstream } = parts;
    upstream.logins[0]?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await settled();
    expect(broker.peek('dev')?.generation).toBe(1);
    await settled();
    upstream.acquires[1]?.answer(ok(upstream.credentials()));
    await settled();
    expect([broker.peek('dev')?.generation, upstream.acquires.length]).toEqual([2, 2]);
  });

  it('have a sign-in offered to a program that comes by the slow path', async () => {
    const parts = await outliving();
    await live(parts, minutes(45), 'used');
    await parts.clock.pass(minutes(5));
    const { broker, upstream } = parts;
    const served = broker.get('dev', { holdMs: 800, signal: new AbortController().signal });
    await settled();
    expect([(await served).generation, upstream.probes.length]).toEqual([1, 1]);
  });

  it('have a sign-in offered as early as the settings say', async () => {
    const { refresh: usual } = defaults;
    const refresh = { ...usual, login: { ...usual.login, offerBeforeMs: minutes(15) } };
    const parts = await outliving({ settings: { refresh } });
    await live(parts, minutes(45), 'used');
    expect(parts.upstream.logins).toHaveLength(0);
    await live(parts, minutes(1), 'used');
    expect(parts.upstream.logins).toHaveLength(1);
  });

  it('bother nobody with a window when no program uses them any more', async () => {
    const parts = await outliving();
    await live(parts, minutes(43), 'used');
    await live(parts, minutes(17), 'idle');
    expect([parts.upstream.logins.length, parts.upstream.probes.length]).toEqual([0, 0]);
  });

  it('bother nobody at all when no program used them since they were fetched', async () => {
    const parts = await outliving();
    await live(parts, hours(1), 'idle');
    expect([parts.upstream.logins.length, parts.upstream.probes.length]).toEqual([0, 0]);
  });

  it('bother nobody while they are fresh', async () => {
    const parts = await testBroker({ stored: (up) => up.record(minutes(30), { refreshToken: null }) });
    parts.get();
    await settled();
    parts.upstream.acquires[0]?.answer(ok(parts.upstream.credentials(hours(8))));
    await settled();
    await live(parts, hours(3), 'used');
    expect([needed(parts), parts.upstream.logins.length, parts.upstream.probes.length]).toEqual([[], 0, 0]);
  });

  it.each<[string, TestBrokerOptions]>([
    ['is away', { presence: 'away' }],
    ['wants no window unasked', { settings: { login: 'manual' } }],
  ])('open no window for a person who %s', async (_, options) => {
    const parts = await outliving(options);
    await live(parts, minutes(54), 'used');
    expect([needed(parts), parts.upstream.logins.length]).toEqual([[expired], 0]);
  });

  it('open no window while the server cannot be reached', async () => {
    const parts = await outliving();
    await live(parts, minutes(49), 'used');
    const { broker, clock, upstream } = parts;
    for (let passed = 0; passed < minutes(5); passed += seconds(5)) {
      broker.beat();
      expect(broker.peek('dev')?.generation).toBe(1);
      await settled();
      for (const probe of upstream.probes) probe.answer(transient());
      await clock.pass(seconds(5));
    }
    expect(upstream.probes.length).toBeGreaterThan(3);
    expect(upstream.logins).toHaveLength(0);
  });

  it('are handed out to their floor when nobody signs in', async () => {
    const parts = await outliving();
    const { clock, get } = parts;
    await live(parts, minutes(54), 'used');
    await clock.pass(minutes(5) - seconds(1));
    const asked = get();
    await clock.pass(800);
    expect(told(asked)).toBe('generation 1');
    await clock.pass(seconds(1));
    const late = get();
    await clock.pass(800);
    expect(told(late)).not.toContain('generation');
  });
});
