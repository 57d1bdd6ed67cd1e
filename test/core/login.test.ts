import { describe, expect, it } from 'vitest';
import type { LoginOptions, SignedIn } from '../../src/core/api.ts';
import type { LoginPrompt } from '../../src/core/types.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { denied, ok, transient, unauthorized } from '../support/fake-upstream.ts';
import { loginOptions, settingsWith, testBroker, told } from '../support/test-broker.ts';

describe('login', () => {
  it('case 44: opens one window for all who ask', async () => {
    const { broker, upstream } = await testBroker({ stored: () => null });
    const prompts: string[] = [];
    const prompt = (): void => void prompts.push('prompt');
    const first = broker.login('work', loginOptions({ prompt }));
    upstream.logins[0]?.request.prompt({ kind: 'browser', url: 'https://sign.in', opened: true });
    const second = broker.login('work', loginOptions({ prompt }));
    expect(upstream.logins).toHaveLength(1);
    expect(prompts).toHaveLength(2);
    upstream.logins[0]?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await Promise.all([first, second]);
  });

  it('is cancelled when the last who asked leaves', async () => {
    const { broker, upstream, sessionState } = await testBroker({ stored: () => null });
    const leaving = new AbortController();
    const login = broker.login('work', loginOptions({ signal: leaving.signal }));
    leaving.abort(new Error('Ctrl-C'));
    await expect(login).rejects.toThrow('Ctrl-C');
    expect(upstream.logins[0]?.request.signal.aborted).toBe(true);
    expect(sessionState()).toBe('login-required');
  });

  it('stores the tokens before anybody is told', async () => {
    const { broker, upstream, store } = await testBroker({ stored: () => null });
    const login = broker.login('work', loginOptions());
    const record = upstream.record();
    upstream.logins[0]?.answer({ type: 'ok', record, lifetimeMs: hours(1) });
    await login;
    expect(store.stored).toEqual(record);
  });

  it('case 42: ends when another tool signs in meanwhile', async () => {
    const { broker, upstream, store } = await testBroker({ stored: () => null });
    const login = broker.login('work', loginOptions());
    store.overwrite(upstream.record());
    await login;
    expect(upstream.logins[0]?.request.signal.aborted).toBe(true);
  });

  it('serves the very next request, whatever was remembered before', async () => {
    const { broker, get, upstream } = await testBroker({ stored: () => null, settings: { login: 'manual' } });
    const refused = get();
    await settled();
    expect(told(refused)).toBe('Not signed in to "work". Run: credbroker login work');
    const login = broker.login('work', loginOptions());
    upstream.logins[0]?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await login;
    expect(broker.profiles()[0]?.lastError).toBeNull();
    const asked = get();
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    expect(told(asked)).toBe('generation 1');
  });

  it('says what to do when it was declined', async () => {
    const { broker, upstream } = await testBroker({ stored: () => null });
    const login = broker.login('work', loginOptions());
    upstream.logins[0]?.answer({ type: 'declined', detail: 'access_denied' });
    await expect(login).rejects.toThrow('Sign-in to "work" was declined. Run: credbroker login work');
  });
});

describe('a sign-in nobody asked for', () => {
  it('opens for a waiting caller once the server was reached and knows no session', async () => {
    const { get, upstream, sessionState } = await testBroker({ stored: () => null });
    const asked = get();
    await settled();
    expect(upstream.logins).toHaveLength(0);
    upstream.probes[0]?.answer(unauthorized);
    await settled();
    expect([upstream.logins.length, sessionState()]).toEqual([1, 'login-pending']);
    const waiting = get('dev', { holdMs: 10 });
    upstream.logins[0]?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await settled();
    expect([told(asked), told(waiting)]).toEqual(['generation 1', 'generation 1']);
  });

  it('never opens while the server cannot be reached', async () => {
    const { get, upstream, clock } = await testBroker({ stored: () => null });
    for (let second = 0; second < 600; second++) {
      get();
      await settled();
      for (const call of upstream.probes) call.answer(transient());
      await clock.pass(seconds(1));
    }
    expect(upstream.logins).toHaveLength(0);
    expect(upstream.probes.length).toBeLessThan(100);
  });

  it('opens at most three times a day when nobody answers', async () => {
    const { get, upstream, clock } = await testBroker({ stored: () => null });
    for (let minute = 0; minute < 23 * 60; minute++) {
      get();
      await settled();
      for (const call of upstream.probes) call.answer(unauthorized);
      await clock.pass(minutes(1));
    }
    expect(upstream.logins).toHaveLength(3);
  });

  it('does not open when the settings say manual', async () => {
    const { get, upstream } = await testBroker({ stored: () => null, settings: { login: 'manual' } });
    const asked = get();
    await settled();
    expect(told(asked)).toBe('Not signed in to "work". Run: credbroker login work');
    expect([upstream.logins.length, upstream.probes.length]).toEqual([0, 0]);
  });

  it('never opens for a renewal that nobody waits for', async () => {
    const { broker, clock, upstream } = await testBroker({ stored: (up) => up.record(hours(8)) });
    const asked = broker.get('dev', { holdMs: seconds(10), signal: new AbortController().signal });
    await settled();
    upstream.acquires[0]?.answer(ok(upstream.credentials()));
    await asked;
    await clock.pass(minutes(44));
    broker.beat();
    await settled();
    upstream.acquires[1]?.answer(unauthorized);
    await settled();
    upstream.probes[0]?.answer(unauthorized);
    await settled();
    upstream.refreshes[0]?.answer({ type: 'rejected', why: 'invalid_grant', detail: 'invalid_grant' });
    await clock.pass(seconds(4));
    for (const probe of upstream.probes.slice(1)) probe.answer(unauthorized);
    await settled();
    expect([upstream.refreshes.length, upstream.logins.length]).toEqual([1, 0]);
  });

  it('does not open for the next program when the user has just given up their own', async () => {
    const { broker, get, upstream } = await testBroker({ stored: () => null });
    const leaving = new AbortController();
    const login = broker.login('work', loginOptions({ signal: leaving.signal }));
    leaving.abort(new Error('Ctrl-C'));
    await expect(login).rejects.toThrow('Ctrl-C');
    get();
    await settled();
    for (const probe of upstream.probes) probe.answer(unauthorized);
    await settled();
    expect(upstream.logins).toHaveLength(1);
  });

  it('does not open any more once the settings have become manual', async () => {
    const { broker, get, upstream } = await testBroker({ stored: () => null });
    broker.reload(settingsWith({ login: 'manual' }));
    get();
    await settled();
    for (const probe of upstream.probes) probe.answer(unauthorized);
    await settled();
    expect(upstream.logins).toHaveLength(0);
  });
});

describe('a person who asks while a window has opened by itself', () => {
  const page = { kind: 'browser', url: 'https://sign.in/first', opened: true } as const;

  /** A program had nothing, and the server refused. */
  const withWindow = async () => {
    const parts = await testBroker({ stored: () => null });
    parts.get();
    await settled();
    parts.upstream.probes[0]?.answer(unauthorized);
    await settled();
    const [window] = parts.upstream.logins;
    const shown: LoginPrompt[] = [];
    const asks = (change: Partial<LoginOptions> = {}): Promise<SignedIn> =>
      parts.broker.login('work', loginOptions({ prompt: (prompt) => void shown.push(prompt), ...change }));
    return { ...parts, window, shown, asks };
  };

  it('joins it, and is shown its page once', async () => {
    const { upstream, window, shown, asks } = await withWindow();
    window?.request.prompt(page);
    const login = asks();
    expect(shown).toEqual([page]);
    expect([upstream.logins.length, window?.request.signal.aborted]).toEqual([1, false]);
    window?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await login;
    expect(shown).toHaveLength(1);
  });

  it('is shown its page once, too, where that is still about to open', async () => {
    const { upstream, window, shown, asks } = await withWindow();
    const login = asks();
    expect(shown).toEqual([]);
    window?.request.prompt(page);
    window?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await login;
    expect([shown, upstream.logins.length]).toEqual([[page], 1]);
  });

  it('has as much time for it as for one of their own', async () => {
    const { clock, window, asks } = await withWindow();
    const late = expect(asks()).rejects.toThrow('was not finished: nobody finished it in time');
    await clock.pass(minutes(15) - 1);
    expect(window?.request.signal.aborted).toBe(false);
    await clock.pass(1);
    expect(window?.request.signal.aborted).toBe(true);
    await late;
  });

  it('closes it by leaving, and no other one opens for a program', async () => {
    const { get, upstream, window, asks } = await withWindow();
    const leaving = new AbortController();
    const login = asks({ signal: leaving.signal });
    leaving.abort(new Error('Ctrl-C'));
    await expect(login).rejects.toThrow('Ctrl-C');
    expect(window?.request.signal.aborted).toBe(true);
    get();
    await settled();
    for (const probe of upstream.probes) probe.answer(unauthorized);
    await settled();
    expect(upstream.logins).toHaveLength(1);
  });

  it.each([
    { ageMs: seconds(30) - 1, windows: 1, first: [page] },
    { ageMs: seconds(30), windows: 2, first: [] },
  ])('joins it while it cannot have been closed and forgotten ($ageMs ms)', async ({ ageMs, windows, first }) => {
    const { clock, upstream, window, shown, asks } = await withWindow();
    window?.request.prompt(page);
    await clock.pass(ageMs);
    const login = asks();
    expect([upstream.logins.length, window?.request.signal.aborted]).toEqual([windows, windows === 2]);
    // What is given up is shown to nobody.
    expect(shown).toEqual(first);
    const last = upstream.logins.at(-1);
    const own = { ...page, url: 'https://sign.in/own' };
    last?.request.prompt(own);
    expect(shown.at(-1)).toEqual(own);
    last?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await login;
  });

  it('has one of their own where they want another kind of sign-in', async () => {
    const { upstream, window, shown, asks } = await withWindow();
    window?.request.prompt(page);
    const login = asks({ flow: 'device' });
    expect(upstream.logins.map(({ request }) => [request.flow, request.signal.aborted])).toEqual([
      ['browser', true],
      ['device', false],
    ]);
    expect(shown).toEqual([]);
    upstream.logins[1]?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
    await login;
  });
});

it('ends a denial that came before the sign-in', async () => {
  const { broker, get, upstream } = await testBroker();
  get();
  await settled();
  upstream.acquires[0]?.answer(denied);
  await settled();
  const login = broker.login('work', loginOptions());
  upstream.logins[0]?.answer({ type: 'ok', record: upstream.record(), lifetimeMs: hours(1) });
  await login;
  const asked = get();
  await settled();
  expect([told(asked), upstream.acquires.length]).toEqual(['waiting', 2]);
});

it('lets a profile whose token was under suspicion go on when the sign-in is given up', async () => {
  const { broker, get, clock, upstream } = await testBroker();
  get();
  await settled();
  upstream.acquires[0]?.answer(unauthorized);
  await settled();
  const leaving = new AbortController();
  const login = broker.login('work', loginOptions({ signal: leaving.signal }));
  leaving.abort(new Error('Ctrl-C'));
  await expect(login).rejects.toThrow('Ctrl-C');
  await clock.pass(seconds(30));
  get();
  await settled();
  expect(upstream.acquires).toHaveLength(2);
});

it('that is given up right after the start does not hide what is stored', async () => {
  const { broker, get, upstream, sessionState } = await testBroker();
  broker.reload(settingsWith({ sessions: new Map() }));
  broker.reload(settingsWith());
  const login = broker.login('work', loginOptions());
  const asked = get('dev', { holdMs: minutes(1) });
  await settled();
  upstream.logins[0]?.answer({ type: 'declined', detail: 'access_denied' });
  await expect(login).rejects.toThrow('was declined');
  await settled();
  expect([told(asked), sessionState(), upstream.acquires.length]).toEqual(['waiting', 'active', 1]);
});

const ofBritive = {
  settings: {
    sessions: new Map([
      [
        'work',
        {
          ...({ provider: 'britive', name: 'work', tenant: 'acme', baseUrl: 'https://acme.britive-app.com' } as const),
          ...{ idp: null, federation: null, idleCheckinMs: null, origin: { file: 'test', line: 1 } },
        },
      ],
    ]),
  },
};

describe('a token that somebody made', () => {
  const token = 'api-token';

  it('reaches upstream, and is another sign-in than that of a person who is at it', async () => {
    const { broker, upstream } = await testBroker({ ...ofBritive, stored: () => null });
    const person = broker.login('work', loginOptions());
    const tool = broker.login('work', loginOptions({ token }));
    expect(upstream.logins.map(({ request }) => [request.token, request.signal.aborted])).toEqual([
      [null, true],
      [token, false],
    ]);
    const record = upstream.record(hours(99), { refreshToken: null, tokenType: 'TOKEN' });
    upstream.logins[1]?.answer({ type: 'ok', record, lifetimeMs: hours(99) });
    expect(await Promise.all([person, tool])).toEqual([{ expiresAt: null }, { expiresAt: null }]);
    expect(broker.sessions()[0]).toMatchObject({
      state: 'active',
      expiresAt: null,
      next: 'Lasts until it is revoked, or too long unused',
    });
  });

  it('is refused for Identity Center', async () => {
    const { broker, upstream } = await testBroker();
    await expect(broker.login('work', loginOptions({ token }))).rejects.toThrow('Session "work" takes no token');
    expect(upstream.logins).toEqual([]);
  });

  it.each(['TOKEN', 'WorkloadToken'] as const)('opens no window when upstream refuses it (%s)', async (tokenType) => {
    const stored = { refreshToken: null, tokenType };
    const { get, upstream } = await testBroker({ stored: (before) => before.record(hours(99), stored) });
    const asked = get('dev', { holdMs: minutes(1) });
    await settled();
    upstream.acquires[0]?.answer(unauthorized);
    await settled();
    upstream.probes[0]?.answer({ type: 'unauthorized', detail: 'the API token was revoked (AU-0016)' });
    await settled();
    const why = 'the API token was revoked (AU-0016)';
    expect(told(asked)).toBe(`Session "work" has ended: ${why}. Run: credbroker login work --token`);
    expect(upstream.logins).toEqual([]);
  });
});
