import { describe, expect, it } from 'vitest';
import type { SessionMemo } from '../../src/core/session-memo.ts';
import { hours, minutes, seconds, settled } from '../support/fake-clock.ts';
import { type FakeUpstream, ok, rejected, transient, unauthorized } from '../support/fake-upstream.ts';
import { loginOptions, type TestBrokerOptions, testBroker, told } from '../support/test-broker.ts';

type Parts = Awaited<ReturnType<typeof testBroker>>;

const lost = { type: 'ambiguous', detail: 'reset' } as const;

/** A session 29 minutes from its end, whose refresh is under way. */
async function refreshing(options: TestBrokerOptions = {}): Promise<Parts> {
  const parts = await testBroker({ stored: (upstream) => upstream.record(minutes(29)), ...options });
  parts.broker.beat();
  await settled();
  expect(parts.upstream.refreshes).toHaveLength(1);
  return parts;
}

/** The daemon is killed, and starts again after so long. */
async function restarted(before: Parts, afterMs: number, options: TestBrokerOptions = {}): Promise<Parts> {
  before.kill();
  await before.clock.pass(afterMs);
  return testBroker({ after: before, ...options });
}

const intent = ({ memos }: Parts): SessionMemo['intent'] => memos.at(-1)?.intent ?? null;
const tokensSent = ({ upstream }: Parts): readonly unknown[] =>
  upstream.refreshes.map(({ input }) => input?.refreshToken);

describe('a refresh that is about to be sent', () => {
  it('is written down before it is sent', async () => {
    const sentWhenWritten: [unknown, number][] = [];
    const onSaveMemo = (memo: SessionMemo, upstream: FakeUpstream): void => {
      sentWhenWritten.push([memo.intent?.fingerprint, upstream.refreshes.length]);
    };
    const parts = await refreshing({ onSaveMemo });
    expect(sentWhenWritten.at(-1)).toEqual(['fp:refresh-1', 0]);
    expect(intent(parts)).toEqual({ fingerprint: 'fp:refresh-1', at: parts.clock.now() });
  });

  it('is forgotten only when the tokens it brought are stored', async () => {
    const parts = await refreshing();
    const { store, upstream } = parts;
    const { save } = store;
    let write = (): void => {};
    const disk = new Promise<void>((resolve) => {
      write = resolve;
    });
    store.save = (record) => disk.then(() => save(record));
    upstream.refreshes[0]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
    await settled();
    expect(intent(parts)).not.toBeNull();
    write();
    await settled();
    expect(intent(parts)).toBeNull();
  });

  it('is not forgotten while the tokens it brought live in memory alone', async () => {
    const parts = await refreshing();
    const { broker, store, upstream } = parts;
    store.saveOutcomes.push({ type: 'failed', detail: 'ENOSPC' });
    upstream.refreshes[0]?.answer(ok({ record: upstream.record(), lifetimeMs: hours(1) }));
    await settled();
    expect(intent(parts)?.fingerprint).toBe('fp:refresh-1');
    broker.beat();
    await settled();
    expect(intent(parts)).toBeNull();
  });

  it.each([
    ['a refusal', rejected],
    ['an error of the server', transient()],
  ])('is forgotten after %s', async (_, verdict) => {
    const parts = await refreshing();
    parts.upstream.refreshes[0]?.answer(verdict);
    await settled();
    expect(intent(parts)).toBeNull();
  });

  it('is not forgotten when its answer was lost', async () => {
    const parts = await refreshing();
    parts.upstream.refreshes[0]?.answer(lost);
    await settled();
    expect(intent(parts)?.fingerprint).toBe('fp:refresh-1');
  });

  it('is not forgotten when its answer was lost and the next one did not get through', async () => {
    const { broker, clock, memos, upstream } = await testBroker({ stored: (up) => up.record(minutes(29)) });
    broker.beat();
    await settled();
    upstream.refreshes[0]?.answer({ type: 'ambiguous', detail: 'reset' });
    await clock.pass(seconds(1));
    upstream.refreshes[1]?.answer(transient());
    await settled();
    expect(memos.at(-1)?.intent?.fingerprint).toBe('fp:refresh-1');
  });

  it('is not forgotten when no answer came in time', async () => {
    const parts = await refreshing();
    await parts.clock.pass(seconds(8));
    expect(intent(parts)?.fingerprint).toBe('fp:refresh-1');
  });
});

describe('after a crash with a refresh under way', () => {
  it('the same refresh token is sent at once, before anybody asks', async () => {
    const after = await restarted(await refreshing(), seconds(29));
    expect(tokensSent(after)).toEqual(['refresh-1', 'refresh-1']);
    const record = after.upstream.record();
    after.upstream.refreshes[1]?.answer(ok({ record, lifetimeMs: hours(1) }));
    await settled();
    expect([after.store.stored, after.sessionState(), intent(after)]).toEqual([record, 'active', null]);
  });

  it('the same refresh token is not sent once no server would still take it', async () => {
    const after = await restarted(await refreshing(), seconds(30));
    expect(tokensSent(after)).toEqual(['refresh-1']);
    expect(after.sessionState()).toBe('active');
  });

  it('another refresh token that stands there by now is left alone', async () => {
    const before = await refreshing();
    before.store.stored = before.upstream.record(hours(1));
    expect(tokensSent(await restarted(before, seconds(5)))).toEqual(['refresh-1']);
  });

  it('it is sent again by a clock that is behind the one that wrote the intent', async () => {
    const before = await refreshing();
    before.clock.sleep(-minutes(5));
    expect(tokensSent(await restarted(before, 0))).toEqual(['refresh-1', 'refresh-1']);
  });
});

describe('after a restart', () => {
  /** Killed after the server has refused the refresh token. */
  async function refused(): Promise<Parts> {
    const before = await refreshing();
    before.upstream.refreshes[0]?.answer(rejected);
    await before.clock.pass(seconds(4));
    expect(before.sessionState()).toBe('expiring');
    return before;
  }

  it('a refused refresh token is not sent again, neither while the access token lives nor after', async () => {
    const after = await restarted(await refused(), minutes(1));
    expect(after.sessionState()).toBe('expiring');
    after.broker.beat();
    await after.clock.pass(minutes(30));
    after.broker.beat();
    after.get();
    await settled();
    expect([tokensSent(after), after.upstream.probes.length]).toEqual([['refresh-1'], 1]);
    after.upstream.probes[0]?.answer(unauthorized);
    await settled();
    expect([tokensSent(after), after.upstream.logins.length]).toEqual([['refresh-1'], 1]);
  });

  it('a refresh token that another tool has stored meanwhile is sent', async () => {
    const before = await refused();
    before.store.stored = before.upstream.record(minutes(29), { refreshToken: 'new' });
    const after = await restarted(before, minutes(1));
    expect(after.sessionState()).toBe('active');
    after.broker.beat();
    await settled();
    expect(tokensSent(after)).toEqual(['refresh-1', 'new']);
  });

  it('the refresh token of a new sign-in is sent, though the one before was refused', async () => {
    const before = await refused();
    const login = before.broker.login('work', loginOptions());
    const record = before.upstream.record(hours(1), { refreshToken: 'new' });
    before.upstream.logins[0]?.answer({ type: 'ok', record, lifetimeMs: hours(1) });
    await login;
    expect(before.memos.at(-1)?.rejected).toBeNull();
    const after = await restarted(before, minutes(31));
    after.broker.beat();
    await settled();
    expect(tokensSent(after)).toEqual(['refresh-1', 'new']);
  });

  /** A session whose latest token is clipped: its sign-in ends in 20 minutes. */
  async function ending(): Promise<Parts> {
    const before = await refreshing();
    for (const life of [hours(1), minutes(20)]) {
      before.upstream.refreshes.at(-1)?.answer(ok({ record: before.upstream.record(life), lifetimeMs: life }));
      await before.clock.pass(minutes(40) * Number(life === hours(1)));
      before.broker.beat();
      await settled();
    }
    expect([before.sessionState(), tokensSent(before).length]).toEqual(['expiring', 2]);
    return before;
  }

  it('the end of a sign-in is still known: no refresh asks for more of it', async () => {
    const after = await restarted(await ending(), minutes(15));
    after.broker.beat();
    await settled();
    expect([after.sessionState(), tokensSent(after).length]).toEqual(['expiring', 2]);
    expect(after.broker.sessions()[0]).toMatchObject({ refreshable: false, nextRefreshAt: null });
  });

  it('a sign-in that began elsewhere has an end of its own', async () => {
    const before = await ending();
    before.store.stored = before.upstream.record(minutes(29));
    const after = await restarted(before, seconds(1));
    expect(after.sessionState()).toBe('active');
    after.broker.beat();
    await settled();
    expect(tokensSent(after)).toHaveLength(3);
  });

  it('a sign-out is still one', async () => {
    const before = await testBroker();
    await before.broker.logout('work');
    const after = await restarted(before, minutes(1));
    const asked = after.get();
    await settled();
    expect(told(asked)).toBe('Signed out of "work". Run: credbroker login work');
    expect([after.upstream.probes.length, after.upstream.logins.length]).toEqual([0, 0]);
  });

  it('a sign-out is still one though the tokens could not be deleted', async () => {
    const before = await testBroker();
    before.store.removeError = new Error('read-only file system');
    await expect(before.broker.logout('work')).rejects.toThrow('read-only file system');
    expect(before.store.stored).not.toBeNull();
    const after = await restarted(before, minutes(1));
    expect(after.sessionState()).toBe('signed-out');
    expect(after.store.stored).toBeNull();
  });

  it('a sign-in that another tool has made since the sign-out is one', async () => {
    const before = await testBroker();
    await before.broker.logout('work');
    before.store.stored = before.upstream.record();
    const after = await restarted(before, minutes(1));
    expect(after.sessionState()).toBe('active');
  });

  it('a window that was open keeps another one closed, however often the daemon crashes', async () => {
    let parts = await testBroker({ stored: () => null });
    for (let crash = 0; crash < 20; crash++) {
      parts.get();
      await settled();
      parts.upstream.probes.at(-1)?.answer(unauthorized);
      await settled();
      parts = await restarted(parts, seconds(10));
    }
    expect(parts.upstream.logins).toHaveLength(1);
  });
});
