import { describe, expect, it } from 'vitest';
import { noHistory } from '../../src/core/login-policy.ts';
import { epoch, type Presence } from '../../src/core/types.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { unauthorized } from '../support/fake-upstream.ts';
import { loginOptions, type TestBrokerOptions, testBroker, told } from '../support/test-broker.ts';

const signedOutEverywhere: TestBrokerOptions = { stored: () => null };
const notSignedIn = 'Not signed in to "work". Run: credbroker login work';

type Parts = Awaited<ReturnType<typeof testBroker>>;

/** A client asks, and the server says to whoever asks it that it knows no session. */
async function ask({ get, upstream }: Parts): Promise<string> {
  const asked = get();
  await settled();
  for (const probe of upstream.probes) probe.answer(unauthorized);
  await settled();
  return told(asked);
}

/** Counts the looks, and answers them with this. */
function watched({ user }: Parts, look: () => Promise<Presence>): { looks: number } {
  const seen = { looks: 0 };
  user.look = () => {
    seen.looks += 1;
    return look();
  };
  return seen;
}

describe('a user who is away', () => {
  it('is opened no window, the server is asked nothing, and the program is told at once what to run', async () => {
    const parts = await testBroker({ ...signedOutEverywhere, presence: 'away' });
    expect(await ask(parts)).toBe(notSignedIn);
    expect([parts.upstream.logins.length, parts.upstream.probes.length]).toEqual([0, 0]);
  });

  it('finds a reminder', async () => {
    const parts = await testBroker({ ...signedOutEverywhere, presence: 'away' });
    await ask(parts);
    expect(parts.notices).toEqual([{ kind: 'sign-in-needed', session: 'work', message: notSignedIn }]);
  });

  it('finds no window after fourteen hours of programs that ask, and gets one upon coming back', async () => {
    const parts = await testBroker({ ...signedOutEverywhere, presence: 'away' });
    for (let passed = 0; passed < hours(14); passed += minutes(5)) {
      await ask(parts);
      await parts.clock.pass(minutes(5));
    }
    expect([parts.upstream.logins.length, parts.upstream.probes.length]).toEqual([0, 0]);
    expect(parts.notices).toHaveLength(4);
    parts.user.presence = 'present';
    expect(await ask(parts)).toBe('waiting');
    expect(parts.upstream.logins).toHaveLength(1);
  });

  it('may sign in all the same', async () => {
    const parts = await testBroker({ ...signedOutEverywhere, presence: 'away' });
    const seen = watched(parts, async () => 'away');
    const login = parts.broker.login('work', loginOptions());
    parts.upstream.logins[0]?.answer({ type: 'ok', record: parts.upstream.record(), lifetimeMs: hours(1) });
    await login;
    expect([seen.looks, parts.sessionState()]).toEqual([0, 'active']);
  });
});

describe('a user of whom nothing is known', () => {
  it('counts as present', async () => {
    const parts = await testBroker({ ...signedOutEverywhere, presence: 'unknown' });
    await ask(parts);
    expect(parts.upstream.logins).toHaveLength(1);
  });

  it('counts as present when the look fails', async () => {
    const parts = await testBroker(signedOutEverywhere);
    watched(parts, () => Promise.reject(new Error('no session bus')));
    await ask(parts);
    expect(parts.upstream.logins).toHaveLength(1);
  });

  it('counts as present when the look hangs for two seconds', async () => {
    const parts = await testBroker(signedOutEverywhere);
    watched(parts, () => new Promise(() => {}));
    const asked = parts.get('dev', { holdMs: seconds(10) });
    await parts.clock.pass(1_999);
    expect([told(asked), parts.upstream.probes.length]).toEqual(['waiting', 0]);
    await parts.clock.pass(1);
    expect(parts.upstream.probes).toHaveLength(1);
    parts.upstream.probes[0]?.answer(unauthorized);
    await settled();
    expect(parts.upstream.logins).toHaveLength(1);
  });

  it('is not looked for a second time by an answer that comes too late', async () => {
    const parts = await testBroker(signedOutEverywhere);
    let answer = (_: Presence): void => {};
    watched(
      parts,
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    parts.get('dev', { holdMs: seconds(10) });
    await parts.clock.pass(seconds(2));
    answer('away');
    await settled();
    parts.upstream.probes[0]?.answer(unauthorized);
    await settled();
    expect(parts.upstream.logins).toHaveLength(1);
  });
});

describe('the look whether somebody is there', () => {
  it('is taken once for all who ask at the same time', async () => {
    const parts = await testBroker(signedOutEverywhere);
    const seen = watched(parts, async () => 'present');
    for (const profile of ['dev', 'staging', 'prod', 'dev']) parts.get(profile);
    await settled();
    expect([seen.looks, parts.upstream.probes.length]).toEqual([1, 1]);
  });

  it('holds for half a minute', async () => {
    const parts = await testBroker(signedOutEverywhere);
    const seen = watched(parts, async () => 'away');
    await ask(parts);
    await parts.clock.pass(seconds(30) - 1);
    await ask(parts);
    expect(seen.looks).toBe(1);
    // The refusal itself is remembered for a moment.
    await parts.clock.pass(seconds(3));
    await ask(parts);
    expect(seen.looks).toBe(2);
  });

  it.each<[string, TestBrokerOptions]>([
    ['the settings say manual', { settings: { login: 'manual' } }],
    [
      'a window has just been opened in vain',
      { history: { ...noHistory, cooldownUntil: epoch(Number.MAX_SAFE_INTEGER) } },
    ],
  ])('is not taken where %s', async (_, options) => {
    const parts = await testBroker({ ...signedOutEverywhere, ...options });
    const seen = watched(parts, async () => 'present');
    expect(await ask(parts)).toBe(notSignedIn);
    expect([seen.looks, parts.upstream.probes.length]).toEqual([0, 0]);
  });

  it('is not taken for renewals that nobody waits for', async () => {
    const parts = await testBroker(signedOutEverywhere);
    const seen = watched(parts, async () => 'present');
    parts.broker.beat();
    await parts.broker.errands.catalogue('work', () => {}, new AbortController().signal).catch(() => {});
    expect([seen.looks, parts.upstream.probes.length]).toEqual([0, 0]);
  });
});
