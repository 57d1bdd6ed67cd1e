import { describe, expect, it } from 'vitest';
import type { AccessToken, TokenOptions } from '../../src/core/api.ts';
import type { OidcSessionSettings } from '../../src/core/settings.ts';
import type { SessionRecord } from '../../src/core/types.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { type FakeUpstream, ok, rejected, transient, unauthorized } from '../support/fake-upstream.ts';
import { type TestBrokerOptions, testBroker } from '../support/test-broker.ts';

const work: OidcSessionSettings = {
  ...{ provider: 'oidc', name: 'work', issuer: 'https://login.example', clientId: 'cli', clientSecret: null },
  ...{ scopes: ['openid'], audience: null, flow: 'pkce', origin: { file: 'config', line: 1 } },
};

type Change = Partial<Pick<SessionRecord, 'refreshToken' | 'tokenType'>>;

/** A broker that holds an access token with so much life left. */
async function holding(lifeMs: number, change: Change = {}, options: TestBrokerOptions = {}) {
  const stored = (upstream: FakeUpstream) => upstream.record(lifeMs, change);
  const settings = { sessions: new Map([['work', work]]), ...options.settings };
  const parts = await testBroker({ stored, ...options, settings });
  /** What comes of asking, once it has. */
  const ask = (asked: Partial<TokenOptions> = {}) => {
    const signal = new AbortController().signal;
    const outcome: { now: string } = { now: 'waiting' };
    const { broker } = parts;
    broker.token('work', { minLifeMs: minutes(5), holdMs: seconds(55), signal, ...asked }).then(
      ({ accessToken }: AccessToken) => {
        outcome.now = accessToken;
      },
      (error: Error) => {
        outcome.now = error.message;
      },
    );
    return outcome;
  };
  const refreshed = async (lifetimeMs = hours(1)): Promise<string> => {
    const record = parts.upstream.record(lifetimeMs);
    parts.upstream.refreshes.at(-1)?.answer(ok({ record, lifetimeMs }));
    await settled();
    return record.accessToken;
  };
  return { ...parts, ask, refreshed };
}

describe('an access token', () => {
  it('with life enough is handed out at once, and upstream hears nothing', async () => {
    const { ask, upstream } = await holding(hours(1));
    const asked = ask();
    await settled();
    expect([asked.now, upstream.refreshes.length]).toEqual(['access-1', 0]);
  });

  it('says when it ends, unless upstream alone decides that', async () => {
    const options = { minLifeMs: 0, holdMs: 1, signal: new AbortController().signal };
    const { broker, clock } = await holding(hours(1));
    expect(await broker.token('work', options)).toMatchObject({ expiresAt: clock.now() + hours(1) });
    const endless = await holding(hours(1), { refreshToken: null, tokenType: 'TOKEN' });
    expect(await endless.broker.token('work', options)).toMatchObject({ expiresAt: null });
  });

  it.each([
    [minutes(4), minutes(5)],
    [minutes(25), minutes(26)],
  ])('with %i ms left of %i that are wanted is refreshed first, once for all who ask', async (lifeMs, minLifeMs) => {
    const { ask, refreshed, upstream } = await holding(lifeMs);
    const asked = Array.from({ length: 50 }, () => ask({ minLifeMs }));
    await settled();
    expect([upstream.refreshes.length, asked[0]?.now]).toEqual([1, 'waiting']);
    const next = await refreshed();
    expect(new Set(asked.map(({ now }) => now))).toEqual(new Set([next]));
  });

  it('that works is handed out after a refresh that fails for a moment, and the next who asks later brings another try', async () => {
    const { ask, refreshed, upstream, clock } = await holding(minutes(4));
    const first = ask();
    await settled();
    upstream.refreshes[0]?.answer(transient());
    await settled();
    expect(first.now).toBe('access-1');
    clock.advance(minutes(1));
    const second = ask();
    await settled();
    expect(second.now).toBe('waiting');
    const next = await refreshed();
    expect([second.now, upstream.refreshes.length]).toEqual([next, 2]);
  });

  it('that works is handed out where the refresh has no answer in time', async () => {
    const { ask, clock } = await holding(minutes(4));
    const asked = ask();
    await settled();
    clock.advance(seconds(8));
    await settled();
    expect(asked.now).toBe('access-1');
  });

  it('that works is handed out when the time of the caller is up', async () => {
    const { ask, clock } = await holding(minutes(4));
    const asked = ask({ holdMs: seconds(2) });
    await settled();
    clock.advance(seconds(2));
    await settled();
    expect(asked.now).toBe('access-1');
  });

  it('that works is handed out although the refresh token was refused; at its end one line says what to run', async () => {
    const { ask, upstream, clock, user } = await holding(minutes(4));
    user.presence = 'away';
    const asked = ask();
    await settled();
    upstream.refreshes[0]?.answer(rejected);
    await settled();
    expect(asked.now).toBe('access-1');
    // Another tool may have been about to store what it got for the same token.
    for (const ms of [250, 750, 2_000]) {
      clock.advance(ms);
      await settled();
    }
    clock.advance(minutes(4));
    const later = ask();
    await settled();
    expect(later.now).toBe('Session "work" has expired. Run: credbroker login work');
    expect(upstream.refreshes).toHaveLength(1);
  });

  it('that no refresh can follow is handed out to its end', async () => {
    const { ask, upstream } = await holding(minutes(1), { refreshToken: null });
    const asked = ask();
    await settled();
    expect([asked.now, upstream.refreshes.length]).toEqual(['access-1', 0]);
  });

  it('with a shorter life than is wanted is refreshed once a minute at most', async () => {
    const { ask, refreshed, upstream, clock } = await holding(minutes(8));
    ask({ minLifeMs: hours(1) });
    await settled();
    const next = await refreshed(minutes(10));
    const asked = [ask({ minLifeMs: hours(1) }), ask({ minLifeMs: hours(1) })];
    await settled();
    expect([asked.map(({ now }) => now), upstream.refreshes.length]).toEqual([[next, next], 1]);
    clock.advance(minutes(1));
    ask({ minLifeMs: hours(1) });
    await settled();
    expect(upstream.refreshes).toHaveLength(2);
  });

  it('is none of a session of Identity Center, whose token opens every role', async () => {
    const { ask } = await holding(hours(1), {}, { settings: { sessions: new Map() } });
    const asked = ask();
    await settled();
    expect(asked.now).toMatch(/^No session "work"/);
    const { broker } = await testBroker();
    const options = { minLifeMs: 0, holdMs: 1, signal: new AbortController().signal };
    await expect(broker.token('work', options)).rejects.toMatchObject({
      code: 'BadRequest',
      message: 'Session "work" hands out no tokens, only profiles. Run: credbroker profiles',
    });
  });
});

describe('where nobody is signed in', () => {
  it('opens the one window for whoever needs the token, as for a profile', async () => {
    const { ask, upstream } = await holding(hours(1), {}, { stored: () => null });
    const asked = [ask(), ask()];
    await settled();
    upstream.probes[0]?.answer(unauthorized);
    await settled();
    expect(upstream.logins).toHaveLength(1);
    const record = upstream.record(hours(1));
    upstream.logins[0]?.answer({ type: 'ok', record, lifetimeMs: hours(1) });
    await settled();
    expect(asked.map(({ now }) => now)).toEqual([record.accessToken, record.accessToken]);
  });

  it('says where the sign-in waits once the caller has waited long enough', async () => {
    const { ask, upstream, clock } = await holding(hours(1), {}, { stored: () => null });
    const asked = ask({ holdMs: seconds(5) });
    await settled();
    upstream.probes[0]?.answer(unauthorized);
    await settled();
    clock.advance(seconds(5));
    await settled();
    expect(asked.now).toBe('Sign-in to "work" is waiting for you. Run: credbroker login work');
  });

  it('answers at once with the command where no window may open', async () => {
    const settings = { sessions: new Map([['work', work]]), login: 'manual' } as const;
    const { ask } = await holding(hours(1), {}, { stored: () => null, settings });
    const asked = ask();
    await settled();
    expect(asked.now).toBe('Not signed in to "work". Run: credbroker login work');
  });

  it('lets a caller leave', async () => {
    const { ask, upstream } = await holding(hours(1), {}, { stored: () => null });
    const left = new AbortController();
    const asked = ask({ signal: left.signal });
    await settled();
    upstream.probes[0]?.answer(unauthorized);
    left.abort(new Error('gone'));
    await settled();
    expect(asked.now).toBe('gone');
  });
});
