import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/defaults.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { ok, unauthorized } from '../support/fake-upstream.ts';
import { loginOptions, type TestBrokerOptions, testBroker } from '../support/test-broker.ts';

type Parts = Awaited<ReturnType<typeof testBroker>>;

/** A session that cannot be refreshed, 90 minutes from its end. */
const unrefreshable = (options: TestBrokerOptions = {}): Promise<Parts> =>
  testBroker({ stored: (upstream) => upstream.record(minutes(90), { refreshToken: null }), ...options });

/** The daemon's own heart for so long. */
async function beatFor({ broker, clock }: Parts, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += seconds(15)) {
    broker.beat();
    await clock.pass(seconds(15));
  }
}

const messages = ({ notices }: Parts): readonly string[] => notices.map(({ message }) => message);

const endsIn = (left: number): string => `Session "work" ends in ${left} min. Run: credbroker login work`;
const expired = 'Session "work" has expired. Run: credbroker login work';

describe('a session that cannot be refreshed', () => {
  it('is announced to end half an hour and five minutes before, once each', async () => {
    const parts = await unrefreshable();
    await beatFor(parts, minutes(60));
    expect(messages(parts)).toEqual([]);
    await beatFor(parts, minutes(25));
    expect(messages(parts)).toEqual([endsIn(30)]);
    await beatFor(parts, minutes(5));
    expect(messages(parts)).toEqual([endsIn(30), endsIn(5)]);
  });

  it('is announced with the way to another token where it came by one', async () => {
    const parts = await testBroker({
      stored: (upstream) => upstream.record(minutes(20), { refreshToken: null, tokenType: 'WorkloadToken' }),
    });
    parts.broker.beat();
    await settled();
    expect(messages(parts)).toEqual([`${endsIn(20)} --token`]);
  });

  it('is announced at the moments of the settings', async () => {
    const { refresh: usual } = defaults;
    const refresh = { ...usual, login: { ...usual.login, remindBeforeMs: [minutes(2), minutes(45), minutes(10)] } };
    const parts = await unrefreshable({ settings: { refresh } });
    await beatFor(parts, minutes(90));
    expect(messages(parts)).toEqual([endsIn(45), endsIn(10), endsIn(2)]);
  });

  it('is announced once where both moments have passed, as after a sleep', async () => {
    const parts = await unrefreshable();
    parts.broker.beat();
    parts.clock.sleep(minutes(87));
    await beatFor(parts, minutes(1));
    expect(messages(parts)).toEqual([endsIn(3)]);
  });

  it('is not announced again after a restart, except at the next moment', async () => {
    const before = await unrefreshable();
    await beatFor(before, minutes(65));
    expect(messages(before)).toEqual([endsIn(30)]);
    before.kill();
    const after = await testBroker({ after: before });
    await beatFor(after, minutes(20));
    expect(messages(after)).toEqual([]);
    await beatFor(after, minutes(1));
    expect(messages(after)).toEqual([endsIn(5)]);
  });

  it('is not announced when nobody has used it for hours', async () => {
    const parts = await testBroker({ stored: (up) => up.record(hours(10), { refreshToken: null }) });
    await beatFor(parts, hours(10));
    expect(messages(parts)).toEqual([]);
  });

  it('is announced anew after the next sign-in', async () => {
    const parts = await unrefreshable();
    await beatFor(parts, minutes(80));
    parts.store.overwrite(parts.upstream.record(minutes(60), { refreshToken: null }));
    await settled();
    await beatFor(parts, minutes(60));
    expect(messages(parts)).toEqual([endsIn(30), endsIn(30), endsIn(5)]);
  });
});

it('announces no end of a session that refreshes itself', async () => {
  const parts = await testBroker({ stored: (up) => up.record(minutes(40)) });
  await parts.clock.pass(minutes(11));
  parts.broker.beat();
  await settled();
  parts.upstream.refreshes[0]?.answer(ok({ record: parts.upstream.record(), lifetimeMs: hours(1) }));
  await beatFor(parts, minutes(29));
  expect([messages(parts), parts.upstream.refreshes.length]).toEqual([[], 1]);
});

describe('programs that wait for a sign-in which does not open by itself', () => {
  /** A client that asks every 15 minutes. */
  async function askFor(parts: Parts, ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += minutes(15)) {
      parts.get();
      await beatFor(parts, minutes(15));
    }
  }

  const manual: TestBrokerOptions = {
    stored: (up) => up.record(0, { refreshToken: null }),
    settings: { login: 'manual' },
  };

  it('are told of to the person at once, and then every four hours', async () => {
    const parts = await testBroker(manual);
    await askFor(parts, hours(4));
    expect(parts.notices).toEqual([{ kind: 'sign-in-needed', session: 'work', message: expired }]);
    await askFor(parts, minutes(15));
    expect(messages(parts)).toEqual([expired, expired]);
    await askFor(parts, hours(4));
    expect(messages(parts)).toEqual([expired, expired, expired]);
  });

  it('are not told of again because the daemon started anew', async () => {
    const before = await testBroker(manual);
    await askFor(before, hours(1));
    before.kill();
    const after = await testBroker({ settings: { login: 'manual' }, after: before });
    await askFor(after, hours(3));
    expect(messages(after)).toEqual([]);
    await askFor(after, minutes(15));
    expect(messages(after)).toEqual([expired]);
  });

  it('are told of when the session has ended, however lately its end was announced', async () => {
    const parts = await unrefreshable({ settings: { login: 'manual' } });
    await beatFor(parts, minutes(90));
    parts.get();
    await settled();
    expect(messages(parts)).toEqual([endsIn(30), endsIn(5), expired]);
  });

  it.each<[string, TestBrokerOptions]>([
    ['has ended', manual],
    ['is missing', { ...manual, stored: () => null }],
  ])('are not told of where nobody asks for a session that %s', async (_, options) => {
    const parts = await testBroker(options);
    await beatFor(parts, hours(5));
    expect(messages(parts)).toEqual([]);
  });

  it('are not told of after a sign-out', async () => {
    const parts = await testBroker({ settings: { login: 'manual' } });
    await parts.broker.logout('work');
    await askFor(parts, hours(9));
    expect(messages(parts)).toEqual([]);
  });

  it('are told of at once when a sign-in made since then is refused', async () => {
    const parts = await testBroker(manual);
    const { broker, clock, upstream } = parts;
    await askFor(parts, minutes(15));
    const login = broker.login('work', loginOptions());
    const record = upstream.record(hours(8), { refreshToken: null });
    upstream.logins[0]?.answer({ type: 'ok', record, lifetimeMs: hours(8) });
    await login;
    await clock.pass(minutes(15));
    parts.get();
    await settled();
    upstream.acquires[0]?.answer(unauthorized);
    await settled();
    upstream.probes[0]?.answer(unauthorized);
    await settled();
    expect(messages(parts)).toEqual([expired, expired]);
  });

  it('are not told of while a window is open', async () => {
    const parts = await testBroker({ stored: () => null });
    parts.get();
    await settled();
    parts.upstream.probes[0]?.answer(unauthorized);
    await settled();
    parts.get('staging');
    await beatFor(parts, minutes(4));
    expect([parts.upstream.logins.length, messages(parts)]).toEqual([1, []]);
  });

  it('are told of when a window was opened and nobody finished it', async () => {
    const parts = await testBroker({ stored: () => null });
    parts.get();
    await settled();
    parts.upstream.probes[0]?.answer(unauthorized);
    await settled();
    await beatFor(parts, minutes(6));
    parts.get();
    await settled();
    expect(messages(parts)).toEqual(['Not signed in to "work". Run: credbroker login work']);
  });
});
